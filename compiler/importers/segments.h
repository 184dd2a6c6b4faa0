#pragma once

#include <optional>
#include <string>
#include <vector>

#include "importers/spec_tree.h"

namespace halcyon::importers {

/// Consecutive statements of a region that could be a block: what they read from before, and the one value that is read
/// after them.
struct Segment {
    int begin = 0, end = 0;
    std::vector<int> inputs;  ///< in the order in which they are read
    int output = -1;
    [[nodiscard]] int size() const { return end - begin; }
};

/// Who makes and reads the values of a region's statements.
class SegmentFinder {
public:
    static constexpr std::size_t most_inputs = 3;

    explicit SegmentFinder(const Region& region);
    /// Nothing where more than one value leaves, too many enter, or a layer is shared with others.
    [[nodiscard]] std::optional<Segment> closed(int begin, int end) const;
    [[nodiscard]] int last_reader(int value) const { return last_reader_[static_cast<std::size_t>(value)]; }
    [[nodiscard]] int producer(int value) const { return producer_[static_cast<std::size_t>(value)]; }

private:
    const Region& region_;
    std::vector<int> producer_, last_reader_;
};

/// What two statements must have in common to be the same line of a block: layer or block, operator, number of inputs.
[[nodiscard]] std::string key_of(const Statement& statement);

}  // namespace halcyon::importers
