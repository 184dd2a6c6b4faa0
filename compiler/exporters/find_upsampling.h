#pragma once

#include "graph/graph.h"

namespace halcyon {

/// What repeats an image's rows and columns, a reshape, a broadcast and a reshape, as the one operation that it is: to
/// the nearest element. The compiler's kernels copy better than they resize; other runtimes know it by that name. Needs
/// operations.
[[nodiscard]] Graph find_upsampling(Graph graph);

}  // namespace halcyon
