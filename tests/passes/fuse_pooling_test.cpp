#include "passes/fuse_pooling.h"

#include "passes/small_graph.h"

namespace halcyon::testing {
namespace {

Operation largest_of(std::int64_t size, std::int64_t stride, std::int64_t pad = 0) {
    return {.op = Op::max_pool, .window = {{size, size}, {stride, stride}, {1, 1}, {pad, pad}, {pad, pad}}};
}

ScalarExpr relu(const ScalarExpr& x) {
    return max(x, 0.0);
}

}  // namespace

TEST_CASE("pooling becomes part of the convolution before it, with what follows the convolution and the pooling") {
    SmallGraph small;
    const NodeId x = small.door("x", {8, 9, 3});
    const NodeId c = small.convolution("c", x, {8, 9, 4}, SmallGraph::three_by_three(1));
    small.graph.nodes.back().epilogue = relu(small.graph.nodes.back().epilogue);
    const NodeId other = small.door("o", {4, 4, 4});
    const NodeId p = small.add("p", largest_of(2, 2), {c}, {4, 4, 4});
    small.graph.nodes.back().inputs.push_back(other);
    small.graph.nodes.back().constants = {ConstantExpr::weight("s/scale", {4})};
    small.graph.nodes.back().epilogue = ScalarExpr::input(0) * ScalarExpr::constant(0) + ScalarExpr::input(1);
    small.output("y", p);
    CHECK(after(fuse_pooling, small) ==
          "graph g\n"
          "%0 x: input() -> float32[8, 9, 3]\n"
          "%1 o: input() -> float32[4, 4, 4]\n"
          "%2 c: convolution window 3x3 stride 1x1 dilation 1x1 before 1,1 after 1,1 pooled 2x2 epilogue "
          "max(x + b, 0) * c + y [c/kernel, c/bias, s/scale](%0, %1) -> float32[4, 4, 4]\n"
          "return y = %2\n");
    CHECK(fuse_pooling(small.graph).nodes.back().members == std::vector<std::string>{"c", "p"});
}

TEST_CASE("pooling stays whose windows overlap, are large or reach outside") {
    for (const Operation& pool : {largest_of(3, 2), largest_of(2, 1), largest_of(3, 3), largest_of(2, 2, 1)}) {
        SmallGraph small;
        const NodeId c = small.convolution("c", small.door("x", {9, 9, 3}), {9, 9, 4});
        const std::int64_t pad = pool.window.pad_before[0];
        const std::int64_t extent = (9 + 2 * pad - pool.window.size[0]) / pool.window.stride[0] + 1;
        small.output("y", small.add("p", pool, {c}, {extent, extent, 4}));
        CHECK(after(fuse_pooling, small) == to_text(small.graph));
    }
}

TEST_CASE("pooling stays behind what may fall as its argument grows") {
    const ScalarExpr x = ScalarExpr::input(0);
    for (const ScalarExpr& epilogue : {-x, x * ScalarExpr::constant(1), abs(x), 1.0 - x, x * x, x / (1.0 + exp(-x))}) {
        SmallGraph small;
        const NodeId c = small.convolution("c", small.door("x", {8, 8, 3}), {8, 8, 4});
        small.graph.nodes.back().epilogue = epilogue;
        small.output("y", small.add("p", largest_of(2, 2), {c}, {4, 4, 4}));
        CHECK(after(fuse_pooling, small) == to_text(small.graph));
    }
}

TEST_CASE("pooling stays behind a convolution with another reader, or with groups, and behind averages of windows") {
    SmallGraph small;
    const NodeId x = small.door("x", {8, 8, 4});
    const NodeId shared = small.convolution("c", x, {8, 8, 4});
    small.output("y", small.add("p", largest_of(2, 2), {shared}, {4, 4, 4}));
    small.output("z", shared);
    const NodeId depthwise =
        small.add("d", {.op = Op::convolution, .window = SmallGraph::one_by_one(), .groups = 4}, {x}, {8, 8, 4},
                  ScalarExpr::input(0), {ConstantExpr::weight("d/kernel", {1, 1, 1, 4})});
    small.output("q", small.add("q", largest_of(2, 2), {depthwise}, {4, 4, 4}));
    Operation mean = largest_of(2, 2);
    mean.op = Op::average_pool;
    small.output("m", small.add("m", mean, {small.convolution("e", x, {8, 8, 4})}, {4, 4, 4}));
    CHECK(after(fuse_pooling, small) == to_text(small.graph));
}

}  // namespace halcyon::testing
