#include "passes/cancel_views.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "passes/common.h"

namespace halcyon {
namespace {

bool is_identity(const std::vector<int>& axes) {
    for (std::size_t i = 0; i < axes.size(); ++i)
        if (axes[i] != static_cast<int>(i)) return false;
    return true;
}

std::vector<int> inverse(const std::vector<int>& axes) {
    std::vector<int> result(axes.size());
    for (std::size_t i = 0; i < axes.size(); ++i) result[static_cast<std::size_t>(axes[i])] = static_cast<int>(i);
    return result;
}

/// transpose(transpose(x, first), second) = transpose(x, composed).
std::vector<int> composed(const std::vector<int>& first, const std::vector<int>& second) {
    std::vector<int> result;
    for (int axis : second) result.push_back(first[static_cast<std::size_t>(axis)]);
    return result;
}

/// The permutation shared by every input of the node, if all are transposes alike.
std::optional<std::vector<int>> common_axes(const Graph& graph, const Node& node) {
    std::optional<std::vector<int>> common;
    for (NodeId input : node.inputs) {
        const Node& source = graph.nodes[static_cast<std::size_t>(input)];
        if (source.operation.op != Op::transpose || source.type.rank() != node.type.rank()) return std::nullopt;
        if (common && *common != source.operation.axes) return std::nullopt;
        common = source.operation.axes;
    }
    return common;
}

bool can_sink_through(Op op) {
    return op == Op::elementwise || op == Op::concatenate || op == Op::pad || op == Op::slice;
}

/// node(transpose(x), ...) -> transpose(node'(x, ...)): rewrites the node in place and returns the new transpose.
NodeId sink(Graph& graph, NodeId id, const std::vector<int>& axes) {
    Node moved = graph.nodes[static_cast<std::size_t>(id)];
    for (NodeId& input : moved.inputs) input = graph.nodes[static_cast<std::size_t>(input)].inputs[0];
    moved.type.shape = permuted(moved.type.shape, inverse(axes));
    for (ConstantExpr& constant : moved.constants) constant = transposed_constant(constant, inverse(axes));
    Operation& operation = moved.operation;
    if (operation.op == Op::concatenate) operation.axes = {axes[static_cast<std::size_t>(operation.axes[0])]};
    if (operation.op == Op::pad) {
        operation.pad_before = permuted(operation.pad_before, inverse(axes));
        operation.pad_after = permuted(operation.pad_after, inverse(axes));
    }
    if (operation.op == Op::slice) {
        operation.begin = permuted(operation.begin, inverse(axes));
        operation.step = permuted(operation.step, inverse(axes));
    }
    const Origin origin = moved.origin;
    // The node's axis i is the transpose's axis inverse(axes)[i], which is the original's.
    const std::vector<int> back = inverse(axes);
    moved.origin.axes = origin.axes.empty() ? back : composed(origin.axes, back);
    graph.nodes.push_back(std::move(moved));
    const NodeId result = add_transpose(graph, static_cast<NodeId>(graph.nodes.size()) - 1, axes);
    graph.nodes[static_cast<std::size_t>(result)].origin = origin;
    return result;
}

/// dense(reshape(transpose(x))) -> dense(reshape(x)) with the kernel's rows in x's order.
bool absorb_into_dense(Graph& graph, Node& dense) {
    if (dense.operation.op != Op::dense) return false;
    const Node& flat = graph.nodes[static_cast<std::size_t>(dense.inputs[0])];
    if (flat.operation.op != Op::reshape || flat.type.rank() != 1) return false;
    const Node& turned = graph.nodes[static_cast<std::size_t>(flat.inputs[0])];
    if (turned.operation.op != Op::transpose) return false;
    const std::vector<int>& axes = turned.operation.axes;

    Shape rows = turned.type.shape;
    rows.push_back(dense.constants[0].shape()[1]);
    std::vector<int> back = inverse(axes);
    back.push_back(static_cast<int>(axes.size()));
    dense.constants[0] = dense.constants[0].reshaped(rows).transposed(back).reshaped(dense.constants[0].shape());

    Node direct = flat;
    direct.origin = {};
    direct.inputs = {turned.inputs[0]};
    const auto at = static_cast<NodeId>(graph.nodes.size());
    dense.inputs[0] = at;
    graph.nodes.push_back(std::move(direct));
    return true;
}

/// One rewrite of node `id`: the node that stands for it afterwards, or `id`.
NodeId rewrite(Graph& graph, NodeId id, bool& changed) {
    const Node& node = graph.nodes[static_cast<std::size_t>(id)];
    const Op op = node.operation.op;
    if (op == Op::transpose) {
        if (is_identity(node.operation.axes)) return changed = true, node.inputs[0];
        const Node& inner = graph.nodes[static_cast<std::size_t>(node.inputs[0])];
        if (inner.operation.op == Op::transpose) {
            changed = true;
            const Origin origin = node.origin;
            const NodeId source = inner.inputs[0];
            const NodeId merged = add_transpose(graph, source, composed(inner.operation.axes, node.operation.axes));
            graph.nodes[static_cast<std::size_t>(merged)].origin = origin;
            return merged;
        }
    }
    if (op == Op::reshape) {
        const Node& source = graph.nodes[static_cast<std::size_t>(node.inputs[0])];
        if (source.type.shape == node.type.shape) return changed = true, node.inputs[0];
        if (source.operation.op == Op::reshape) {
            changed = true;
            const NodeId inner = source.inputs[0];
            graph.nodes[static_cast<std::size_t>(id)].inputs[0] = inner;
            return id;
        }
    }
    if (can_sink_through(op) && !node.inputs.empty())
        if (const auto axes = common_axes(graph, node)) return changed = true, sink(graph, id, *axes);
    Node dense = node;
    if (absorb_into_dense(graph, dense)) {
        changed = true;
        graph.nodes[static_cast<std::size_t>(id)] = std::move(dense);
    }
    return id;
}

}  // namespace

Graph cancel_views(Graph graph) {
    for (bool changed = true; changed;) {
        changed = false;
        std::vector<NodeId> to(graph.nodes.size());
        std::iota(to.begin(), to.end(), 0);
        const auto count = static_cast<NodeId>(graph.nodes.size());
        for (NodeId id = 0; id < count; ++id) {
            for (NodeId& input : graph.nodes[static_cast<std::size_t>(id)].inputs)
                if (input < count) input = to[static_cast<std::size_t>(input)];
            to[static_cast<std::size_t>(id)] = rewrite(graph, id, changed);
        }
        redirect(graph, to);
        graph = sorted(graph);
    }
    return graph;
}

}  // namespace halcyon
