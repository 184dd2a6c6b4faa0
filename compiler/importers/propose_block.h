#pragma once

#include <optional>
#include <vector>

#include "importers/segments.h"

namespace halcyon::importers {

/// Segments side by side: slots[s][u] is the statement of segment u that is line s of the block, -1 where it has none.
struct Alignment {
    std::vector<Segment> units;
    std::vector<std::vector<int>> slots;
};

/// A block that could stand for segments, and the calls that would.
struct BlockProposal {
    Region block;
    std::vector<Segment> units;
    std::vector<Statement> calls;
    double saved_lines = 0.0;
};

/// The block that computes each of the segments, with a parameter for what varies and an `if` for what is not always there.
/// Nothing if there is none, because values flow differently, or it would take too many parameters.
[[nodiscard]] std::optional<BlockProposal> propose_block(const SpecTree& tree, const std::vector<TensorType>& types,
                                                         const Alignment& alignment);

}  // namespace halcyon::importers
