#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "schedule/choose.h"

namespace halcyon {

/// What is fused and how values lie in memory, as far as it is a matter of speed alone. It holds for a network as a whole, and
/// stands in a schedule file as a task's candidate does: under network_task(), with `plan` for a family.
struct NetworkPlan {
    bool order_pooling = true;   ///< passes/order_pooling.h
    bool fuse_pooling = true;    ///< passes/fuse_pooling.h
    bool fuse_prologues = true;  ///< passes/fuse_prologues.h
    bool cut_bands = true;       ///< passes/cut_bands.h
    bool spread_pixels = true;   ///< pixels as far apart as spread_stride says, not side by side

    friend bool operator==(const NetworkPlan&, const NetworkPlan&) = default;
};

/// A choice and its name.
struct NetworkChoice {
    const char* name;
    bool NetworkPlan::* value;
};
inline constexpr std::array network_choices{
    NetworkChoice{"order_pooling", &NetworkPlan::order_pooling},
    NetworkChoice{"fuse_pooling", &NetworkPlan::fuse_pooling},
    NetworkChoice{"fuse_prologues", &NetworkPlan::fuse_prologues},
    NetworkChoice{"cut_bands", &NetworkPlan::cut_bands},
    NetworkChoice{"spread_pixels", &NetworkPlan::spread_pixels},
};

/// "network vgg16 batch 1 threads 2".
[[nodiscard]] std::string network_task(const std::string& model, std::int64_t batch, int threads);

/// The plan as a candidate of the family `plan`, and as a schedule file's line.
[[nodiscard]] Candidate to_candidate(const NetworkPlan& plan);
[[nodiscard]] std::string to_text(const NetworkPlan& plan);

/// What the schedules say of the network. What they do not mention is as in NetworkPlan; what is not legal is an error at its
/// line (06xx).
[[nodiscard]] NetworkPlan network_plan(const Schedules& schedules, const std::string& task, const std::string& target,
                                       Diagnostics& diag);

}  // namespace halcyon
