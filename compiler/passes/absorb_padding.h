#pragma once

#include "graph/graph.h"

namespace halcyon {

/// Moves zero padding of spatial axes into the convolution or max pool that reads it, which then pads as it reads. A max pool
/// takes it only if it pads nothing itself, since its own padding is the lowest value; an average pool never, since padding
/// does not count there. Needs operations with channels last.
[[nodiscard]] Graph absorb_padding(Graph graph);

}  // namespace halcyon
