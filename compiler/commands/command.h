#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "support/diagnostics.h"
#include "support/file_system.h"

namespace halcyon {

/// What every command works with.
struct CommandContext {
    Sources sources;
    DiskFiles files;
    Diagnostics diag;
    std::string program_path;  ///< Halcyon itself
};

/// One command of the command line, in commands/<name>.cpp as `const Command <name>_command`. `declare` adds its options and
/// returns what to run after parsing: 0 done, 1 the input is wrong (diagnostics are rendered by main), never anything else.
struct Command {
    std::string_view name;
    std::string_view doc;
    std::function<int(CommandContext&)> (*declare)(CLI::App& app);
};

/// Every command, generated from the files of compiler/commands.
[[nodiscard]] const std::vector<const Command*>& command_table();

}  // namespace halcyon
