#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "commands/command.h"
#include "commands/common/write_files.h"
#include "commands/common/write_names.h"
#include "syntax/format.h"

namespace halcyon::commands {
namespace {

constexpr std::uint64_t max_spec_bytes = 16u << 20;
constexpr const char* standard_input = "-";

struct Options {
    std::vector<std::string> files;
    bool check = false;
    bool names = false;
};

FileResult<std::string> read_standard_input() {
    std::string text;
    char buffer[65536];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, stdin)) {
        text.append(buffer, count);
        if (text.size() > max_spec_bytes) return FileError{fmt::format("More than {} bytes", max_spec_bytes)};
    }
    if (std::ferror(stdin) != 0) return FileError{"Input/output error"};
    return text;
}

/// In place, through links, and with the same rights.
void rewrite(const std::string& file, const std::string& text, CommandContext& context) {
    const std::string path = context.files.real_path(file);
    std::error_code unknown;
    const auto rights = std::filesystem::status(path, unknown).permissions();
    if (!write_file(path, text, context.files, context.diag) || unknown) return;
    std::filesystem::permissions(path, rights, unknown);
}

/// Each file by itself: a mistake in one must not keep the next from being formatted.
std::optional<std::string> formatted(std::uint32_t source, const Options& options, CommandContext& context) {
    Diagnostics mistakes;
    std::optional<std::string> named;
    if (options.names) named = write_names(context.sources, source, context.files, mistakes);
    if (named) source = context.sources.add(context.sources.file(source).path(), *named);
    std::optional<std::string> text;
    if (named || !options.names) text = format(context.sources, source, mistakes);
    context.diag.add_in_order({std::move(mistakes)});
    return text;
}

/// Formats one file; true if that changes it.
bool format_file(const std::string& file, const Options& options, CommandContext& context) {
    const bool from_input = file == standard_input;
    FileResult<std::string> read = from_input ? read_standard_input() : context.files.read(file, max_spec_bytes);
    const std::string name = from_input ? "<stdin>" : file;
    if (const auto* error = std::get_if<FileError>(&read)) {
        context.diag.error(Code::unreadable_file, {}, "cannot read '{}': {}", name, error->message);
        return false;
    }
    const std::uint32_t source = context.sources.add(name, std::move(std::get<std::string>(read)));
    const auto text = formatted(source, options, context);
    if (!text) return false;
    const bool changed = *text != context.sources.file(source).text();
    if (from_input) {
        fmt::print("{}", options.check ? "" : *text);
    } else if (changed && !options.check) {
        rewrite(file, *text, context);
    }
    return changed;
}

int run(const Options& options, CommandContext& context) {
    bool changed = false;
    for (const std::string& file : options.files) {
        if (!format_file(file, options, context)) continue;
        changed = true;
        if (file != standard_input) fmt::print("{}\n", file);
    }
    return options.check && changed ? 1 : 0;
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("FILE", options->files, "specs to rewrite in place; - reads one and prints it")->required();
    app.add_flag("--check", options->check, "writes nothing; status 1 if a file would change");
    app.add_flag("--names", options->names, "writes the automatic names of layers out, where one can be written");
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command fmt_command;
const Command fmt_command{"fmt", "Formats specs, and prints the names of those that changed.", declare};

}  // namespace halcyon::commands
