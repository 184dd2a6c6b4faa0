#include "plan/memory.h"

#include <algorithm>
#include <numeric>

#include "plan/program.h"

namespace halcyon {
namespace {

struct Range {
    std::int64_t begin, end;
};

/// The smallest gap between the (sorted) ranges that holds `bytes`, else behind them all.
std::int64_t best_gap(std::vector<Range> taken, std::int64_t bytes) {
    std::sort(taken.begin(), taken.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
    std::int64_t end = 0, best = -1, best_size = 0;
    for (const Range& range : taken) {
        const std::int64_t gap = range.begin - end;
        if (gap >= bytes && (best < 0 || gap < best_size)) best = end, best_size = gap;
        end = std::max(end, range.end);
    }
    return best >= 0 ? best : end;
}

std::int64_t most_alive(const std::vector<Lifetime>& buffers) {
    int calls = 0;
    for (const Lifetime& buffer : buffers) calls = std::max(calls, buffer.last + 1);
    std::vector<std::int64_t> alive(static_cast<std::size_t>(calls), 0);
    for (const Lifetime& buffer : buffers)
        for (int call = buffer.first; call <= buffer.last; ++call)
            alive[static_cast<std::size_t>(call)] += aligned(buffer.bytes);
    return alive.empty() ? 0 : *std::max_element(alive.begin(), alive.end());
}

}  // namespace

MemoryPlan plan_memory(const std::vector<Lifetime>& buffers) {
    MemoryPlan plan;
    plan.offsets.assign(buffers.size(), 0);
    plan.lower_bound = most_alive(buffers);

    std::vector<std::size_t> order(buffers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return buffers[a].bytes > buffers[b].bytes; });

    std::vector<std::size_t> placed;
    for (std::size_t buffer : order) {
        std::vector<Range> taken;
        for (std::size_t other : placed)
            if (buffers[other].first <= buffers[buffer].last && buffers[buffer].first <= buffers[other].last)
                taken.push_back({plan.offsets[other], plan.offsets[other] + aligned(buffers[other].bytes)});
        const std::int64_t bytes = aligned(buffers[buffer].bytes);
        plan.offsets[buffer] = best_gap(std::move(taken), bytes);
        plan.bytes = std::max(plan.bytes, plan.offsets[buffer] + bytes);
        placed.push_back(buffer);
    }
    return plan;
}

}  // namespace halcyon
