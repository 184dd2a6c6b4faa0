#include "plan/materialize.h"

#include "passes/small_graph.h"
#include "plan/storage.h"

namespace halcyon::testing {
namespace {

const ScalarExpr twice = 2.0 * ScalarExpr::input(0);

/// One line per value: its name and where and how it lies.
std::string storage_text(const Graph& graph, std::int64_t batch) {
    const Storage storage = assign_storage(graph, batch);
    std::string text;
    for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
        const View& view = storage.views[id];
        REQUIRE(view.buffer >= 0);
        const Buffer& buffer = storage.buffers[static_cast<std::size_t>(view.buffer)];
        const bool door = buffer.kind != Place::Kind::workspace;
        const std::string kind = buffer.kind == Place::Kind::input    ? "input"
                                 : buffer.kind == Place::Kind::output ? "output"
                                                                      : "buffer";
        text += graph.nodes[id].name + ": " + kind + " " + std::to_string(door ? buffer.door : view.buffer) + " of " +
                std::to_string(buffer.bytes) + " at " + std::to_string(view.offset) + " strides";
        for (std::int64_t stride : view.layout.strides) text += " " + std::to_string(stride);
        text += "\n";
    }
    return text;
}

/// The storage of the materialized graph.
std::string stored(const SmallGraph& small, std::int64_t batch = 1) {
    verify(small.graph);
    const Graph graph = materialize(small.graph);
    verify(graph);
    return storage_text(graph, batch);
}

}  // namespace

TEST_CASE("values lie in workspace buffers and results in their doors") {
    SmallGraph small;
    const NodeId a = small.elementwise("a", twice, {small.door("x", {2, 3}, ElementType::uint8)}, {2, 3});
    small.output("y", small.elementwise("b", twice, {a}, {2, 3}));
    CHECK(stored(small, 4) == "x: input 0 of 24 at 0 strides 6 3 1\n"
                              "a: buffer 2 of 96 at 0 strides 6 3 1\n"
                              "b: output 0 of 96 at 0 strides 6 3 1\n");
}

TEST_CASE("an output that is an input is a copy") {
    SmallGraph small;
    const NodeId x = small.door("x", {6});
    small.output("y", x);
    CHECK(after(materialize, small) == "graph g\n"
                                       "%0 x: input() -> float32[6]\n"
                                       "%1 x: elementwise(%0) -> float32[6]\n"
                                       "return y = %1\n");
}

TEST_CASE("a value that is two outputs is computed into one door and copied to the other") {
    SmallGraph small;
    const NodeId a = small.elementwise("a", twice, {small.door("x", {6})}, {6});
    small.output("y", a);
    small.output("z", a);
    CHECK(after(materialize, small) == "graph g\n"
                                       "%0 x: input() -> float32[6]\n"
                                       "%1 a: elementwise epilogue 2 * x(%0) -> float32[6]\n"
                                       "%2 a: elementwise(%1) -> float32[6]\n"
                                       "return y = %1\n"
                                       "return z = %2\n");
}

TEST_CASE("the inputs of a concatenation are computed into its slices") {
    SmallGraph small;
    const NodeId x = small.door("x", {2, 2, 3});
    const NodeId a = small.convolution("a", x, {2, 2, 4}), b = small.convolution("b", x, {2, 2, 5});
    const NodeId joined = small.concatenate("j", {a, b}, 2, {2, 2, 9});
    small.output("y", small.convolution("c", joined, {2, 2, 1}));
    CHECK(stored(small, 2) == "x: input 0 of 96 at 0 strides 12 6 3 1\n"
                              "a: buffer 2 of 288 at 0 strides 36 18 9 1\n"
                              "b: buffer 2 of 288 at 4 strides 36 18 9 1\n"
                              "j: buffer 2 of 288 at 0 strides 36 18 9 1\n"
                              "c: output 0 of 32 at 0 strides 4 2 1 1\n");
}

TEST_CASE("concatenations nest, and end in a door") {
    SmallGraph small;
    const NodeId x = small.door("x", {2, 3});
    const NodeId a = small.elementwise("a", twice, {x}, {2, 3}),
                 b = small.elementwise("b", exp(ScalarExpr::input(0)), {x}, {2, 3});
    const NodeId c = small.elementwise("c", -ScalarExpr::input(0), {x}, {2, 3});
    const NodeId inner = small.concatenate("i", {a, b}, 1, {2, 6});
    small.output("y", small.concatenate("o", {c, inner}, 1, {2, 9}));
    CHECK(stored(small) == "x: input 0 of 24 at 0 strides 6 3 1\n"
                           "c: output 0 of 72 at 0 strides 18 9 1\n"
                           "a: output 0 of 72 at 3 strides 18 9 1\n"
                           "b: output 0 of 72 at 6 strides 18 9 1\n"
                           "i: output 0 of 72 at 3 strides 18 9 1\n"
                           "o: output 0 of 72 at 0 strides 18 9 1\n");
}

TEST_CASE("a door, a repeated input and a value of two concatenations are copied into their slices") {
    SmallGraph small;
    const NodeId x = small.door("x", {3});
    const NodeId a = small.elementwise("a", twice, {x}, {3});
    small.output("y", small.concatenate("j", {x, a, a}, 0, {9}));
    small.output("z", small.concatenate("k", {a, a}, 0, {6}));
    const Graph graph = materialize(small.graph);
    verify(graph);
    CHECK(to_text(graph) == "graph g\n"
                            "%0 x: input() -> float32[3]\n"
                            "%1 x: elementwise(%0) -> float32[3]\n"
                            "%2 a: elementwise epilogue 2 * x(%0) -> float32[3]\n"
                            "%3 a: elementwise(%2) -> float32[3]\n"
                            "%4 a: elementwise(%2) -> float32[3]\n"
                            "%5 j: concatenate axes 0(%1, %3, %4) -> float32[9]\n"
                            "%6 a: elementwise(%2) -> float32[3]\n"
                            "%7 k: concatenate axes 0(%2, %6) -> float32[6]\n"
                            "return y = %5\n"
                            "return z = %7\n");
}

TEST_CASE("a reshape is a view of what is one run of memory and of a copy of what is not") {
    SmallGraph small;
    const NodeId x = small.door("x", {2, 3});
    const NodeId a = small.elementwise("a", twice, {x}, {2, 3}), b = small.elementwise("b", twice, {x}, {2, 3});
    small.output("y", small.concatenate("j", {a, b}, 1, {2, 6}));
    small.output("z", small.elementwise("c", twice, {small.reshape("r", a, {6})}, {6}));
    small.output("w", small.elementwise("d", twice, {small.reshape("s", x, {6})}, {6}));
    CHECK(stored(small) == "x: input 0 of 24 at 0 strides 6 3 1\n"
                           "a: output 0 of 48 at 0 strides 12 6 1\n"
                           "b: output 0 of 48 at 3 strides 12 6 1\n"
                           "j: output 0 of 48 at 0 strides 12 6 1\n"
                           "a: buffer 4 of 24 at 0 strides 6 3 1\n"
                           "r: buffer 4 of 24 at 0 strides 6 1\n"
                           "c: output 1 of 24 at 0 strides 6 1\n"
                           "s: input 0 of 24 at 0 strides 6 1\n"
                           "d: output 2 of 24 at 0 strides 6 1\n");
}

TEST_CASE("what views a copy of a byte door shows the copy's numbers, not bytes") {
    SmallGraph small;
    const NodeId turned = small.transpose("t", small.door("x", {2, 3}, ElementType::uint8), {1, 0}, {3, 2});
    const NodeId flat = small.reshape("r", turned, {6});
    for (const NodeId view : {turned, flat}) {
        small.graph.nodes[static_cast<std::size_t>(view)].type.element = ElementType::uint8;
    }
    small.output("y", small.elementwise("a", twice, {flat}, {6}));
    CHECK(after(materialize, small) == "graph g\n"
                                       "%0 x: input() -> uint8[2, 3]\n"
                                       "%1 t: transpose axes 1,0(%0) -> uint8[3, 2]\n"
                                       "%2 t: elementwise(%1) -> float32[3, 2]\n"
                                       "%3 r: reshape(%2) -> float32[6]\n"
                                       "%4 a: elementwise epilogue 2 * x(%3) -> float32[6]\n"
                                       "return y = %4\n");
}

TEST_CASE("an output behind a transpose or reshape is computed straight into the door") {
    SmallGraph small;
    const NodeId x = small.door("x", {2, 2, 3});
    small.output("y", small.transpose("t", small.convolution("a", x, {2, 2, 5}), {2, 0, 1}, {5, 2, 2}));
    small.output("z", small.reshape("r", small.convolution("b", x, {2, 2, 5}), {20}));
    CHECK(stored(small, 3) == "x: input 0 of 144 at 0 strides 12 6 3 1\n"
                              "a: output 0 of 240 at 0 strides 20 2 1 4\n"
                              "t: output 0 of 240 at 0 strides 20 4 2 1\n"
                              "b: output 1 of 240 at 0 strides 20 10 5 1\n"
                              "r: output 1 of 240 at 0 strides 20 1\n");
}

TEST_CASE("a turned door is read as it is, a value inside is copied into its new order") {
    SmallGraph small;
    const NodeId door = small.transpose("t", small.door("x", {3, 2, 4}), {1, 2, 0}, {2, 4, 3});
    const NodeId a = small.convolution("a", door, {2, 4, 5});
    const NodeId turned = small.transpose("u", a, {1, 0, 2}, {4, 2, 5});
    small.output("y", small.convolution("b", turned, {4, 2, 1}));
    CHECK(stored(small) == "x: input 0 of 96 at 0 strides 24 8 4 1\n"
                           "t: input 0 of 96 at 0 strides 24 4 1 8\n"
                           "a: buffer 2 of 160 at 0 strides 40 20 5 1\n"
                           "u: buffer 2 of 160 at 0 strides 40 5 20 1\n"
                           "u: buffer 3 of 160 at 0 strides 40 10 5 1\n"
                           "b: output 0 of 32 at 0 strides 8 2 1 1\n");
}

TEST_CASE("a turned value that is joined with another is copied once") {
    SmallGraph small;
    const NodeId a = small.convolution("a", small.door("x", {2, 4, 3}), {2, 4, 5});
    const NodeId turned = small.transpose("u", a, {1, 0, 2}, {4, 2, 5});
    const NodeId b = small.convolution("b", small.door("z", {4, 2, 3}), {4, 2, 5});
    small.output("y", small.concatenate("j", {turned, b}, 2, {4, 2, 10}));
    CHECK(stored(small) == "x: input 0 of 96 at 0 strides 24 12 3 1\n"
                           "z: input 1 of 96 at 0 strides 24 6 3 1\n"
                           "a: buffer 3 of 160 at 0 strides 40 20 5 1\n"
                           "u: buffer 3 of 160 at 0 strides 40 5 20 1\n"
                           "u: output 0 of 320 at 0 strides 80 20 10 1\n"
                           "b: output 0 of 320 at 5 strides 80 20 10 1\n"
                           "j: output 0 of 320 at 0 strides 80 20 10 1\n");
}

TEST_CASE("a door with its channels reversed is read as it is, and an output door is written so") {
    SmallGraph small;
    const NodeId reversed = small.slice("r", small.door("x", {2, 4, 3}), {0, 0, 2}, {1, 1, -1}, {2, 4, 3});
    const NodeId a = small.convolution("a", reversed, {2, 4, 3});
    small.output("y", small.slice("s", a, {0, 0, 2}, {1, 1, -1}, {2, 4, 3}));
    CHECK(stored(small, 2) == "x: input 0 of 192 at 0 strides 24 12 3 1\n"
                              "r: input 0 of 192 at 2 strides 24 12 3 -1\n"
                              "a: output 0 of 192 at 2 strides 24 12 3 -1\n"
                              "s: output 0 of 192 at 0 strides 24 12 3 1\n");
}

TEST_CASE("a part of an image is read where it lies, a part that is an output is copied to its door") {
    SmallGraph small;
    const NodeId a = small.convolution("a", small.door("x", {4, 4, 3}), {4, 4, 2});
    const NodeId part = small.slice("p", a, {1, 1, 0}, {1, 2, 1}, {2, 2, 2});
    small.output("y", small.convolution("b", part, {2, 2, 1}));
    small.output("z", part);
    CHECK(stored(small) == "x: input 0 of 192 at 0 strides 48 12 3 1\n"
                           "a: buffer 3 of 128 at 0 strides 32 8 2 1\n"
                           "p: buffer 3 of 128 at 10 strides 32 8 4 1\n"
                           "b: output 0 of 16 at 0 strides 4 2 1 1\n"
                           "p: output 1 of 32 at 0 strides 8 4 2 1\n");
}

TEST_CASE("only a picture's channels are read and written backwards, and read so by convolutions only") {
    SmallGraph small;
    const NodeId x = small.door("x", {2, 4, 3});
    const NodeId mirrored = small.slice("m", x, {0, 3, 0}, {1, -1, 1}, {2, 4, 3});
    const NodeId blue = small.slice("b", x, {0, 0, 2}, {1, 1, -1}, {2, 4, 3});
    small.output("y", small.convolution("c", mirrored, {2, 4, 5}));
    small.output("z", small.add("p", {.op = Op::max_pool, .window = SmallGraph::one_by_one()}, {blue}, {2, 4, 3}));
    const std::string text = to_text(materialize(small.graph));
    CHECK(text.find(" m: elementwise(") != std::string::npos);
    CHECK(text.find(" b: elementwise(") != std::string::npos);
}

TEST_CASE("inside the network every other channel is copied together, and a slice is copied before it is reshaped") {
    SmallGraph small;
    const NodeId a = small.convolution("a", small.door("x", {2, 2, 3}), {2, 2, 6});
    const NodeId even = small.slice("e", a, {0, 0, 0}, {1, 1, 2}, {2, 2, 3});
    small.output("y", small.convolution("b", even, {2, 2, 1}));
    const NodeId row = small.slice("r", a, {1, 0, 0}, {1, 1, 1}, {1, 2, 6});
    small.output("z", small.dense("d", small.reshape("f", row, {12}), 1));
    const std::string text = to_text(materialize(small.graph));
    CHECK(text.find("e: elementwise(") != std::string::npos);
    CHECK(text.find("r: elementwise(") != std::string::npos);
    CHECK(stored(small).find("of 48 at 0 strides 12 1\n") != std::string::npos);
}

}  // namespace halcyon::testing
