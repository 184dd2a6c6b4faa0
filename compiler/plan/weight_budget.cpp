#include "plan/weight_budget.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace halcyon {
namespace {

const Choice& choice_of(const Plan& plan, const KernelCall& call) {
    return plan.choices.at(static_cast<std::size_t>(call.kernel));
}

/// Of the cheapest of the choice's tradeoffs.
std::int64_t bytes_at(const Choice& choice, double price) {
    const auto total = [&](const Tradeoff& tradeoff) {
        return tradeoff.cost + price * static_cast<double>(tradeoff.bytes);
    };
    return std::min_element(choice.tradeoffs.begin(), choice.tradeoffs.end(),
                            [&](const Tradeoff& a, const Tradeoff& b) { return total(a) < total(b); })
        ->bytes;
}

std::int64_t constant_bytes_at(const Plan& plan, const BytePrices& prices) {
    std::int64_t bytes = plan.program.constant_bytes;
    for (std::size_t call = 0; call < plan.program.calls.size(); ++call) {
        const Choice& choice = choice_of(plan, plan.program.calls[call]);
        bytes += bytes_at(choice, prices.at(call)) - choice.bytes;
    }
    return bytes;
}

}  // namespace

std::int64_t plain_constant_bytes(const Program& program) {
    std::set<std::string> seen;
    std::int64_t bytes = 0;
    for (const Constant& constant : program.constants)
        if (seen.insert(constant.value.text()).second) bytes += element_count(constant.value.shape()) * 4;
    return bytes;
}

BytePrices byte_prices_for(const Plan& plan, std::int64_t bytes) {
    // In logarithms, from a price that no candidate minds to one of a million cycles a byte.
    double low = std::log(1e-15), high = std::log(1e-3);
    bytes = std::max(bytes, constant_bytes_at(plan, {0.0, std::exp(high), 0}));
    constexpr int halvings = 40;
    for (int i = 0; i < halvings; ++i) {
        const double middle = (low + high) / 2;
        (constant_bytes_at(plan, {0.0, std::exp(middle), 0}) <= bytes ? high : low) = middle;
    }
    BytePrices prices{std::exp(low), std::exp(high), 0};
    const std::size_t calls = plan.program.calls.size();
    while (prices.low_calls < calls &&
           constant_bytes_at(plan, {prices.low, prices.high, prices.low_calls + 1}) <= bytes)
        ++prices.low_calls;
    return prices;
}

}  // namespace halcyon
