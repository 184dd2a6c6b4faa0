#include "passes/cancel_views.h"

#include "passes/small_graph.h"

namespace halcyon::testing {

TEST_CASE("transposes that are each other's inverse vanish") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 5, 3});
    const NodeId first = small.transpose("a", x, {2, 0, 1}, {3, 4, 5});
    small.output("y", small.elementwise("r", 2.0 * ScalarExpr::input(0),
                                        {small.transpose("b", first, {1, 2, 0}, {4, 5, 3})}, {4, 5, 3}));
    CHECK(after(cancel_views, small) == "graph g\n"
                                        "%0 x: input() -> float32[4, 5, 3]\n"
                                        "%1 r: elementwise epilogue 2 * x(%0) -> float32[4, 5, 3]\n"
                                        "return y = %1\n");
}

TEST_CASE("a transpose sinks through elementwise operations, whose constants turn with it") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 5, 3});
    const NodeId turned = small.transpose("t", x, {2, 0, 1}, {3, 4, 5});
    const ConstantExpr scale = ConstantExpr::weight("scale", {3, 1, 1});
    small.output("y",
                 small.elementwise("s", ScalarExpr::input(0) * ScalarExpr::constant(0), {turned}, {3, 4, 5}, {scale}));
    CHECK(after(cancel_views, small) ==
          "graph g\n"
          "%0 x: input() -> float32[4, 5, 3]\n"
          "%1 s: elementwise epilogue x * b [transpose(scale, (1, 2, 0))](%0) -> float32[4, 5, 3]\n"
          "%2 s: transpose axes 2,0,1(%1) -> float32[3, 4, 5]\n"
          "return y = %2\n");
}

TEST_CASE("a transpose sinks through concatenations and pads, whose axes turn with it") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 5, 3});
    const NodeId y = small.door("y", {4, 5, 2});
    const NodeId joined = small.concatenate(
        "j", {small.transpose("a", x, {2, 0, 1}, {3, 4, 5}), small.transpose("b", y, {2, 0, 1}, {2, 4, 5})}, 0,
        {5, 4, 5});
    const NodeId padded =
        small.add("p", {.op = Op::pad, .pad_before = {0, 1, 2}, .pad_after = {0, 3, 4}}, {joined}, {5, 8, 11});
    small.output("z", padded);
    CHECK(after(cancel_views, small) == "graph g\n"
                                        "%0 x: input() -> float32[4, 5, 3]\n"
                                        "%1 y: input() -> float32[4, 5, 2]\n"
                                        "%2 j: concatenate axes 2(%0, %1) -> float32[4, 5, 5]\n"
                                        "%3 p: pad before 1,2,0 after 3,4,0(%2) -> float32[8, 11, 5]\n"
                                        "%4 p: transpose axes 2,0,1(%3) -> float32[5, 8, 11]\n"
                                        "return z = %4\n");
}

TEST_CASE("inputs that are turned differently keep their transposes") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 4, 4});
    const NodeId a = small.transpose("a", x, {2, 0, 1}, {4, 4, 4}), b = small.transpose("b", x, {1, 2, 0}, {4, 4, 4});
    small.output("y", small.elementwise("s", ScalarExpr::input(0) + ScalarExpr::input(1), {a, b}, {4, 4, 4}));
    CHECK(after(cancel_views, small) == to_text(small.graph));
}

TEST_CASE("a transpose before a flattened dense layer goes into the rows of its kernel") {
    SmallGraph small;
    const NodeId x = small.door("x", {2, 5, 3});
    const NodeId flat = small.reshape("f", small.transpose("t", x, {2, 0, 1}, {3, 2, 5}), {30});
    small.output("y", small.dense("d", flat, 7));
    CHECK(after(cancel_views, small) ==
          "graph g\n"
          "%0 x: input() -> float32[2, 5, 3]\n"
          "%1 f: reshape(%0) -> float32[30]\n"
          "%2 d: dense [reshape(transpose(reshape(d/kernel, (3, 2, 5, 7)), (1, 2, 0, 3)), (30, 7))](%1) -> float32[7]\n"
          "return y = %2\n");
}

TEST_CASE("the kernel of a dense layer that took a transpose has its rows in the new order") {
    SmallGraph small;
    const NodeId x = small.door("x", {1, 2, 3});
    const NodeId flat = small.reshape("f", small.transpose("t", x, {2, 0, 1}, {3, 1, 2}), {6});
    small.output("y", small.dense("d", flat, 1));
    const Graph result = cancel_views(small.graph);
    const Array kernel =
        result.nodes.back().constants[0].evaluate([](const std::string&) { return Array({6, 1}, {0, 1, 2, 3, 4, 5}); });
    // Row (c, w) of the old kernel is row (w, c) of the new one.
    CHECK(std::vector<double>(kernel.values().begin(), kernel.values().end()) == std::vector<double>{0, 2, 4, 1, 3, 5});
}

TEST_CASE("reshapes of reshapes and to the same shape vanish") {
    SmallGraph small;
    const NodeId x = small.door("x", {2, 6});
    const NodeId once = small.reshape("a", x, {3, 4}), twice = small.reshape("b", once, {12}),
                 same = small.reshape("c", twice, {12});
    small.output("y", small.elementwise("s", 2.0 * ScalarExpr::input(0), {same}, {12}));
    CHECK(after(cancel_views, small) == "graph g\n"
                                        "%0 x: input() -> float32[2, 6]\n"
                                        "%1 b: reshape(%0) -> float32[12]\n"
                                        "%2 s: elementwise epilogue 2 * x(%1) -> float32[12]\n"
                                        "return y = %2\n");
}

TEST_CASE("a value that leaves in two orders is computed once") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 5, 3});
    const NodeId turned = small.transpose("t", x, {2, 0, 1}, {3, 4, 5});
    const NodeId sum = small.elementwise("s", exp(ScalarExpr::input(0)), {turned}, {3, 4, 5});
    small.output("first", sum);
    small.output("last", small.transpose("u", sum, {1, 2, 0}, {4, 5, 3}));
    CHECK(after(cancel_views, small) == "graph g\n"
                                        "%0 x: input() -> float32[4, 5, 3]\n"
                                        "%1 s: elementwise epilogue exp(x)(%0) -> float32[4, 5, 3]\n"
                                        "%2 s: transpose axes 2,0,1(%1) -> float32[3, 4, 5]\n"
                                        "return first = %2\n"
                                        "return last = %1\n");
}

TEST_CASE("a transpose sinks through a slice, whose axes turn with it") {
    SmallGraph small;
    const NodeId x = small.door("x", {4, 5, 3});
    const NodeId turned = small.transpose("t", x, {2, 0, 1}, {3, 4, 5});
    const NodeId part = small.slice("s", turned, {2, 0, 1}, {-1, 1, 2}, {3, 4, 2});
    small.output("y", small.elementwise("e", exp(ScalarExpr::input(0)), {part}, {3, 4, 2}));
    CHECK(after(cancel_views, small) == "graph g\n"
                                        "%0 x: input() -> float32[4, 5, 3]\n"
                                        "%1 s: slice begin 0,1,2 step 1,2,-1(%0) -> float32[4, 2, 3]\n"
                                        "%2 e: elementwise epilogue exp(x)(%1) -> float32[4, 2, 3]\n"
                                        "%3 e: transpose axes 2,0,1(%2) -> float32[3, 4, 2]\n"
                                        "return y = %3\n");
}

}  // namespace halcyon::testing
