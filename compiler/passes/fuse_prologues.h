#pragma once

#include "graph/graph.h"

namespace halcyon {

/// Merges an elementwise operation on an input door (Rescaling, a normalization) into the reading of the one operation that
/// uses it, so that the door's numbers are converted as they are read, before any padding. Likewise any elementwise operation
/// before pooling whose windows do not overlap. Needs operations.
[[nodiscard]] Graph fuse_prologues(Graph graph);

}  // namespace halcyon
