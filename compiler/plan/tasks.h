#pragma once

#include "graph/graph.h"
#include "kernels/candidate.h"
#include "plan/storage.h"

namespace halcyon {

/// A task and the layouts its operands have, from a computed node of a materialized graph. Epilogue operands of lower rank get
/// extents of 1 behind the batch, so that all have the output's rank.
struct PlacedTask {
    Task task;
    Candidate layouts;
};
[[nodiscard]] PlacedTask task_of(const Graph& graph, const Storage& storage, NodeId id, std::int64_t batch,
                                 int threads);

}  // namespace halcyon
