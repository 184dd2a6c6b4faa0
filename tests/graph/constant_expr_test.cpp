#include <doctest/doctest.h>

#include "graph/constant_expr.h"

using namespace halcyon;

namespace {

Array weights(const std::string& name) {
    if (name == "conv/kernel") return Array({2, 3}, {1, 2, 3, 4, 5, 6});
    return Array({3}, {10, 20, 30});
}

const ConstantExpr kernel = ConstantExpr::weight("conv/kernel", {2, 3});
const ConstantExpr gamma = ConstantExpr::weight("norm/gamma", {3});
const ScalarExpr product = ScalarExpr::input(0) * ScalarExpr::input(1);

}  // namespace

TEST_CASE("a factor per filter is folded by broadcasting along the last axis") {
    const ConstantExpr folded = ConstantExpr::elementwise(product, {kernel, gamma});
    CHECK(folded.shape() == Shape{2, 3});
    const Array values = folded.evaluate(weights);
    CHECK(values.at(0, 0) == 10);
    CHECK(values.at(1, 2) == 180);
    CHECK(folded.text() == "[x * y](conv/kernel, norm/gamma)");
}

TEST_CASE("a transposed weight has its axes in the new order") {
    const ConstantExpr transposed = kernel.transposed({1, 0});
    CHECK(transposed.shape() == Shape{3, 2});
    CHECK(transposed.evaluate(weights).at(2, 0) == 3);
    CHECK(transposed.text() == "transpose(conv/kernel, (1, 0))");
}

TEST_CASE("a reshaped weight keeps its numbers in order") {
    const ConstantExpr reshaped = kernel.reshaped({3, 2});
    CHECK(reshaped.evaluate(weights).at(1, 0) == 3);
    CHECK(reshaped.text() == "reshape(conv/kernel, (3, 2))");
    CHECK(kernel.reshaped({2, 3}).text() == "conv/kernel");
}

TEST_CASE("literals of equal numbers have equal texts, others do not") {
    const ConstantExpr one = ConstantExpr::literal(Array({2}, {1, 2}));
    CHECK(one.text() == ConstantExpr::literal(Array({2}, {1, 2})).text());
    CHECK(one.text() != ConstantExpr::literal(Array({2}, {1, 3})).text());
    CHECK(one.text() != ConstantExpr::literal(Array({1, 2}, {1, 2})).text());
}

TEST_CASE("an array of three axes is transposed by the axes given") {
    const Array array({2, 1, 3}, {0, 1, 2, 3, 4, 5});
    const Array moved = array.transposed({2, 0, 1});
    CHECK(moved.shape() == Shape{3, 2, 1});
    CHECK(moved.at(2, 1, 0) == array.at(1, 0, 2));
    CHECK(moved.at(1, 0, 0) == array.at(0, 0, 1));
}
