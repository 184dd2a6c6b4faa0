#include "exporters/find_upsampling.h"

#include "passes/small_graph.h"

using namespace halcyon;
using halcyon::testing::SmallGraph;

namespace {

/// An image of 2x3x4, its rows and columns repeated by way of `repeated`, as `joined`.
Op found(const Shape& repeated, const Shape& joined, ScalarExpr copies = ScalarExpr::input(0)) {
    SmallGraph net;
    const NodeId image = net.door("image", {2, 3, 4});
    const NodeId apart = net.reshape("apart", image, {2, 1, 3, 1, 4});
    const NodeId copied = net.elementwise("copied", std::move(copies), {apart}, repeated);
    net.output("out", net.reshape("joined", copied, joined));
    const Graph graph = find_upsampling(net.graph);
    return graph.nodes[static_cast<std::size_t>(graph.outputs[0].node)].operation.op;
}

}  // namespace

TEST_CASE("rows and columns that are repeated are one resize, and nothing else stays") {
    SmallGraph net;
    const NodeId image = net.door("image", {2, 3, 4});
    const NodeId apart = net.reshape("apart", image, {2, 1, 3, 1, 4});
    const NodeId copied = net.elementwise("copied", ScalarExpr::input(0), {apart}, {2, 2, 3, 3, 4});
    net.output("out", net.reshape("joined", copied, {4, 9, 4}));
    const Graph graph = find_upsampling(net.graph);
    REQUIRE(graph.nodes.size() == 2);
    CHECK(graph.nodes[1].operation.op == Op::resize_nearest);
    CHECK(graph.nodes[1].inputs == std::vector<NodeId>{0});
}

TEST_CASE("other reshapes of copies are left alone") {
    CHECK(found({2, 2, 3, 3, 4}, {4, 9, 4}) == Op::resize_nearest);
    CHECK(found({2, 2, 3, 3, 4}, {9, 4, 4}) == Op::reshape);
    CHECK(found({2, 2, 3, 3, 4}, {4, 36}) == Op::reshape);
    CHECK(found({2, 2, 3, 3, 4}, {4, 9, 4}, ScalarExpr::input(0) * 2.0) == Op::reshape);
}
