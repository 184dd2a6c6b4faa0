#include "passes/common.h"

#include <algorithm>

#include "support/check.h"

namespace halcyon {

bool is_view(Op op) {
    return op == Op::reshape || op == Op::transpose || op == Op::slice;
}

bool all_are(const std::vector<std::int64_t>& values, std::int64_t value) {
    return std::all_of(values.begin(), values.end(), [value](std::int64_t v) { return v == value; });
}

Shape permuted(const Shape& shape, const std::vector<int>& axes) {
    CHECK_INTERNAL(axes.size() == shape.size());
    Shape result;
    for (int axis : axes) result.push_back(shape.at(static_cast<std::size_t>(axis)));
    return result;
}

ConstantExpr transposed_constant(const ConstantExpr& constant, const std::vector<int>& axes) {
    if (element_count(constant.shape()) == 1) return constant;
    Shape full(axes.size() - constant.shape().size(), 1);
    full.insert(full.end(), constant.shape().begin(), constant.shape().end());
    return constant.reshaped(full).transposed(axes);
}

NodeId add_transpose(Graph& graph, NodeId input, std::vector<int> axes) {
    const Node& source = graph.nodes[static_cast<std::size_t>(input)];
    Node node;
    node.name = source.name;
    node.layer = source.layer;
    node.span = source.span;
    node.inputs = {input};
    node.type = {source.type.element, permuted(source.type.shape, axes)};
    node.operation = {.op = Op::transpose, .axes = std::move(axes)};
    graph.nodes.push_back(std::move(node));
    return static_cast<NodeId>(graph.nodes.size()) - 1;
}

bool reads_one_input(const ScalarExpr& expr) {
    return expr.input_count() <= 1;
}

ScalarExpr with_constants_from(const ScalarExpr& expr, int first) {
    std::vector<ScalarExpr> constants;
    for (int k = 0; k < expr.constant_count(); ++k) constants.push_back(ScalarExpr::constant(first + k));
    return expr.substitute({}, constants);
}

void redirect(Graph& graph, const std::vector<NodeId>& to) {
    const auto target = [&](NodeId id) {
        while (static_cast<std::size_t>(id) < to.size() && to[static_cast<std::size_t>(id)] != id)
            id = to[static_cast<std::size_t>(id)];
        return id;
    };
    for (Node& node : graph.nodes)
        for (NodeId& input : node.inputs) input = target(input);
    for (Graph::Output& output : graph.outputs) output.node = target(output.node);
}

Graph sorted(const Graph& graph) {
    // Depth first from the outputs with an explicit stack: networks may be thousands of nodes deep.
    std::vector<NodeId> number(graph.nodes.size(), -1);
    std::vector<NodeId> order;
    const auto place = [&](NodeId id) {
        number[static_cast<std::size_t>(id)] = static_cast<NodeId>(order.size());
        order.push_back(id);
    };
    for (NodeId input : graph.inputs) place(input);
    for (const Graph::Output& output : graph.outputs) {
        std::vector<std::pair<NodeId, std::size_t>> stack;
        if (number[static_cast<std::size_t>(output.node)] < 0) stack.emplace_back(output.node, 0);
        while (!stack.empty()) {
            const NodeId id = stack.back().first;
            const Node& node = graph.nodes[static_cast<std::size_t>(id)];
            if (stack.back().second < node.inputs.size()) {
                const NodeId input = node.inputs[stack.back().second++];
                if (number[static_cast<std::size_t>(input)] < 0) stack.emplace_back(input, 0);
            } else {
                if (number[static_cast<std::size_t>(id)] < 0) place(id);
                stack.pop_back();
            }
        }
    }

    Graph result = graph;
    result.nodes.clear();
    for (NodeId id : order) {
        Node node = graph.nodes[static_cast<std::size_t>(id)];
        for (NodeId& input : node.inputs) input = number[static_cast<std::size_t>(input)];
        result.nodes.push_back(std::move(node));
    }
    for (NodeId& input : result.inputs) input = number[static_cast<std::size_t>(input)];
    for (Graph::Output& output : result.outputs) output.node = number[static_cast<std::size_t>(output.node)];
    return result;
}

}  // namespace halcyon
