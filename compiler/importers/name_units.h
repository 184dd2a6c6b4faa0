#pragma once

#include <vector>

#include "importers/propose_block.h"

namespace halcyon::importers {

/// Runs of statements whose layers' names begin alike, side by side with others that begin in the same way but for numbers:
/// conv2_block1, conv2_block2. Each group is aligned by what follows in the names, and by layers.
[[nodiscard]] std::vector<Alignment> units_by_name(const Region& region, const SegmentFinder& finder);

}  // namespace halcyon::importers
