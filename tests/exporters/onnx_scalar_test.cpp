#include "exporters/onnx_scalar.h"

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "layers/common/activations.h"

using namespace halcyon;

namespace {

/// The operators that compute `expr` over one input of shape [4, 2, 2] in ONNX's order.
std::string operators(const ScalarExpr& expr, std::vector<ConstantExpr> constants = {}) {
    const Graph graph;
    const WeightSource no_weights;
    OnnxWriter writer(graph, 1, no_weights);
    CHECK(!write_scalar(writer, expr, {"layer", {"x"}, std::move(constants), 3, 4}).empty());
    std::vector<std::string> ops;
    for (const OnnxNode& node : writer.finish().nodes) ops.push_back(node.op);
    return fmt::format("{}", fmt::join(ops, " "));
}

std::string operators_of(const char* activation) {
    return operators(*scalar_activation(activation));
}

ConstantExpr filled(Shape shape) {
    return ConstantExpr::literal(Array(std::move(shape), 2.0));
}

}  // namespace

TEST_CASE("activations become the nodes that ONNX has for them") {
    CHECK(operators_of("relu") == "Relu");
    CHECK(operators_of("relu6") == "Clip");
    CHECK(operators_of("leaky_relu") == "LeakyRelu");
    CHECK(operators_of("elu") == "Elu");
    CHECK(operators_of("selu") == "Selu");
    CHECK(operators_of("sigmoid") == "Sigmoid");
    CHECK(operators_of("hard_sigmoid") == "HardSigmoid");
    CHECK(operators_of("hard_silu") == "HardSwish");
    CHECK(operators_of("tanh") == "Tanh");
    CHECK(operators_of("exponential") == "Exp");
    CHECK(operators_of("softplus") == "Softplus");
    CHECK(operators_of("softsign") == "Softsign");
}

TEST_CASE("activations that operator set 17 lacks become the forms that runtimes recognise") {
    CHECK(operators_of("silu") == "Sigmoid Mul");
    CHECK(operators_of("gelu") == "Div Erf Add Mul Mul");
    CHECK(operators_of("mish") == "Softplus Tanh Mul");
}

TEST_CASE("an activation of something else than an input is recognised too") {
    const ScalarExpr x = ScalarExpr::input(0);
    CHECK(operators(activations::sigmoid(x * x)) == "Mul Sigmoid");
}

TEST_CASE("a slope above 1 below zero is no LeakyRelu of the larger one") {
    const ScalarExpr x = ScalarExpr::input(0);
    CHECK(operators(max(x, 0.5 * x)) == "LeakyRelu");
    CHECK(operators(max(x, 2.0 * x)) == "Mul Max");
    CHECK(operators(activations::leaky_relu(x, 2.0)) == "LeakyRelu");
}

TEST_CASE("a factor and an offset per channel are a BatchNormalization, others arithmetic") {
    const ScalarExpr affine = ScalarExpr::input(0) * ScalarExpr::constant(0) + ScalarExpr::constant(1);
    CHECK(operators(affine, {filled({4, 1, 1}), filled({4, 1, 1})}) == "BatchNormalization");
    CHECK(operators(affine, {filled({4, 2, 2}), filled({4, 1, 1})}) == "Mul Add");
    CHECK(operators(affine, {filled({1, 2, 1}), filled({1, 2, 1})}) == "Mul Add");
    CHECK(operators(affine, {filled({1}), filled({1})}) == "Mul Add");
}

TEST_CASE("what reads no input is folded into one constant") {
    const ScalarExpr x = ScalarExpr::input(0);
    const ScalarExpr c = ScalarExpr::constant(0);
    CHECK(operators(x - sqrt(c + 1.0), {filled({4, 1, 1})}) == "Sub");
}

TEST_CASE("comparisons are numbers, and select takes them as they are") {
    const ScalarExpr x = ScalarExpr::input(0);
    CHECK(operators(less(x, 1.0) + x) == "Less Cast Add");
    CHECK(operators(select(less(x, 1.0), exp(x), x)) == "Exp Less Where");
    CHECK(operators(select(x, exp(x), x)) == "Exp Equal Where");
}
