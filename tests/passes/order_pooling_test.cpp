#include "passes/order_pooling.h"

#include "passes/small_graph.h"

namespace halcyon::testing {
namespace {

Operation mean_of(std::int64_t size, std::int64_t stride, std::int64_t pad = 0) {
    return {.op = Op::average_pool, .window = {{size, size}, {stride, stride}, {1, 1}, {pad, pad}, {pad, pad}}};
}

}  // namespace

TEST_CASE("pooling with strides goes before the 1x1 convolution whose results it averages") {
    SmallGraph small;
    const NodeId c = small.convolution("c", small.door("x", {8, 8, 6}), {8, 8, 4});
    small.output("y", small.add("p", mean_of(2, 2), {c}, {4, 4, 4}));
    CHECK(after(order_pooling, small) ==
          "graph g\n"
          "%0 x: input() -> float32[8, 8, 6]\n"
          "%1 p: average_pool window 2x2 stride 2x2 dilation 1x1 before 0,0 after 0,0(%0) -> float32[4, 4, 6]\n"
          "%2 c: convolution window 1x1 stride 1x1 dilation 1x1 before 0,0 after 0,0 epilogue x + b "
          "[c/kernel, c/bias](%1) -> float32[4, 4, 4]\n"
          "return y = %2\n");
}

TEST_CASE("a 1x1 convolution to fewer channels goes before pooling, and its bias behind it") {
    SmallGraph small;
    const NodeId p = small.add("p", mean_of(3, 1, 1), {small.door("x", {8, 8, 6})}, {8, 8, 6});
    small.output("y", small.convolution("c", p, {8, 8, 4}));
    CHECK(after(order_pooling, small) ==
          "graph g\n"
          "%0 x: input() -> float32[8, 8, 6]\n"
          "%1 c: convolution window 1x1 stride 1x1 dilation 1x1 before 0,0 after 0,0 [c/kernel](%0) -> "
          "float32[8, 8, 4]\n"
          "%2 p: average_pool window 3x3 stride 1x1 dilation 1x1 before 1,1 after 1,1 epilogue x + b "
          "[c/bias](%1) -> float32[8, 8, 4]\n"
          "return y = %2\n");
}

TEST_CASE("a swap says which layer's value comes out behind it, and that none does between") {
    SmallGraph small;
    const NodeId c = small.convolution("c", small.door("x", {8, 8, 6}), {8, 8, 4});
    const NodeId p = small.add("p", mean_of(2, 2), {c}, {4, 4, 4});
    small.graph.nodes[1].origin.node = 1;
    small.graph.nodes[2].origin.node = 2;
    small.output("y", p);
    const Graph swapped = order_pooling(small.graph);
    CHECK(swapped.nodes[1].origin.node == -1);
    CHECK(swapped.nodes[2].origin.node == 2);
}

TEST_CASE("an order that is the cheaper one already stays") {
    SmallGraph small;
    const NodeId x = small.door("x", {8, 8, 4});
    const NodeId p = small.add("p", mean_of(2, 2), {x}, {4, 4, 4});
    small.output("y", small.convolution("c", p, {4, 4, 2}));
    const NodeId wide = small.add("q", mean_of(3, 1, 1), {x}, {8, 8, 4});
    small.output("z", small.convolution("d", wide, {8, 8, 8}));
    CHECK(after(order_pooling, small) == to_text(small.graph));
}

TEST_CASE("what is not linear, or has another reader, is not swapped") {
    SmallGraph small;
    const NodeId x = small.door("x", {8, 8, 6});
    const NodeId activated = small.convolution("a", x, {8, 8, 4});
    small.graph.nodes.back().epilogue = max(small.graph.nodes.back().epilogue, 0.0);
    small.output("ya", small.add("pa", mean_of(2, 2), {activated}, {4, 4, 4}));

    Operation largest = mean_of(2, 2);
    largest.op = Op::max_pool;
    small.output("yb", small.add("pb", largest, {small.convolution("b", x, {8, 8, 4})}, {4, 4, 4}));

    const NodeId window = small.convolution("c", x, {8, 8, 4}, SmallGraph::three_by_three(1));
    small.output("yc", small.add("pc", mean_of(2, 2), {window}, {4, 4, 4}));

    const NodeId shared = small.convolution("d", x, {8, 8, 4});
    small.output("yd", small.add("pd", mean_of(2, 2), {shared}, {4, 4, 4}));
    small.output("shared", shared);
    CHECK(after(order_pooling, small) == to_text(small.graph));
}

TEST_CASE("pooling with windows wholly outside of the image stays, since zeros have no bias") {
    SmallGraph small;
    const NodeId c = small.convolution("c", small.door("x", {8, 8, 6}), {8, 8, 4});
    small.output("y", small.add("p", mean_of(2, 2, 2), {c}, {6, 6, 4}));
    CHECK(after(order_pooling, small) == to_text(small.graph));
}

}  // namespace halcyon::testing
