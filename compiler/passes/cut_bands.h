#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace halcyon {

/// Cuts neighbouring operations on large images into bands of rows and computes them depth first: the next operation reads a band
/// while it is still in the cache, of which `cache_bytes` may be counted on. Nothing is computed twice: rows that the windows of
/// two bands share are kept. Bands are slices and concatenations, which cost nothing where rows lie outermost.
/// (Alwani et al., Fused-layer CNN accelerators, 2016, with the whole image for a reuse buffer.) Needs fused epilogues.
[[nodiscard]] Graph cut_bands(Graph graph, std::int64_t cache_bytes);

}  // namespace halcyon
