// The program `halcyon`: finds the command, lets it run, prints diagnostics, and maps what happened to an exit status.

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>

#include "backend/build_id.h"
#include "backend/kernel_compiler.h"
#include "commands/command.h"

namespace halcyon {
namespace {

// The contract of docs/command_line.md.
constexpr int status_done = 0;
constexpr int status_input_is_wrong = 1;
constexpr int status_wrong_usage = 2;
constexpr int status_bug = 70;

int wrong_usage(const std::string& message, const std::string& hint) {
    fmt::print(stderr, "halcyon: {}\n{}\n", message, hint);
    return status_wrong_usage;
}

int report_bug(const char* what) {
    fmt::print(
        stderr,
        "halcyon: internal error: {}\n"
        "This is a bug in Halcyon, not in your input. Please report it with the command line, the spec and this text "
        "(version " HALCYON_VERSION ", build {}).\n",
        what, halcyon_build_id());
    return status_bug;
}

/// CLI11 would call a misspelled command an unexpected argument.
std::string unknown_command(const std::string& word) {
    std::vector<std::string_view> names;
    for (const Command* command : command_table()) names.push_back(command->name);
    if (word.starts_with('-') || std::find(names.begin(), names.end(), word) != names.end()) return "";
    const std::string_view near = nearest(word, names);
    return fmt::format("no command '{}'{}", word, near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

std::string own_path(const char* called_as) {
    std::error_code error;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? called_as : path.string();
}

/// A full disk shows when the buffer is written.
int finish(int status, CommandContext& context) {
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        context.diag.error(Code::unwritable_file, {}, "cannot write to standard output");
    }
    std::fputs(render(context.diag, context.sources).c_str(), stderr);
    return context.diag.has_errors() ? status_input_is_wrong : status;
}

int run(int count, char** words) {
    CLI::App app("Compiles convolutional neural networks, written as text, to native libraries.", "halcyon");
    app.set_version_flag("--version", "halcyon " HALCYON_VERSION);
    app.require_subcommand(1);
    app.get_formatter()->column_width(34);

    CommandContext context;
    context.program_path = own_path(words[0]);
    std::vector<std::pair<CLI::App*, std::function<int(CommandContext&)>>> commands;
    for (const Command* command : command_table()) {
        CLI::App* sub = app.add_subcommand(std::string(command->name), std::string(command->doc));
        commands.emplace_back(sub, command->declare(*sub));
    }

    if (count > 1) {
        if (const std::string problem = unknown_command(words[1]); !problem.empty()) {
            return wrong_usage(problem, "`halcyon --help` lists the commands.");
        }
    }
    try {
        app.parse(count, words);
    } catch (const CLI::Success& wish) {  // --help and --version
        app.exit(wish);
        return finish(status_done, context);
    } catch (const CLI::ParseError& error) {
        const auto chosen = app.get_subcommands();
        const std::string help = chosen.empty() ? "" : " " + chosen.front()->get_name();
        return wrong_usage(error.what(), fmt::format("`halcyon{} --help` says more.", help));
    }

    for (const auto& [sub, work] : commands) {
        if (sub->parsed()) return finish(work(context), context);
    }
    return status_wrong_usage;
}

}  // namespace
}  // namespace halcyon

int main(int count, char** words) {
    try {
        if (count > 1 && std::strcmp(words[1], "--compile-kernel") == 0) return halcyon::run_kernel_worker();
        return halcyon::run(count, words);
    } catch (const std::exception& error) {
        return halcyon::report_bug(error.what());
    } catch (...) {
        return halcyon::report_bug("an exception of an unknown kind");
    }
}
