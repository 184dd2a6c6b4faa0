#include "passes/absorb_padding.h"

#include "passes/small_graph.h"

namespace halcyon::testing {
namespace {

Operation pad_of(std::vector<std::int64_t> before, std::vector<std::int64_t> after, double value = 0.0) {
    return {.op = Op::pad, .pad_before = std::move(before), .pad_after = std::move(after), .pad_value = value};
}

Operation pool_of(Op op, std::int64_t pad) {
    return {.op = op, .window = {{3, 3}, {2, 2}, {1, 1}, {pad, pad}, {pad, pad}}};
}

}  // namespace

TEST_CASE("zero padding goes into the convolution behind it, on top of its own") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 5, 3});
    const NodeId padded = small.add("p", pad_of({1, 2, 0}, {0, 1, 0}), {x}, {5, 8, 3});
    small.output("y", small.convolution("c", padded, {5, 8, 2}, SmallGraph::three_by_three(1)));
    CHECK(after(absorb_padding, small) == "graph g\n"
                                          "%0 x: input() -> float32[4, 5, 3]\n"
                                          "%1 c: convolution window 3x3 stride 1x1 dilation 1x1 before 2,3 after 1,2 "
                                          "epilogue x + b [c/kernel, c/bias](%0) -> float32[5, 8, 2]\n"
                                          "return y = %1\n");
}

TEST_CASE("the layers of a padding that went into its reader count as the reader's") {
    SmallGraph small;
    const NodeId padded = small.add("p", pad_of({1, 1, 0}, {1, 1, 0}), {small.door("x", {4, 4, 3})}, {6, 6, 3});
    small.output("y", small.convolution("c", padded, {4, 4, 2}, SmallGraph::three_by_three(0)));
    CHECK(absorb_padding(small.graph).nodes.back().members == std::vector<std::string>{"p", "c"});
}

TEST_CASE("a max pool that pads nothing takes zero padding as values to compare with") {
    SmallGraph small;
    const NodeId padded = small.add("p", pad_of({1, 1, 0}, {1, 1, 0}), {small.door("x", {6, 6, 3})}, {8, 8, 3});
    small.output("y", small.add("m", pool_of(Op::max_pool, 0), {padded}, {3, 3, 3}));
    CHECK(after(absorb_padding, small) ==
          "graph g\n"
          "%0 x: input() -> float32[6, 6, 3]\n"
          "%1 m: max_pool window 3x3 stride 2x2 dilation 1x1 before 1,1 after 1,1 value 0(%0) -> float32[3, 3, 3]\n"
          "return y = %1\n");
}

TEST_CASE("padding stays before pools that would take it for something else") {
    for (const Operation& pool : {pool_of(Op::max_pool, 1), pool_of(Op::average_pool, 0)}) {
        SmallGraph small;
        const NodeId padded = small.add("p", pad_of({1, 1, 0}, {1, 1, 0}), {small.door("x", {6, 6, 3})}, {8, 8, 3});
        const std::int64_t size = pool.op == Op::max_pool ? 4 : 3;
        small.output("y", small.add("m", pool, {padded}, {size, size, 3}));
        CHECK(after(absorb_padding, small) == to_text(small.graph));
    }
}

TEST_CASE("padding of channels, with another value or of an activated value stays") {
    for (const Operation& pad : {pad_of({0, 0, 1}, {0, 0, 0}), pad_of({0, 0, 0}, {0, 0, 1}, 0.5)}) {
        SmallGraph small;
        const NodeId padded = small.add("p", pad, {small.door("x", {4, 4, 3})}, {4, 4, 4});
        small.output("y", small.convolution("c", padded, {4, 4, 2}));
        CHECK(after(absorb_padding, small) == to_text(small.graph));
    }
    SmallGraph small;
    const NodeId padded = small.add("p", pad_of({1, 1, 0}, {1, 1, 0}), {small.door("x", {4, 4, 3})}, {6, 6, 3},
                                    exp(ScalarExpr::input(0)));
    small.output("y", small.convolution("c", padded, {6, 6, 2}));
    CHECK(after(absorb_padding, small) == to_text(small.graph));
}

TEST_CASE("padding with another reader stays for that one") {
    SmallGraph small;
    const NodeId padded = small.add("p", pad_of({1, 1, 0}, {1, 1, 0}), {small.door("x", {4, 4, 3})}, {6, 6, 3});
    small.output("y", small.convolution("c", padded, {4, 4, 2}, SmallGraph::three_by_three(0)));
    small.output("z", padded);
    CHECK(after(absorb_padding, small) == "graph g\n"
                                          "%0 x: input() -> float32[4, 4, 3]\n"
                                          "%1 c: convolution window 3x3 stride 1x1 dilation 1x1 before 1,1 after 1,1 "
                                          "epilogue x + b [c/kernel, c/bias](%0) -> float32[4, 4, 2]\n"
                                          "%2 p: pad before 1,1,0 after 1,1,0(%0) -> float32[6, 6, 3]\n"
                                          "return y = %1\n"
                                          "return z = %2\n");
}

}  // namespace halcyon::testing
