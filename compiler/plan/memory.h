#pragma once

#include <cstdint>
#include <vector>

namespace halcyon {

/// A buffer's life: from its first writing call to its last reading one, inclusive.
struct Lifetime {
    std::int64_t bytes = 0;
    int first = 0;
    int last = 0;
};

struct MemoryPlan {
    std::vector<std::int64_t> offsets;  ///< by buffer, multiples of 64
    std::int64_t bytes = 0;             ///< the arena that holds all
    std::int64_t lower_bound = 0;       ///< the most bytes alive during one call: no plan can need less
};

/// Packs buffers so that those alive together do not overlap: largest first, each in the smallest gap that holds it (the
/// greedy-by-size strategy of Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020).
[[nodiscard]] MemoryPlan plan_memory(const std::vector<Lifetime>& buffers);

}  // namespace halcyon
