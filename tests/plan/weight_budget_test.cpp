#include "plan/weight_budget.h"

#include <doctest/doctest.h>

namespace halcyon {
namespace {

/// Two calls of kernels, of which the first loses ten times as much time as the second when it has to do with 3000 bytes fewer.
Plan two_calls() {
    Plan plan;
    plan.program.constant_bytes = 8000;
    for (const double slower : {2e-3, 1.1e-3}) {
        Choice choice;
        choice.cost = 1e-3;
        choice.bytes = 4000;
        choice.tradeoffs = {{1e-3, 4000}, {slower, 1000}};
        KernelCall call;
        call.kernel = static_cast<int>(plan.choices.size());
        plan.choices.push_back(choice);
        plan.program.kernels.emplace_back();
        plan.program.calls.push_back(call);
    }
    return plan;
}

constexpr double price_of_second = 0.1e-3 / 3000, price_of_first = 1e-3 / 3000;

}  // namespace

TEST_CASE("those give way that gain least time per byte") {
    const BytePrices prices = byte_prices_for(two_calls(), 5000);
    CHECK(prices.high > price_of_second);
    CHECK(prices.high < price_of_second * 1.01);
    CHECK(byte_prices_for(two_calls(), 2000).high > price_of_first);
}

TEST_CASE("where no price is enough it is one at which the fewest bytes are chosen, and no higher") {
    const BytePrices prices = byte_prices_for(two_calls(), 100);
    CHECK(prices.high > price_of_first);
    CHECK(prices.high < price_of_first * 1.01);
}

TEST_CASE("of calls of equal tasks only as many give way as must") {
    Plan plan = two_calls();
    plan.program.calls[0].kernel = 1;
    const BytePrices prices = byte_prices_for(plan, 5000);
    CHECK(prices.low_calls == 1);
    CHECK(prices.at(0) < price_of_second);
    CHECK(prices.at(1) > price_of_second);
}

TEST_CASE("a constant counts once as it is, however often it is packed") {
    Program program;
    const ConstantExpr kernel = ConstantExpr::weight("conv/kernel", {3, 3, 5, 7});
    program.constants = {{kernel, 0, 0, {3, 3, 5, 8}, 0},
                         {kernel, 1, 0, {6, 6, 5, 8}, 0},
                         {ConstantExpr::weight("conv/bias", {7}), 0, 1, {7}, 0}};
    CHECK(plain_constant_bytes(program) == (3 * 3 * 5 * 7 + 7) * 4);
}

}  // namespace halcyon
