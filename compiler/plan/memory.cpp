#include "plan/memory.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "plan/program.h"

namespace halcyon {
namespace {

struct Range {
    std::int64_t begin, end;
};

/// Which buffer is placed first, second, ...
using Order = std::vector<std::size_t>;

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

/// Bytes alive at each call.
std::vector<std::int64_t> bytes_alive(const std::vector<Lifetime>& buffers) {
    int calls = 0;
    for (const Lifetime& buffer : buffers) calls = std::max(calls, buffer.last + 1);
    std::vector<std::int64_t> alive(static_cast<std::size_t>(calls), 0);
    for (const Lifetime& buffer : buffers)
        for (int call = buffer.first; call <= buffer.last; ++call)
            alive[static_cast<std::size_t>(call)] += aligned(buffer.bytes);
    return alive;
}

MemoryPlan place_in_order(const std::vector<Lifetime>& buffers, const Order& order) {
    MemoryPlan plan;
    plan.offsets.assign(buffers.size(), 0);
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

/// Largest key first; equal ones as they come.
Order order_by(std::size_t count, const std::function<std::int64_t(std::size_t)>& key) {
    Order order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) > key(b); });
    return order;
}

std::vector<Order> first_orders(const std::vector<Lifetime>& buffers, const std::vector<std::int64_t>& alive) {
    const Order by_size = order_by(buffers.size(), [&](std::size_t i) { return buffers[i].bytes; });
    // Those of the most crowded call first, among them by size: the greedy-by-breadth strategy of the same paper.
    const auto crowd = [&](std::size_t i) {
        const auto first = alive.begin() + buffers[by_size[i]].first;
        return *std::max_element(first, alive.begin() + buffers[by_size[i]].last + 1);
    };
    Order by_crowd;
    for (std::size_t i : order_by(buffers.size(), crowd)) by_crowd.push_back(by_size[i]);
    const auto area = [&](std::size_t i) { return buffers[i].bytes * (buffers[i].last - buffers[i].first + 1); };
    return {by_size, by_crowd, order_by(buffers.size(), area)};
}

/// The buffer that reaches the arena's end goes first.
void raise_last(const std::vector<Lifetime>& buffers, const MemoryPlan& plan, Order& order) {
    const auto last = std::find_if(order.begin(), order.end(), [&](std::size_t buffer) {
        return plan.offsets[buffer] + aligned(buffers[buffer].bytes) == plan.bytes;
    });
    std::rotate(order.begin(), last, last + 1);
}

}  // namespace

MemoryPlan plan_memory(const std::vector<Lifetime>& buffers) {
    constexpr int most_tries = 50;
    if (buffers.empty()) return {};
    const std::vector<std::int64_t> alive = bytes_alive(buffers);
    const std::int64_t bound = *std::max_element(alive.begin(), alive.end());
    MemoryPlan best;
    for (Order& order : first_orders(buffers, alive)) {
        for (int i = 0; i < most_tries && (best.bytes == 0 || best.bytes > bound); ++i) {
            MemoryPlan plan = place_in_order(buffers, order);
            raise_last(buffers, plan, order);
            if (best.bytes == 0 || plan.bytes < best.bytes) best = std::move(plan);
        }
    }
    best.lower_bound = bound;
    return best;
}

}  // namespace halcyon
