#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "plan/program.h"
#include "schedule/choose.h"

namespace halcyon {

/// How constants are to be packed, by ConstantExpr::text().
using PackedForms = std::map<std::string, PackedForm>;

/// What packed constants may take, relative to the same constants as they are: Winograd's transforms take 1.8 to 4 times, blocks
/// of filters that the last one does not fill a little more.
constexpr double weights_growth_for_speed = 2.0;
constexpr double weights_growth_for_size = 1.02;

struct PlanOptions {
    TargetInfo target;
    std::int64_t batch = 1;
    int threads = 1;
    double max_error = default_max_error;
    double weights_growth = weights_growth_for_speed;  ///< at most, where the candidates allow it
    PackedForms packed_forms;   ///< of constants that other programs of the library read; obeyed where it is possible
    bool spread_pixels = true;  ///< as NetworkPlan
};

struct Plan {
    Program program;
    std::vector<Choice> choices;  ///< one per program.kernels
};

/// From operations to the whole answer: every operation becomes a task with a chosen candidate, every value a place. Reshapes,
/// door-side transposes and concatenations are views and cost nothing; equal tasks share a kernel; a residual is updated in
/// place where that is safe. Needs a graph that has been through all passes. Sizes beyond 2^31 elements with the batch are
/// reported (03xx).
[[nodiscard]] Plan plan(const Graph& graph, const PlanOptions& options, const Schedules& schedules, Diagnostics& diag);

}  // namespace halcyon
