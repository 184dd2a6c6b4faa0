#pragma once

#include "graph/graph.h"

namespace halcyon {

/// Merges each elementwise operation into the operation before it, as its epilogue: activations, residual adds, gates.
///
/// Merges where the producer has no other consumer, has the same shape as the result, and can apply an epilogue as it stores.
/// Of several producers the last to run takes it, so that the others' results are there. Elementwise operations merge into
/// each other likewise. Needs operations; keeps values and names of outputs.
[[nodiscard]] Graph fuse_epilogues(Graph graph);

}  // namespace halcyon
