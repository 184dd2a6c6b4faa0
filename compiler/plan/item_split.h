#pragma once

#include "plan/plan.h"

namespace halcyon {

/// The first node of a materialized graph that is computed for the whole batch at once; those before it are computed item by item,
/// so that what they pass on to each other is still in cache. Worth it are those whose values of all items together leave the
/// second-level cache; not worth it are dense layers, which would read their weights for each item, and kernels that are large
/// enough for several threads only with all items. 0: everything is computed for the whole batch.
[[nodiscard]] NodeId first_node_of_whole_batch(const Graph& graph, const PlanOptions& options);

/// Whether threads had better share out the items than the work in each kernel: where none of them is idle for long.
[[nodiscard]] bool items_in_parallel(std::int64_t batch, int threads);

}  // namespace halcyon
