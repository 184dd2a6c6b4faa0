#include "passes/fuse_prologues.h"

#include "passes/small_graph.h"

namespace halcyon::testing {
namespace {

NodeId rescaled(SmallGraph& small, NodeId input) {
    return small.elementwise("s", ScalarExpr::input(0) * (1.0 / 256) - ScalarExpr::constant(0), {input}, {4, 4, 3},
                             {ConstantExpr::weight("s/mean", {3})});
}

}  // namespace

TEST_CASE("a rescaling of a door becomes part of how the convolution reads it") {
    SmallGraph small;
    const NodeId scaled = rescaled(small, small.door("x", {4, 4, 3}, ElementType::uint8));
    small.output("y", small.convolution("c", scaled, {4, 4, 2}, SmallGraph::three_by_three(1)));
    CHECK(after(fuse_prologues, small) ==
          "graph g\n"
          "%0 x: input() -> uint8[4, 4, 3]\n"
          "%1 c: convolution window 3x3 stride 1x1 dilation 1x1 before 1,1 after 1,1 prologue x * 0.00390625 - b "
          "epilogue x + b [c/kernel, c/bias, s/mean](%0) -> float32[4, 4, 2]\n"
          "return y = %1\n");
    CHECK(fuse_prologues(small.graph).nodes.back().members == std::vector<std::string>{"s", "c"});
}

TEST_CASE("a picture that is resized, or goes into a transposed convolution, is rescaled as it is read") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 4, 3}, ElementType::uint8);
    small.output("y", small.add("r", {.op = Op::resize_bilinear}, {rescaled(small, x)}, {8, 8, 3}));
    small.output("z",
                 small.add("c", {.op = Op::transposed_convolution, .window = {{2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}}},
                           {rescaled(small, x)}, {8, 8, 2}, ScalarExpr::input(0),
                           {ConstantExpr::weight("c/kernel", {2, 2, 2, 3})}));
    const Graph fused = fuse_prologues(small.graph);
    REQUIRE(fused.nodes.size() == 3);
    CHECK(to_text(fused.nodes[1].prologue) == "x * 0.00390625 - b");
    CHECK(to_text(fused.nodes[2].prologue) == "x * 0.00390625 - b");
}

TEST_CASE("a rescaling of a door seen through a transpose is read likewise") {
    SmallGraph small;
    const NodeId turned = small.transpose("t", small.door("x", {3, 4, 4}), {1, 2, 0}, {4, 4, 3});
    small.output("y", small.convolution("c", rescaled(small, turned), {4, 4, 2}));
    CHECK(fuse_prologues(small.graph).nodes.size() == 3);
}

TEST_CASE("a rescaling before a transpose is read likewise, and its constants turn with it") {
    SmallGraph small;
    const NodeId scaled =
        small.elementwise("s", ScalarExpr::input(0) - ScalarExpr::constant(0), {small.door("x", {3, 4, 4})}, {3, 4, 4},
                          {ConstantExpr::weight("s/mean", {3, 1, 1})});
    small.output("y", small.convolution("c", small.transpose("t", scaled, {1, 2, 0}, {4, 4, 3}), {4, 4, 2}));
    const Graph fused = fuse_prologues(small.graph);
    REQUIRE(fused.nodes.size() == 3);
    CHECK(fused.nodes[1].operation.op == Op::transpose);
    CHECK(fused.nodes[2].constants.back().shape() == Shape{1, 1, 3});
}

TEST_CASE("a rescaling stays where others read it or no door is behind it") {
    SmallGraph shared;
    const NodeId scaled = rescaled(shared, shared.door("x", {4, 4, 3}));
    shared.output("y", shared.convolution("c", scaled, {4, 4, 2}));
    shared.output("z", scaled);
    CHECK(after(fuse_prologues, shared) == to_text(shared.graph));

    SmallGraph inside;
    const NodeId first = inside.convolution("b", inside.door("x", {4, 4, 3}), {4, 4, 3});
    inside.output("y", inside.convolution("c", rescaled(inside, first), {4, 4, 2}));
    CHECK(after(fuse_prologues, inside) == to_text(inside.graph));
}

TEST_CASE("an operation on a door that broadcasts it stays") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 4, 1});
    small.output("y", small.convolution("c", rescaled(small, x), {4, 4, 2}));
    CHECK(after(fuse_prologues, small) == to_text(small.graph));
}

TEST_CASE("a rescaling of a door is read through slices on either side of it, if it is the same for all elements") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 4, 3}, ElementType::uint8);
    const NodeId reversed = small.slice("r", x, {0, 0, 2}, {1, 1, -1}, {4, 4, 3});
    const NodeId scaled = small.elementwise("s", ScalarExpr::input(0) / 255.0, {reversed}, {4, 4, 3});
    const NodeId part = small.slice("p", scaled, {0, 1, 0}, {1, 1, 1}, {4, 3, 3});
    small.output("y", small.convolution("c", part, {4, 3, 2}));
    CHECK(after(fuse_prologues, small) ==
          "graph g\n"
          "%0 x: input() -> uint8[4, 4, 3]\n"
          "%1 r: slice begin 0,0,2 step 1,1,-1(%0) -> float32[4, 4, 3]\n"
          "%2 p: slice begin 0,1,0 step 1,1,1(%1) -> float32[4, 3, 3]\n"
          "%3 c: convolution window 1x1 stride 1x1 dilation 1x1 before 0,0 after 0,0 prologue x / 255 epilogue x + b "
          "[c/kernel, c/bias](%2) -> float32[4, 3, 2]\n"
          "return y = %3\n");

    SmallGraph differs;
    const NodeId mean = rescaled(differs, differs.door("x", {4, 4, 3}));
    differs.output("y", differs.convolution("c", differs.slice("p", mean, {0, 1, 0}, {1, 1, 1}, {4, 3, 3}), {4, 3, 2}));
    CHECK(after(fuse_prologues, differs) == to_text(differs.graph));
}

TEST_CASE("windows that do not overlap take what is computed of each element before them") {
    const auto pooled = [](std::int64_t size, std::int64_t stride, std::int64_t out) {
        SmallGraph small;
        const NodeId x = small.door("x", {8, 8, 3});
        const NodeId both = small.concatenate("j", {x, x}, 2, {8, 8, 6});
        const NodeId activated = small.elementwise("r", max(ScalarExpr::input(0), 0.0), {both}, {8, 8, 6});
        small.output(
            "y",
            small.add("p", {.op = Op::average_pool, .window = {{size, size}, {stride, stride}, {1, 1}, {0, 0}, {0, 0}}},
                      {activated}, {out, out, 6}));
        const Graph fused = fuse_prologues(small.graph);
        verify(fused);
        return to_text(fused.nodes.back().prologue);
    };
    CHECK(pooled(2, 2, 4) == "max(x, 0)");
    CHECK(pooled(2, 3, 3) == "max(x, 0)");
    CHECK(pooled(3, 2, 3) == "x");
}

}  // namespace halcyon::testing
