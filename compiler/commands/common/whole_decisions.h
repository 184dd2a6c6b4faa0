#pragma once

#include <functional>
#include <optional>

#include "commands/common/tuned_network.h"

namespace halcyon {

/// What times whole networks, and how patiently.
struct WholeTiming {
    std::function<std::vector<Score>(std::span<const BuiltNetwork> networks, double seconds)> time;
    std::function<bool()> stop;  ///< the user's wish, or the end of the budget
    double seconds = 1.0;        ///< a comparison
    std::size_t most_alternatives = 6;
};

/// The network's times with the old schedules and with those that are chosen at the end.
struct WholeTimes {
    Score before, now;
};

/// Only the whole network shows what is best where kernels share caches. It is timed with what is chosen against what it was, then
/// with each choice of its plan the other way round, and with the next best option of tasks; what makes it faster is chosen. If
/// what is best task by task makes it slower, it gets its usual options back. Nothing after a mistake, which is reported.
[[nodiscard]] std::optional<WholeTimes> decide_by_the_whole(TunedNetwork& network, const TunedNetwork::Machine& machine,
                                                            const WholeTiming& timing, CommandContext& context);

}  // namespace halcyon
