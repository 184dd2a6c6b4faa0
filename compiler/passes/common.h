#pragma once

#include <map>
#include <vector>

#include "graph/graph.h"

// What several passes need: reading and rebuilding operation graphs.

namespace halcyon {

/// Whether the operation computes nothing and shows its input's numbers under other axes: reshape, transpose, slice.
[[nodiscard]] bool is_view(Op op);

/// Whether each of them is `value`.
[[nodiscard]] bool all_are(const std::vector<std::int64_t>& values, std::int64_t value);

/// out[i] = shape[axes[i]].
[[nodiscard]] Shape permuted(const Shape& shape, const std::vector<int>& axes);

/// A constant that broadcasts against a value, made to broadcast against the value's transpose.
[[nodiscard]] ConstantExpr transposed_constant(const ConstantExpr& constant, const std::vector<int>& axes);

/// Appends a transpose of `input` (out axis i is its axis axes[i]).
NodeId add_transpose(Graph& graph, NodeId input, std::vector<int> axes);

/// Whether the expression reads input(0) alone.
[[nodiscard]] bool reads_one_input(const ScalarExpr& expr);

/// The expression with its constants renumbered by `first`, for when constant lists are joined.
[[nodiscard]] ScalarExpr with_constants_from(const ScalarExpr& expr, int first);

/// Redirects every use of a node to another: other nodes' inputs and the graph's outputs. `to[i]` is i where nothing changes;
/// chains are followed.
void redirect(Graph& graph, const std::vector<NodeId>& to);

/// Puts the nodes back into topological order after appending, dropping those that nothing needs. Doors stay.
[[nodiscard]] Graph sorted(const Graph& graph);

}  // namespace halcyon
