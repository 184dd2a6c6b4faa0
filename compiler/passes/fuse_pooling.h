#pragma once

#include "graph/graph.h"

namespace halcyon {

/// Merges max pooling with windows of 2 that do not overlap into the convolution before it, which then stores a half or a
/// quarter of the elements.
///
/// Merges where the convolution has no other consumer and no groups, the pooling no padding, and the convolution's epilogue
/// does not fall as its argument grows (a bias, relu): the largest result of a window has the largest image then, bit by
/// bit, and the epilogue is left to do for that one alone. Needs operations with fused epilogues.
[[nodiscard]] Graph fuse_pooling(Graph graph);

}  // namespace halcyon
