#include "passes/fuse_epilogues.h"

#include "passes/small_graph.h"

namespace halcyon::testing {
namespace {

const ScalarExpr x0 = ScalarExpr::input(0), x1 = ScalarExpr::input(1);

}  // namespace

TEST_CASE("an activation becomes its producer's epilogue") {
    SmallGraph small;
    const NodeId c = small.convolution("c", small.door("x", {4, 4, 3}), {4, 4, 2});
    small.output("y", small.elementwise("r", max(x0, 0.0), {c}, {4, 4, 2}));
    CHECK(after(fuse_epilogues, small) == "graph g\n"
                                          "%0 x: input() -> float32[4, 4, 3]\n"
                                          "%1 c: convolution window 1x1 stride 1x1 dilation 1x1 before 0,0 after 0,0 "
                                          "epilogue max(x + b, 0) [c/kernel, c/bias](%0) -> float32[4, 4, 2]\n"
                                          "return y = %1\n");
    CHECK(fuse_epilogues(small.graph).nodes.back().members == std::vector<std::string>{"c", "r"});
}

TEST_CASE("a residual goes into the convolution that runs last") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 4, 2});
    const NodeId first = small.convolution("c", x, {4, 4, 2}), last = small.convolution("d", first, {4, 4, 2});
    const NodeId sum = small.elementwise("s", x0 + x1, {last, first}, {4, 4, 2});
    small.output("y", small.elementwise("r", max(x0, 0.0), {sum}, {4, 4, 2}));
    CHECK(after(fuse_epilogues, small) == "graph g\n"
                                          "%0 x: input() -> float32[4, 4, 2]\n"
                                          "%1 c: convolution window 1x1 stride 1x1 dilation 1x1 before 0,0 after 0,0 "
                                          "epilogue x + b [c/kernel, c/bias](%0) -> float32[4, 4, 2]\n"
                                          "%2 d: convolution window 1x1 stride 1x1 dilation 1x1 before 0,0 after 0,0 "
                                          "epilogue max(x + b + y, 0) [d/kernel, d/bias](%1, %1) -> float32[4, 4, 2]\n"
                                          "return y = %2\n");
}

TEST_CASE("constants of an epilogue stand behind the producer's own") {
    SmallGraph small;
    const NodeId c = small.convolution("c", small.door("x", {4, 4, 3}), {4, 4, 2});
    small.output("y", small.elementwise("s", x0 * ScalarExpr::constant(0), {c}, {4, 4, 2},
                                        {ConstantExpr::weight("alpha", {2})}));
    CHECK(after(fuse_epilogues, small) == "graph g\n"
                                          "%0 x: input() -> float32[4, 4, 3]\n"
                                          "%1 c: convolution window 1x1 stride 1x1 dilation 1x1 before 0,0 after 0,0 "
                                          "epilogue (x + b) * c [c/kernel, c/bias, alpha](%0) -> float32[4, 4, 2]\n"
                                          "return y = %1\n");
}

TEST_CASE("a gate of one number per channel is read broadcast") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 4, 3}), gate = small.door("gate", {1, 1, 2});
    const NodeId c = small.convolution("c", x, {4, 4, 2});
    small.output("y", small.elementwise("s", x0 * x1, {gate, c}, {4, 4, 2}));
    CHECK(after(fuse_epilogues, small) == "graph g\n"
                                          "%0 x: input() -> float32[4, 4, 3]\n"
                                          "%1 gate: input() -> float32[1, 1, 2]\n"
                                          "%2 c: convolution window 1x1 stride 1x1 dilation 1x1 before 0,0 after 0,0 "
                                          "epilogue y * (x + b) [c/kernel, c/bias](%0, %1) -> float32[4, 4, 2]\n"
                                          "return y = %2\n");
}

TEST_CASE("a value that others read keeps its own kernel") {
    SmallGraph small;
    const NodeId c = small.convolution("c", small.door("x", {4, 4, 3}), {4, 4, 2});
    small.output("y", small.elementwise("r", max(x0, 0.0), {c}, {4, 4, 2}));
    small.output("z", c);
    CHECK(after(fuse_epilogues, small) == to_text(small.graph));
}

TEST_CASE("an operation that grows by broadcasting is not its producer's epilogue") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 4, 2});
    const NodeId mean = small.add("m", {.op = Op::reduce_mean, .axes = {0, 1}}, {x}, {1, 1, 2});
    small.output("y", small.elementwise("s", x0 * x1, {x, mean}, {4, 4, 2}));
    CHECK(after(fuse_epilogues, small) == to_text(small.graph));
}

TEST_CASE("elementwise operations merge into one, which reads each value once") {
    SmallGraph small;
    const NodeId x = small.door("x", {6}), y = small.door("y", {6});
    const NodeId sum = small.elementwise("a", x0 + x1, {x, y}, {6});
    const NodeId product = small.elementwise("b", x0 * x1, {sum, y}, {6});
    small.output("z", small.elementwise("c", x0 - x1, {x, product}, {6}));
    CHECK(after(fuse_epilogues, small) == "graph g\n"
                                          "%0 x: input() -> float32[6]\n"
                                          "%1 y: input() -> float32[6]\n"
                                          "%2 c: elementwise epilogue x - (x + y) * y(%0, %1) -> float32[6]\n"
                                          "return z = %2\n");
}

TEST_CASE("a value that is squared is computed once") {
    SmallGraph small;
    const NodeId c = small.convolution("c", small.door("x", {4, 4, 3}), {4, 4, 2});
    small.output("y", small.elementwise("s", x0 * x1, {c, c}, {4, 4, 2}));
    CHECK(after(fuse_epilogues, small) == "graph g\n"
                                          "%0 x: input() -> float32[4, 4, 3]\n"
                                          "%1 c: convolution window 1x1 stride 1x1 dilation 1x1 before 0,0 after 0,0 "
                                          "epilogue (x + b) * (x + b) [c/kernel, c/bias](%0) -> float32[4, 4, 2]\n"
                                          "return y = %1\n");
}

}  // namespace halcyon::testing
