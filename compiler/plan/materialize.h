#pragma once

#include "graph/graph.h"

namespace halcyon {

/// Inserts a copy (an elementwise identity) wherever a value cannot be had as a view, so that afterwards every reshape,
/// transpose, slice and concatenation costs nothing: a reshape of a value that is not one run of memory, inside the network a
/// transpose or a slice that steps through the channels, a value that goes into two concatenations, an output that is an input.
[[nodiscard]] Graph materialize(Graph graph);

/// Whether a kernel computes the node: neither a door nor a view.
[[nodiscard]] bool is_computed(const Node& node);

}  // namespace halcyon
