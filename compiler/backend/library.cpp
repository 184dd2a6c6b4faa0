#include "backend/library.h"

#include <llvm/Support/raw_ostream.h>

#include <algorithm>

#include "backend/driver.h"
#include "backend/header.h"
#include "backend/items_driver.h"
#include "backend/linker.h"
#include "backend/llvm_support.h"
#include "backend/manifest.h"
#include "backend/names.h"
#include "backend/objects.h"
#include "backend/program_objects.h"
#include "backend/weights_file.h"
#include "backend/weights_object.h"
#include "support/check.h"
#include "workspace.h"

namespace halcyon {

namespace {

/// Code addresses weights relative to itself, by 32 bits.
constexpr std::size_t max_embedded_weights = std::size_t{1} << 30;

std::string library_object(const std::vector<Variant>& variants, const std::string& weights_blob,
                           const LibraryOptions& options) {
    const Program& program = variants.front().program;
    std::vector<std::string> objects = program_objects(variants, {.weights_file = options.weights_file});
    if (!options.weights_file && !weights_blob.empty()) objects.push_back(make_weights_object(program, weights_blob));

    const InterfaceNames names = interface_names(program);
    std::vector<std::string> interface;
    for (const Variant& variant : variants) interface.push_back(interface_names(variant.program).run);
    if (options.weights_file) interface.push_back(names.check_weights);
    if (program.one_of_targets) interface.insert(interface.end(), {names.target, names.use_target});
    if (runs_any_items(variants)) interface.push_back(names.run_items);
    std::string object = hide_symbols(merge_objects(std::move(objects), program.target), interface);
    for (const std::string& import : imports_of(object)) {
        if (!is_allowed_import(import)) throw InternalError("the library needs '" + import + "' from outside");
    }
    return object;
}

}  // namespace

WorkspaceSize workspace_size(const Program& program, const std::vector<CompiledKernel>& kernels) {
    return workspace_size({{program, kernels}}, program);
}

WorkspaceSize workspace_size(const std::vector<Variant>& variants, const Program& program) {
    const MemoryNeeds needs = memory_needs(variants, program);
    const std::int64_t own = sizeof(halcyon_worker);
    static_assert(sizeof(halcyon_worker) == alignment && HALCYON_ALIGNMENT == alignment);
    return {needs.buffers + own + needs.first_worker, program.threads > 1 ? own + needs.further_worker : 0};
}

std::vector<LibraryFile> build_library(const std::vector<Variant>& variants, const std::string& weights_blob,
                                       const LibraryOptions& options, Diagnostics& diag) {
    CHECK_INTERNAL(!variants.empty());
    for (const Variant& variant : variants)
        CHECK_INTERNAL(static_cast<std::int64_t>(weights_blob.size()) == variant.program.constant_bytes);
    const Program& program = variants.front().program;
    if (!options.weights_file && weights_blob.size() > max_embedded_weights) {
        diag.error(Code::weights_too_large, {}, "the weights of '{}' take {} bytes; a library holds at most {}",
                   program.model, weights_blob.size(), max_embedded_weights)
            .hint = "--weights-file puts them into a file beside the library";
        return {};
    }
    std::string object;
    std::vector<LibraryFile> files;
    try {
        object = library_object(variants, weights_blob, options);
        if (options.shared && !program.target.wasm) {
            const std::string name = "lib" + program.model + ".so";
            files.push_back({name, make_shared_library(object, name, program.target)});
        }
    } catch (const TemporaryFileError& error) {
        diag.error(Code::unwritable_file, {}, "{}", error.what());
        return {};
    }
    const std::vector<std::string> imports = imports_of(object);
    const bool needs_libm = std::any_of(imports.begin(), imports.end(), is_libm);

    files.push_back({program.model + ".h", make_header(variants, options, needs_libm)});
    files.push_back({"lib" + program.model + ".a", make_archive(object, program.model + ".o")});
    files.push_back({program.model + ".json", make_manifest(variants, {object.size(), weights_blob.size()}, options)});
    if (options.weights_file) files.push_back({program.model + ".weights", weights_file(variants, weights_blob)});
    return files;
}

std::string driver_text(const Program& program, const std::vector<CompiledKernel>& kernels) {
    const auto machine = baseline_machine(program.target);
    llvm::LLVMContext context;
    const auto module = make_driver({{program, kernels}}, {}, *machine, context);
    std::string text;
    llvm::raw_string_ostream stream(text);
    module->print(stream, nullptr);
    return text;
}

}  // namespace halcyon
