#include "plan/memory.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

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

/// What lies beyond the bound, each buffer by itself.
std::int64_t bytes_beyond(const std::vector<Lifetime>& buffers, const MemoryPlan& plan, std::int64_t bound) {
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < buffers.size(); ++i)
        bytes += std::max<std::int64_t>(0, plan.offsets[i] + aligned(buffers[i].bytes) - bound);
    return bytes;
}

/// From the best order on, one buffer at a time goes elsewhere, and stays there where less lies beyond the bound by that, or no
/// more: many small buffers, as bands of images have them, leave plateaus.
void climb(const std::vector<Lifetime>& buffers, std::int64_t bound, MemoryPlan& best, Order order) {
    // A step takes time with the square of the buffers; half a second in all.
    const std::size_t most_steps = std::min<std::size_t>(20000, 300'000'000 / (buffers.size() * buffers.size()));
    std::mt19937 random(1);  // its numbers, unlike those of distributions, are the same everywhere
    std::int64_t beyond = bytes_beyond(buffers, best, bound);
    for (std::size_t i = 0; i < most_steps && beyond > 0; ++i) {
        Order other = order;
        const std::size_t from = random() % order.size();
        const std::size_t to = random() % order.size();
        const std::size_t moved = other[from];
        other.erase(other.begin() + static_cast<std::ptrdiff_t>(from));
        other.insert(other.begin() + static_cast<std::ptrdiff_t>(to), moved);
        MemoryPlan plan = place_in_order(buffers, other);
        const std::int64_t still_beyond = bytes_beyond(buffers, plan, bound);
        if (still_beyond > beyond) continue;
        beyond = still_beyond;
        order = std::move(other);
        if (plan.bytes < best.bytes) best = std::move(plan);
    }
}

}  // namespace

MemoryPlan plan_memory(const std::vector<Lifetime>& buffers) {
    constexpr int most_tries = 50;
    if (buffers.empty()) return {};
    const std::vector<std::int64_t> alive = bytes_alive(buffers);
    const std::int64_t bound = *std::max_element(alive.begin(), alive.end());
    MemoryPlan best;
    Order best_order;
    for (Order& order : first_orders(buffers, alive)) {
        for (int i = 0; i < most_tries && (best.bytes == 0 || best.bytes > bound); ++i) {
            MemoryPlan plan = place_in_order(buffers, order);
            if (best.bytes == 0 || plan.bytes < best.bytes) {
                best = plan;
                best_order = order;
            }
            raise_last(buffers, plan, order);
        }
    }
    climb(buffers, bound, best, std::move(best_order));
    best.lower_bound = bound;
    return best;
}

}  // namespace halcyon
