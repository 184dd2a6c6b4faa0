#pragma once

#include <vector>

#include "importers/segments.h"

namespace halcyon::importers {

struct Alignment;

/// How values flow through a block that shall stand for several segments. A source is a line of the block, or -1 - i for its
/// input i.
class BlockFlow {
public:
    /// Neighbouring lines that only some units have. Without them their result is what `passing` is.
    struct Run {
        int begin = 0, end = 0;
        std::vector<bool> present;  ///< by unit
        int result = -1;            ///< the line whose value is read after the run
        int passing = -1;
    };

    BlockFlow(const Region& region, const Alignment& alignment);

    /// Whether one block computes every unit.
    [[nodiscard]] bool sound() const { return sound_; }
    [[nodiscard]] const std::vector<Run>& runs() const { return runs_; }
    /// What a line reads.
    [[nodiscard]] const std::vector<int>& sources(std::size_t slot) const { return sources_[slot]; }
    [[nodiscard]] int output() const { return output_; }
    [[nodiscard]] std::size_t input_count() const;
    [[nodiscard]] static int input(int index) { return -1 - index; }
    /// The values that a unit reads from before it, as the block's inputs.
    [[nodiscard]] const std::vector<int>& inputs(std::size_t unit) const;
    /// The region's value that a source is in a unit, which may lack the line.
    [[nodiscard]] int value(std::size_t unit, int source) const;

private:
    bool find_sources();
    bool find_runs();
    bool choose_passing(Run& run);
    [[nodiscard]] int source_of(std::size_t unit, int value) const;
    [[nodiscard]] int resolved(std::size_t unit, int source) const;
    [[nodiscard]] bool present(int slot, std::size_t unit) const;
    bool merge(const std::vector<int>& actual, const std::vector<std::size_t>& units, int& merged);

    /// In a unit that lacks the line, what stands for its value.
    struct Substitute {
        int line = 0;
        std::size_t unit = 0;
        int actual = 0;
    };

    const Region& region_;
    const Alignment& alignment_;
    bool sound_ = false;
    std::vector<std::vector<int>> sources_;
    int output_ = -1;
    std::vector<Run> runs_;
    std::vector<Substitute> substitutes_;
};

}  // namespace halcyon::importers
