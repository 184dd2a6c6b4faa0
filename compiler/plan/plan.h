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

struct PlanOptions {
    TargetInfo target;
    std::int64_t batch = 1;
    int threads = 1;
    double max_error = default_max_error;
    PackedForms packed_forms;  ///< of constants that other programs of the library read; obeyed where it is possible
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
