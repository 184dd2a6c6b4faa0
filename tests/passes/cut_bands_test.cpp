#include "passes/cut_bands.h"

#include <algorithm>

#include "passes/small_graph.h"

namespace halcyon::testing {
namespace {

/// Of 3x3 pixels, groups of one channel.
Operation depthwise(std::int64_t stride = 1) {
    return {.op = Op::convolution, .window = {{3, 3}, {stride, stride}, {1, 1}, {1, 1}, {1, 1}}, .groups = 4};
}

std::vector<ConstantExpr> kernel_of(const std::string& name) {
    return {ConstantExpr::weight(name + "/kernel", {3, 3, 1, 4})};
}

std::function<Graph(Graph)> with_cache(std::int64_t bytes) {
    return [bytes](Graph graph) { return cut_bands(std::move(graph), bytes); };
}

/// Three elementwise layers on 16 rows of 256 bytes: the first two results are as large as the cache in the tests.
SmallGraph chain() {
    SmallGraph small;
    NodeId x = small.door("x", {16, 16, 4});
    for (const char* name : {"a", "b", "c"}) x = small.elementwise(name, ScalarExpr::input(0) * 2.0, {x}, {16, 16, 4});
    small.output("y", x);
    return small;
}

}  // namespace

TEST_CASE("a chain of large images is computed band by band, each through all layers") {
    SmallGraph small = chain();
    const Graph cut = cut_bands(small.graph, 4096);
    verify(cut);
    std::vector<std::string> computed;
    for (const Node& node : cut.nodes)
        if (node.operation.op == Op::elementwise) computed.push_back(node.name);
    CHECK(computed == std::vector<std::string>{"a", "b", "c", "a", "b", "c", "a", "b", "c", "a", "b", "c"});
}

TEST_CASE("rows that two bands read are kept, and windows reach outside at the image's edges only") {
    SmallGraph small;
    const NodeId x = small.door("x", {16, 16, 4});
    const NodeId a = small.elementwise("a", ScalarExpr::input(0) * 2.0, {x}, {16, 16, 4});
    const NodeId d = small.add("d", depthwise(), {a}, {16, 16, 4}, ScalarExpr::input(0), kernel_of("d"));
    small.output("y", small.elementwise("b", ScalarExpr::input(0) * 2.0, {d}, {16, 16, 4}));
    CHECK(after(with_cache(4096 + 1), small) == to_text(small.graph));
    CHECK(after(with_cache(4096), small) == "graph g\n"
                                            "%0 x: input() -> float32[16, 16, 4]\n"
                                            "%1 x: slice begin 0,0,0 step 1,1,1(%0) -> float32[5, 16, 4]\n"
                                            "%2 a: elementwise epilogue x * 2(%1) -> float32[5, 16, 4]\n"
                                            "%3 d: convolution window 3x3 stride 1x1 dilation 1x1 before 1,1 after 0,1 "
                                            "groups 4 [d/kernel](%2) -> float32[4, 16, 4]\n"
                                            "%4 b: elementwise epilogue x * 2(%3) -> float32[4, 16, 4]\n"
                                            "%5 a: slice begin 3,0,0 step 1,1,1(%2) -> float32[2, 16, 4]\n"
                                            "%6 x: slice begin 5,0,0 step 1,1,1(%0) -> float32[4, 16, 4]\n"
                                            "%7 a: elementwise epilogue x * 2(%6) -> float32[4, 16, 4]\n"
                                            "%8 a: concatenate axes 0(%5, %7) -> float32[6, 16, 4]\n"
                                            "%9 d: convolution window 3x3 stride 1x1 dilation 1x1 before 0,1 after 0,1 "
                                            "groups 4 [d/kernel](%8) -> float32[4, 16, 4]\n"
                                            "%10 b: elementwise epilogue x * 2(%9) -> float32[4, 16, 4]\n"
                                            "%11 b: concatenate axes 0(%4, %10) -> float32[8, 16, 4]\n"
                                            "%12 a: slice begin 4,0,0 step 1,1,1(%8) -> float32[2, 16, 4]\n"
                                            "%13 x: slice begin 9,0,0 step 1,1,1(%0) -> float32[4, 16, 4]\n"
                                            "%14 a: elementwise epilogue x * 2(%13) -> float32[4, 16, 4]\n"
                                            "%15 a: concatenate axes 0(%12, %14) -> float32[6, 16, 4]\n"
                                            "%16 d: convolution window 3x3 stride 1x1 dilation 1x1 before 0,1 after "
                                            "0,1 groups 4 [d/kernel](%15) -> float32[4, 16, 4]\n"
                                            "%17 b: elementwise epilogue x * 2(%16) -> float32[4, 16, 4]\n"
                                            "%18 b: concatenate axes 0(%11, %17) -> float32[12, 16, 4]\n"
                                            "%19 a: slice begin 4,0,0 step 1,1,1(%15) -> float32[2, 16, 4]\n"
                                            "%20 x: slice begin 13,0,0 step 1,1,1(%0) -> float32[3, 16, 4]\n"
                                            "%21 a: elementwise epilogue x * 2(%20) -> float32[3, 16, 4]\n"
                                            "%22 a: concatenate axes 0(%19, %21) -> float32[5, 16, 4]\n"
                                            "%23 d: convolution window 3x3 stride 1x1 dilation 1x1 before 0,1 after "
                                            "1,1 groups 4 [d/kernel](%22) -> float32[4, 16, 4]\n"
                                            "%24 b: elementwise epilogue x * 2(%23) -> float32[4, 16, 4]\n"
                                            "%25 b: concatenate axes 0(%18, %24) -> float32[16, 16, 4]\n"
                                            "return y = %25\n");
}

TEST_CASE("what is read elsewhere too, or is an output, stays whole") {
    SmallGraph small = chain();
    small.output("b", 2);
    const Graph cut = cut_bands(small.graph, 4096);
    verify(cut);
    const auto output = std::find_if(cut.outputs.begin(), cut.outputs.end(),
                                     [](const Graph::Output& each) { return each.name == "b"; });
    CHECK(cut.nodes[static_cast<std::size_t>(output->node)].type.shape == Shape{16, 16, 4});
}

TEST_CASE("bands say which rows of which layer they are") {
    SmallGraph small = chain();
    for (std::size_t id = 0; id < small.graph.nodes.size(); ++id)
        small.graph.nodes[id].origin.node = static_cast<NodeId>(id);
    const Graph cut = cut_bands(small.graph, 4096);
    std::vector<std::int64_t> rows;
    for (const Node& node : cut.nodes)
        if (node.name == "c" && node.operation.op == Op::elementwise) {
            CHECK(node.origin.node == 3);
            rows.push_back(node.origin.first_row);
        }
    CHECK(rows == std::vector<std::int64_t>{0, 4, 8, 12});
}

TEST_CASE("images stay whole that something between two layers needs whole") {
    SmallGraph small;
    const NodeId x = small.door("x", {16, 16, 4});
    NodeId a = small.elementwise("a", ScalarExpr::input(0) * 2.0, {x}, {16, 16, 4});
    a = small.elementwise("b", ScalarExpr::input(0) * 2.0, {a}, {16, 16, 4});
    const NodeId mean = small.add("m", {.op = Op::reduce_mean, .axes = {0, 1}}, {a}, {1, 1, 4});
    small.output("y", small.elementwise("s", ScalarExpr::input(0) * ScalarExpr::input(1), {a, mean}, {16, 16, 4}));
    CHECK(after(with_cache(4096), small) == to_text(small.graph));
}

TEST_CASE("layers stay whole whose weights are no small part of the cache, that add a large image, that are but two, "
          "or of few rows") {
    const auto unchanged = [](SmallGraph& small) { CHECK(after(with_cache(4096), small) == to_text(small.graph)); };
    SmallGraph heavy;
    NodeId a = heavy.elementwise("a", ScalarExpr::input(0) * 2.0, {heavy.door("x", {16, 16, 4})}, {16, 16, 4});
    a = heavy.elementwise("b", ScalarExpr::input(0) * 2.0, {a}, {16, 16, 4});
    heavy.output("y", heavy.convolution("c", a, {16, 16, 64}));
    unchanged(heavy);

    SmallGraph residual;
    const NodeId x = residual.door("x", {16, 16, 4});
    a = residual.elementwise("a", ScalarExpr::input(0) * 2.0, {x}, {16, 16, 4});
    a = residual.elementwise("b", ScalarExpr::input(0) * 2.0, {a}, {16, 16, 4});
    residual.output("y", residual.elementwise("c", ScalarExpr::input(0) + ScalarExpr::input(1), {a, x}, {16, 16, 4}));
    unchanged(residual);

    SmallGraph pair;
    a = pair.elementwise("a", ScalarExpr::input(0) * 2.0, {pair.door("x", {16, 16, 4})}, {16, 16, 4});
    pair.output("y", pair.elementwise("b", ScalarExpr::input(0) * 2.0, {a}, {16, 16, 4}));
    unchanged(pair);

    SmallGraph flat;
    a = flat.elementwise("a", ScalarExpr::input(0) * 2.0, {flat.door("x", {8, 64, 4})}, {8, 64, 4});
    a = flat.elementwise("b", ScalarExpr::input(0) * 2.0, {a}, {8, 64, 4});
    flat.output("y", flat.elementwise("c", ScalarExpr::input(0) * 2.0, {a}, {8, 64, 4}));
    unchanged(flat);
}

}  // namespace halcyon::testing
