#pragma once

#include "plan/plan.h"

namespace halcyon {

/// What the program's constants take as they are: float32, each once.
[[nodiscard]] std::int64_t plain_constant_bytes(const Program& program);

/// What a byte of packed constants is to cost, in KernelFamily::cost per byte: `low` for the first `low_calls` calls of a
/// program and `high` for the others.
struct BytePrices {
    double low = 0.0, high = 0.0;
    std::size_t low_calls = 0;
    [[nodiscard]] double at(std::size_t call) const { return call < low_calls ? low : high; }
};

/// The least prices at which the plan's tasks choose candidates whose packed constants take `bytes` or less, or as few as they
/// can. Two, since a price alone would move all calls of equal tasks at once.
[[nodiscard]] BytePrices byte_prices_for(const Plan& plan, std::int64_t bytes);

}  // namespace halcyon
