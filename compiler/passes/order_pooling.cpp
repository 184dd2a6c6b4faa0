#include "passes/order_pooling.h"

#include <utility>

#include "passes/common.h"

namespace halcyon {
namespace {

/// A convolution of single pixels whose epilogue adds at most a constant.
bool is_linear_over_channels(const Node& node) {
    const Window& window = node.operation.window;
    if (node.operation.op != Op::convolution || node.inputs.size() != 1 || !node.prologue.is_identity()) return false;
    if (!all_are(window.size, 1) || !all_are(window.stride, 1)) return false;
    if (!all_are(window.pad_before, 0) || !all_are(window.pad_after, 0)) return false;
    if (node.epilogue.is_identity()) return true;
    const auto operands = node.epilogue.operands();
    return node.epilogue.op() == ScalarOp::add && operands[0].is_identity() && operands[1].op() == ScalarOp::constant &&
           element_count(node.constants.at(static_cast<std::size_t>(operands[1].index())).shape()) ==
               node.type.shape.back();
}

/// Average pooling whose windows all reach into the image, so that the shares of each add up to one.
bool is_mean_over_pixels(const Node& node) {
    const Window& window = node.operation.window;
    if (node.operation.op != Op::average_pool || node.inputs.size() != 1) return false;
    if (!node.prologue.is_identity() || !node.epilogue.is_identity() || !all_are(window.dilation, 1)) return false;
    for (std::size_t axis = 0; axis < window.size.size(); ++axis) {
        if (window.pad_before[axis] >= window.size[axis] || window.pad_after[axis] >= window.size[axis]) return false;
    }
    return true;
}

std::int64_t pixels(const Shape& shape) {
    return element_count(shape) / shape.back();
}

/// Multiplications of the convolution and additions of the pooling, in either order.
struct Operations {
    double convolution_first, pooling_first;
};

Operations operations_of(const Node& convolution, const Node& pooling, const Shape& before, const Shape& after) {
    const auto real = [](std::int64_t number) { return static_cast<double>(number); };
    const double channels = real(convolution.constants[0].shape().end()[-2]) * real(convolution.operation.groups);
    const double filters = real(convolution.constants[0].shape().back());
    const double products = channels / real(convolution.operation.groups) * filters;
    const double taps = real(element_count(pooling.operation.window.size)) * real(pixels(after));
    return {real(pixels(before)) * products + taps * filters, real(pixels(after)) * products + taps * channels};
}

/// Two nodes as one after the other: what is common to both orders. The first's value is no layer's.
void place(Graph& graph, NodeId first_id, NodeId second_id, Node first, Node second, Shape between) {
    Node& before = graph.nodes[static_cast<std::size_t>(first_id)];
    Node& after = graph.nodes[static_cast<std::size_t>(second_id)];
    first.inputs = before.inputs;
    first.type.shape = std::move(between);
    first.origin = {};
    second.inputs = {first_id};
    second.type = after.type;
    second.origin = after.origin;
    before = std::move(first);
    after = std::move(second);
}

void pool_first(Graph& graph, NodeId convolution_id, NodeId pooling_id) {
    const Node convolution = graph.nodes[static_cast<std::size_t>(convolution_id)];
    const Node pooling = graph.nodes[static_cast<std::size_t>(pooling_id)];
    const Shape& source = graph.nodes[static_cast<std::size_t>(convolution.inputs[0])].type.shape;
    Shape between = pooling.type.shape;
    between.back() = source.back();
    place(graph, convolution_id, pooling_id, pooling, convolution, std::move(between));
}

/// The bias moves behind the pooling, where an activation that follows finds it.
void convolve_first(Graph& graph, NodeId pooling_id, NodeId convolution_id) {
    Node convolution = graph.nodes[static_cast<std::size_t>(convolution_id)];
    Node pooling = graph.nodes[static_cast<std::size_t>(pooling_id)];
    Shape between = graph.nodes[static_cast<std::size_t>(pooling.inputs[0])].type.shape;
    between.back() = convolution.type.shape.back();
    if (!convolution.epilogue.is_identity()) {
        const int bias = convolution.epilogue.operands()[1].index();
        pooling.constants = {convolution.constants[static_cast<std::size_t>(bias)]};
        pooling.epilogue = ScalarExpr::input(0) + ScalarExpr::constant(0);
        convolution.epilogue = ScalarExpr::input(0);
    }
    convolution.constants.erase(convolution.constants.begin() + 1, convolution.constants.end());
    place(graph, pooling_id, convolution_id, std::move(convolution), std::move(pooling), std::move(between));
}

}  // namespace

Graph order_pooling(Graph graph) {
    const std::vector<int> uses = use_counts(graph);
    const auto node = [&](NodeId id) -> const Node& { return graph.nodes[static_cast<std::size_t>(id)]; };
    for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
        if (node(id).inputs.size() != 1) continue;
        const NodeId before = node(id).inputs[0];
        if (uses[static_cast<std::size_t>(before)] != 1 || node(before).inputs.size() != 1) continue;
        const Shape& in = node(node(before).inputs[0]).type.shape;
        const Shape& out = node(id).type.shape;
        if (is_linear_over_channels(node(before)) && is_mean_over_pixels(node(id))) {
            const Operations count = operations_of(node(before), node(id), in, out);
            if (count.pooling_first < count.convolution_first) pool_first(graph, before, id);
        } else if (is_mean_over_pixels(node(before)) && is_linear_over_channels(node(id))) {
            const Operations count = operations_of(node(id), node(before), in, out);
            if (count.convolution_first < count.pooling_first) convolve_first(graph, before, id);
        }
    }
    return graph;
}

}  // namespace halcyon
