#pragma once

#include <vector>

#include "graph/graph.h"
#include "plan/program.h"
#include "schedule/choose.h"

namespace halcyon {

struct PlanOptions {
    TargetInfo target;
    std::int64_t batch = 1;
    int threads = 1;
    double max_error = default_max_error;
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
