#include "graph/imports.h"

#include <algorithm>
#include <array>

#include "graph/built_in_blocks.h"
#include "graph/interpreter.h"
#include "graph/keras_names.h"
#include "syntax/parse.h"

namespace halcyon::language {
namespace {

constexpr std::uint64_t max_file_bytes = std::uint64_t{16} << 20;

std::vector<std::string> split(std::string_view dotted) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t dot = dotted.find('.');
        parts.emplace_back(dotted.substr(0, dot));
        if (dot == std::string_view::npos) return parts;
        dotted.remove_prefix(dot + 1);
    }
}

void bind_name(Elaboration& elaboration, const std::string& name, const LanguageValue& value) {
    elaboration.frame().environment->names[name] = value;
}

bool is_keras(std::string_view root) {
    constexpr auto roots = std::to_array<std::string_view>({"keras",
                                                            "tensorflow",
                                                            "tf",
                                                            "tf_keras",
                                                            "__future__",
                                                            "typing",
                                                            "math",
                                                            "numpy",
                                                            "copy",
                                                            "warnings",
                                                            "tensorflow_datasets",
                                                            "datetime",
                                                            "json",
                                                            "matplotlib",
                                                            "os",
                                                            "pandas",
                                                            "pathlib",
                                                            "PIL",
                                                            "random",
                                                            "sklearn",
                                                            "sys",
                                                            "time"});
    return std::find(roots.begin(), roots.end(), root) != roots.end();
}

/// tensorflow.keras.layers, as far as it is known.
std::optional<LanguageValue> find_keras_module(Elaboration& elaboration, const std::vector<std::string>& parts) {
    std::optional<LanguageValue> value = find_global_name(parts[0] == "tf_keras" ? "keras" : parts[0]);
    for (std::size_t i = 1; value && i < parts.size(); ++i) {
        const auto* keras = value->get<const KerasNamespace*>();
        if (keras == nullptr) return std::nullopt;
        value = find_in_namespace(elaboration, **keras, parts[i]);
    }
    return value;
}

void import_keras(Elaboration& elaboration, const ast::Import& import, const std::vector<std::string>& parts) {
    const auto module = find_keras_module(elaboration, parts);
    for (const ast::Import::Alias& alias : import.names) {
        std::optional<LanguageValue> value = module;
        if (import.from) {
            const auto* keras = module ? module->get<const KerasNamespace*>() : nullptr;
            value = keras ? find_in_namespace(elaboration, **keras, alias.name) : std::nullopt;
            if (module && module->is_poison()) value = *module;
            if (value) bind_name(elaboration, alias.as.empty() ? alias.name : alias.as, *value);
        } else if (value && !alias.as.empty()) {
            bind_name(elaboration, alias.as, *value);
        }
    }
}

/// A file's place as shown, and its text where that is not on a disk.
struct ImportedFile {
    std::string path;
    std::optional<std::string_view> built_in = std::nullopt;
};

/// The file beside the importing one, else the built-in one of that name; nothing after a mistake, which is reported.
std::optional<ImportedFile> find_file(Elaboration& elaboration, const ast::Import& import) {
    std::string_view name = import.module;
    if (name.starts_with('.')) name.remove_prefix(1);
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_part)) {
        elaboration.error(Code::import_failed, import.module_span,
                          "only files in the same folder can be imported, not '{}'", import.module);
        return std::nullopt;
    }
    const std::string importing = elaboration.importing.back()->path;
    const std::string path = join_path(folder_of(importing), fmt::format("{}.hcn", name));
    if (!elaboration.files.exists(path)) {
        const auto text = import.module.starts_with('.') ? std::nullopt : built_in_blocks(name);
        if (text) return ImportedFile{fmt::format("<halcyon>/{}.hcn", name), text};
        Diagnostic& d = elaboration.error(Code::import_failed, import.module_span, "there is no file '{}'", path);
        d.hint = "specs import Keras, which means nothing, and .hcn files beside them";
        return std::nullopt;
    }
    const std::string folder = elaboration.files.real_path(folder_of(importing));
    if (folder_of(elaboration.files.real_path(path)) != folder) {
        elaboration.error(Code::import_failed, import.module_span, "'{}' is a link that leads out of its folder", path);
        return std::nullopt;
    }
    return ImportedFile{path};
}

void report_cycle(Elaboration& elaboration, const LoadedModule& module, Span span) {
    std::string chain;
    for (const LoadedModule* file : elaboration.importing) {
        if (file == &module || !chain.empty()) chain += fmt::format("{} -> ", file_name_of(file->path));
    }
    elaboration.error(Code::import_cycle, span, "specs import each other in a circle: {}{}", chain,
                      file_name_of(module.path));
}

/// The file's names; null after a mistake, which is reported.
const LoadedModule* load(Elaboration& elaboration, const ast::Import& import) {
    const std::optional<ImportedFile> imported = find_file(elaboration, import);
    if (!imported) return nullptr;
    const std::string& path = imported->path;
    const auto known = elaboration.modules.find(elaboration.files.real_path(path));
    if (known != elaboration.modules.end()) {
        if (!known->second->running) return known->second.get();
        report_cycle(elaboration, *known->second, import.module_span);
        return nullptr;
    }
    if (elaboration.importing.size() >= static_cast<std::size_t>(Elaboration::max_calls)) {
        elaboration.error(Code::limit_exceeded, import.module_span, "imports are nested more than {} deep",
                          Elaboration::max_calls);
        return nullptr;
    }
    FileResult<std::string> text = imported->built_in ? FileResult<std::string>(std::string(*imported->built_in))
                                                      : elaboration.files.read(path, max_file_bytes);
    if (const auto* error = std::get_if<FileError>(&text)) {
        elaboration.error(Code::import_failed, import.module_span, "'{}' cannot be read: {}", path, error->message);
        return nullptr;
    }
    const std::uint32_t file = elaboration.sources.add(path, std::move(std::get<std::string>(text)));
    std::optional<ast::Module> tree = parse(elaboration.sources, file, elaboration.diag);
    if (!tree) {
        LoadedModule& failed =
            *(elaboration.modules[elaboration.files.real_path(path)] = std::make_unique<LoadedModule>());
        failed.path = path;
        failed.running = false;
        failed.failed = true;
        return &failed;
    }
    return &run_module(elaboration, elaboration.imported_trees.emplace_back(std::move(*tree)), path);
}

void take_name(Elaboration& elaboration, const LoadedModule* module, const ast::Import::Alias& alias) {
    const std::string& name = alias.as.empty() ? alias.name : alias.as;
    bind_name(elaboration, name, Poison{});
    if (module == nullptr || module->failed) return;
    const auto found = module->globals.names.find(alias.name);
    if (found != module->globals.names.end()) return bind_name(elaboration, name, found->second);
    std::vector<std::string_view> known;
    for (const auto& [other, value] : module->globals.names) known.push_back(other);
    Diagnostic& d =
        elaboration.error(Code::import_unknown_name, alias.span, "'{}' does not define '{}'", module->path, alias.name);
    if (const auto similar = nearest(alias.name, known); !similar.empty())
        d.hint = fmt::format("did you mean '{}'?", similar);
}

}  // namespace

LoadedModule& run_module(Elaboration& elaboration, const ast::Module& tree, const std::string& path) {
    auto& place = elaboration.modules[elaboration.files.real_path(path)];
    place = std::make_unique<LoadedModule>();
    LoadedModule& module = *place;
    module.path = path;
    Scope& scope = elaboration.scopes.emplace_back();
    scope.top_level = true;
    const int errors_before = elaboration.diag.error_count();
    elaboration.importing.push_back(&module);
    elaboration.frames.push_back({&module.globals, &scope, nullptr, {}, std::nullopt, nullptr});
    run_block(elaboration, tree.body);
    elaboration.frames.pop_back();
    elaboration.importing.pop_back();
    module.running = false;
    module.failed = elaboration.diag.error_count() > errors_before;
    return module;
}

void run_import(Elaboration& elaboration, const ast::Import& import, Span span) {
    const std::vector<std::string> parts = split(import.module);
    if (is_keras(parts[0])) return import_keras(elaboration, import, parts);
    if (elaboration.frame().def != nullptr) {
        elaboration.error(Code::not_supported, span, "imports stand at the top level of a file");
        return;
    }
    const LoadedModule* module = load(elaboration, import);
    if (!import.from) {
        const ast::Import::Alias& alias = import.names.front();
        const std::string& name = alias.as.empty() ? alias.name : alias.as;
        bind_name(elaboration, name, module ? LanguageValue(module) : LanguageValue(Poison{}));
        return;
    }
    if (import.star && module != nullptr) {
        for (const auto& [name, value] : module->globals.names) {
            if (!name.starts_with('_')) bind_name(elaboration, name, value);
        }
    }
    for (const ast::Import::Alias& alias : import.names) take_name(elaboration, module, alias);
}

}  // namespace halcyon::language
