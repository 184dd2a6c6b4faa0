#include "exporters/onnx_operations.h"

#include <fmt/format.h>

#include "passes/small_graph.h"

using namespace halcyon;
using halcyon::testing::SmallGraph;

namespace {

Operation pointwise_convolution() {
    return {
        .op = Op::convolution,
        .window = {.size = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}, .pad_before = {0, 0}, .pad_after = {0, 0}}};
}

Operation pool_3x3(double outside, bool has_outside) {
    return {.op = Op::max_pool,
            .window = {.size = {3, 3}, .stride = {2, 2}, .dilation = {1, 1}, .pad_before = {1, 1}, .pad_after = {1, 1}},
            .has_pad_value = has_outside,
            .pad_value = outside};
}

NodeId add_convolution(SmallGraph& net, NodeId input, ScalarExpr epilogue = ScalarExpr::input(0),
                       std::vector<ConstantExpr> more = {}) {
    std::vector<ConstantExpr> constants{ConstantExpr::literal(Array({1, 1, 3, 3}, 0.5))};
    constants.insert(constants.end(), more.begin(), more.end());
    return net.add("conv", pointwise_convolution(), {input},
                   net.graph.nodes[static_cast<std::size_t>(input)].type.shape, std::move(epilogue),
                   std::move(constants));
}

/// "conv = Conv(image, ...)": one node a line.
std::string exported(SmallGraph& net, NodeId result) {
    net.graph.outputs.push_back({"out", result});
    const WeightSource no_weights;
    OnnxWriter writer(net.graph, 2, no_weights);
    for (NodeId id = 0; id < static_cast<NodeId>(net.graph.nodes.size()); ++id) write_operation(writer, id);
    std::string text;
    for (const OnnxNode& node : writer.finish().nodes)
        text += fmt::format("{} = {}({})\n", node.output, node.op, fmt::join(node.inputs, ", "));
    return text;
}

}  // namespace

TEST_CASE("channels-last doors have a transpose each, between which channels come first") {
    SmallGraph net;
    const NodeId image = net.door("image", {4, 4, 3});
    const NodeId conv = add_convolution(net, image, max(ScalarExpr::input(0) + ScalarExpr::constant(1), 0.0),
                                        {ConstantExpr::literal(Array({3}, 1.0))});
    CHECK(exported(net, conv) == "image/Transpose = Transpose(image)\n"
                                 "conv = Conv(image/Transpose, conv/kernel, conv/bias)\n"
                                 "conv/Relu = Relu(conv)\n"
                                 "out = Transpose(conv/Relu)\n");
}

TEST_CASE("channels-first doors, which the graph transposes, need no transpose") {
    SmallGraph net;
    const NodeId image = net.door("image", {3, 4, 4});
    const NodeId last = net.transpose("last", image, {1, 2, 0}, {4, 4, 3});
    const NodeId conv = add_convolution(net, last);
    CHECK(exported(net, net.transpose("first", conv, {2, 0, 1}, {3, 4, 4})) == "out = Conv(image, conv/kernel)\n");
}

TEST_CASE("a door of bytes is converted, and a view of it is float32 like every output") {
    SmallGraph net;
    const NodeId image = net.door("image", {4, 4, 3}, ElementType::uint8);
    const NodeId view = net.transpose("view", image, {2, 0, 1}, {3, 4, 4});
    net.graph.nodes.back().type.element = ElementType::uint8;
    CHECK(exported(net, view) == "image/Cast = Cast(image)\n"
                                 "out = Transpose(image/Cast)\n");
}

TEST_CASE("a constant that the sum and something else read is no bias") {
    SmallGraph net;
    const NodeId image = net.door("image", {4, 4, 3});
    const ScalarExpr x = ScalarExpr::input(0), c = ScalarExpr::constant(1);
    const NodeId conv = add_convolution(net, image, (x + c) * c, {ConstantExpr::literal(Array({3}, 1.0))});
    CHECK(exported(net, conv) == "image/Transpose = Transpose(image)\n"
                                 "conv = Conv(image/Transpose, conv/kernel)\n"
                                 "conv/Add = Add(conv, conv/constant)\n"
                                 "conv/Mul = Mul(conv/Add, conv/constant)\n"
                                 "out = Transpose(conv/Mul)\n");
}

TEST_CASE("a max pool that pads with zeros pads by itself only where nothing is negative") {
    const auto pooled = [](bool relu) {
        SmallGraph net;
        const NodeId image = net.door("image", {4, 4, 3});
        const ScalarExpr x = ScalarExpr::input(0);
        const NodeId conv = add_convolution(net, image, relu ? max(x, 0.0) : x);
        return exported(net, net.add("pool", pool_3x3(0.0, true), {conv}, {2, 2, 3}));
    };
    CHECK(pooled(true) == "image/Transpose = Transpose(image)\n"
                          "conv = Conv(image/Transpose, conv/kernel)\n"
                          "conv/Relu = Relu(conv)\n"
                          "pool = MaxPool(conv/Relu)\n"
                          "out = Transpose(pool)\n");
    CHECK(pooled(false) == "image/Transpose = Transpose(image)\n"
                           "conv = Conv(image/Transpose, conv/kernel)\n"
                           "pool/Pad = Pad(conv, pool/pads, number/0)\n"
                           "pool = MaxPool(pool/Pad)\n"
                           "out = Transpose(pool)\n");
}

TEST_CASE("an input that is an output too, and a value with two names, get identities") {
    SmallGraph net;
    const NodeId image = net.door("image", {4});
    const NodeId doubled = net.elementwise("doubled", ScalarExpr::input(0) * 2.0, {image}, {4});
    net.graph.outputs = {{"same", image}, {"first", doubled}};
    CHECK(exported(net, doubled) == "first = Mul(image, number/2)\n"
                                    "same = Identity(image)\n"
                                    "out = Identity(first)\n");
}
