#include "passes/fold_affine.h"

#include "passes/small_graph.h"

namespace halcyon::testing {
namespace {

/// (x - mean) / sqrt(variance + 0.5) * gamma + beta, one number of each per channel.
NodeId normalization(SmallGraph& small, const std::string& name, NodeId input) {
    const Shape shape = small.graph.nodes[static_cast<std::size_t>(input)].type.shape;
    const auto weight = [&](const char* part) { return ConstantExpr::weight(name + "/" + part, {shape.back()}); };
    const auto c = [](int k) { return ScalarExpr::constant(k); };
    return small.elementwise(name, (ScalarExpr::input(0) - c(0)) / sqrt(c(1) + 0.5) * c(2) + c(3), {input}, shape,
                             {weight("mean"), weight("variance"), weight("gamma"), weight("beta")});
}

double weight_value(const std::string& name) {
    if (name.ends_with("/kernel")) return 3.0;
    if (name.ends_with("/bias")) return 5.0;
    if (name.ends_with("/mean")) return 2.0;
    if (name.ends_with("/variance")) return 3.5;
    return name.ends_with("/gamma") ? 8.0 : 0.25;
}

/// A constant's first element where every weight has equal elements.
double value_of(const ConstantExpr& constant) {
    return constant
        .evaluate([](const std::string& name) {
            return Array(name.ends_with("/kernel") ? Shape{1, 1, 3, 2} : Shape{2}, weight_value(name));
        })
        .values()[0];
}

}  // namespace

TEST_CASE("a normalization goes into the kernel and bias of the convolution before it") {
    SmallGraph small;
    const NodeId convolution = small.convolution("c", small.door("x", {4, 4, 3}), {4, 4, 2});
    small.output("y", normalization(small, "n", convolution));
    verify(small.graph);
    const Graph result = fold_affine(small.graph);
    verify(result);
    REQUIRE(result.nodes.size() == 2);
    const Node& folded = result.nodes[1];
    CHECK(folded.operation == small.graph.nodes[1].operation);
    CHECK(folded.members == std::vector<std::string>{"c", "n"});
    CHECK(to_text(folded.epilogue) == "x + b");
    REQUIRE(folded.constants.size() == 2);
    CHECK(folded.constants[0].shape() == Shape{1, 1, 3, 2});
    CHECK(folded.constants[1].shape() == Shape{2});
    // Scale is gamma / sqrt(variance + 0.5) = 4, shift beta - mean * scale.
    CHECK(value_of(folded.constants[0]) == doctest::Approx(3.0 * 4.0));
    CHECK(value_of(folded.constants[1]) == doctest::Approx((5.0 - 2.0) * 4.0 + 0.25));
}

TEST_CASE("two normalizations fold one after the other") {
    SmallGraph small;
    const NodeId convolution = small.convolution("c", small.door("x", {4, 4, 3}), {4, 4, 2});
    small.output("y", normalization(small, "m", normalization(small, "n", convolution)));
    const Graph result = fold_affine(small.graph);
    verify(result);
    REQUIRE(result.nodes.size() == 2);
    CHECK(value_of(result.nodes[1].constants[0]) == doctest::Approx(3.0 * 4.0 * 4.0));
    CHECK(value_of(result.nodes[1].constants[1]) == doctest::Approx((12.25 - 2.0) * 4.0 + 0.25));
}

TEST_CASE("a normalization behind a value that others read stays") {
    SmallGraph small;
    const NodeId convolution = small.convolution("c", small.door("x", {4, 4, 3}), {4, 4, 2});
    small.output("y", normalization(small, "n", convolution));
    small.output("z", convolution);
    CHECK(after(fold_affine, small) == to_text(small.graph));
}

TEST_CASE("a normalization behind an activation or a pool stays") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 4, 3});
    const NodeId convolution = small.convolution("c", x, {4, 4, 2});
    small.graph.nodes[static_cast<std::size_t>(convolution)].epilogue = max(ScalarExpr::input(0), 0.0);
    small.output("y", normalization(small, "n", convolution));
    const NodeId pool = small.add("p", {.op = Op::max_pool, .window = SmallGraph::three_by_three(1)}, {x}, {4, 4, 3});
    small.output("z", normalization(small, "m", pool));
    CHECK(after(fold_affine, small) == to_text(small.graph));
}

TEST_CASE("a normalization scales the filters of a transposed convolution, which come before its channels") {
    SmallGraph small;
    const NodeId c =
        small.add("c", {.op = Op::transposed_convolution, .window = {{2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}}},
                  {small.door("x", {4, 4, 3})}, {8, 8, 2}, ScalarExpr::input(0),
                  {ConstantExpr::weight("c/kernel", {2, 2, 2, 3})});
    small.output("y", small.elementwise("n", ScalarExpr::input(0) * ScalarExpr::constant(0), {c}, {8, 8, 2},
                                        {ConstantExpr::weight("n/gamma", {2})}));
    verify(small.graph);
    const Graph result = fold_affine(small.graph);
    verify(result);
    REQUIRE(result.nodes.size() == 2);
    const Array kernel = result.nodes[1].constants[0].evaluate(
        [](const std::string& name) { return name == "n/gamma" ? Array({2}, {10, 100}) : Array({2, 2, 2, 3}, 1.0); });
    CHECK(kernel.at(0, 1, 0, 2) == 10.0);
    CHECK(kernel.at(1, 0, 1, 0) == 100.0);
}

TEST_CASE("what has a constant per pixel or is no affine function stays") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 4, 3});
    const ScalarExpr in = ScalarExpr::input(0), constant = ScalarExpr::constant(0);
    const NodeId c = small.convolution("c", x, {4, 4, 2});
    small.output("y", small.elementwise("s", in * constant, {c}, {4, 4, 2}, {ConstantExpr::weight("map", {4, 4, 1})}));
    const NodeId d = small.convolution("d", x, {4, 4, 2});
    small.output("z", small.elementwise("t", in * in + constant, {d}, {4, 4, 2}, {ConstantExpr::weight("shift", {2})}));
    CHECK(after(fold_affine, small) == to_text(small.graph));
}

}  // namespace halcyon::testing
