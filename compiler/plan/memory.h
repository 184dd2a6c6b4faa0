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

/// Packs buffers so that those alive together do not overlap: one after the other, each in the smallest gap that holds it, in
/// several orders, of which the best counts: largest first, the most crowded call's first (both by Pisarchyk and Lee,
/// "Efficient Memory Management for Deep Neural Net Inference", 2020), largest area first; and from each of them on, orders
/// where what reached the arena's end goes first. Stops at the lower bound.
[[nodiscard]] MemoryPlan plan_memory(const std::vector<Lifetime>& buffers);

}  // namespace halcyon
