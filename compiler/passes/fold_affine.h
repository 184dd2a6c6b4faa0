#pragma once

#include "graph/graph.h"

namespace halcyon {

/// Multiplies a per-channel affine operation (batch normalization, Rescaling) into the kernel of the convolution or dense
/// operation before it: conv(x, w) * s + t = conv(x, w * s) + t.
///
/// Folds where the producer has no other consumer, its own epilogue is affine per channel (a bias), and nothing (padding,
/// activation) stands between. Weights stay symbolic: products are evaluated in double when they are packed.
[[nodiscard]] Graph fold_affine(Graph graph);

}  // namespace halcyon
