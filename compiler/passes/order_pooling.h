#pragma once

#include "graph/graph.h"

namespace halcyon {

/// Puts average pooling and a 1x1 convolution next to it into the order that takes fewer operations.
///
/// Both are linear, one over pixels and one over channels, and the shares of a window add up to one, so that pooling what a
/// convolution with a bias gives is the convolution with that bias of what is pooled. Pooling with strides goes first, as
/// in DenseNet's transitions; a convolution to fewer channels goes before pooling without strides, as in Inception's
/// branches. Swaps where the first of both has no other consumer. Needs operations with folded affine epilogues.
[[nodiscard]] Graph order_pooling(Graph graph);

}  // namespace halcyon
