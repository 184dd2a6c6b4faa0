#pragma once

#include <vector>

#include "graph/graph.h"
#include "plan/program.h"

namespace halcyon {

/// A piece of memory that holds one or several values.
struct Buffer {
    Place::Kind kind = Place::Kind::workspace;
    int door = 0;
    std::int64_t bytes = 0;
    std::int64_t item_bytes = 0;  ///< from one item of the batch to the next
};

/// How a value is seen: in which buffer, from which element on, with which strides (for its shape with the batch in front).
struct View {
    int buffer = -1;
    std::int64_t offset = 0;  ///< in elements
    Layout layout;
};

struct Storage {
    std::vector<Buffer> buffers;
    std::vector<View> views;  ///< by node
};

/// The node's shape with the batch in front.
[[nodiscard]] Shape batched(std::int64_t batch, const Shape& shape);

/// From a tensor's first element in memory to behind its last, in elements.
[[nodiscard]] std::int64_t span_of(const Layout& layout, const Shape& shape);

/// Gives every node its view; with `spread_pixels` those of many channels lie as far apart as spread_stride says. Needs a
/// materialized graph.
[[nodiscard]] Storage assign_storage(const Graph& graph, std::int64_t batch, bool spread_pixels = true);

}  // namespace halcyon
