#include <fmt/format.h>

#include "commands/command.h"
#include "commands/common/table.h"
#include "kernels/target_info.h"

namespace halcyon::commands {
namespace {

int run(CommandContext& /*context*/) {
    Table table({"name", "runs here", "what it is"});
    for (const NamedTarget& named : named_targets()) {
        std::string why;
        const std::optional<TargetInfo> target = find_target(named.name, why);
        table.add({std::string(named.name), !target ? why : runs_here(*target) ? "yes" : "no", std::string(named.doc)});
    }
    fmt::print("{}\nA full Halide target string, such as x86-64-linux-avx2-fma, is a target as well.\n", table.text());
    return 0;
}

std::function<int(CommandContext&)> declare(CLI::App& /*app*/) {
    return run;
}

}  // namespace

extern const Command targets_command;
const Command targets_command{"targets", "Lists what Halcyon can compile for.", declare};

}  // namespace halcyon::commands
