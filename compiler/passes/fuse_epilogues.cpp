#include "passes/fuse_epilogues.h"

#include <algorithm>

#include "passes/common.h"

namespace halcyon {
namespace {

bool has_epilogue(Op op) {
    switch (op) {
    case Op::convolution:
    case Op::transposed_convolution:
    case Op::dense:
    case Op::max_pool:
    case Op::average_pool:
    case Op::reduce_mean:
    case Op::reduce_max:
    case Op::resize_nearest:
    case Op::resize_bilinear:
    case Op::elementwise: return true;
    default: return false;
    }
}

/// Which of the elementwise node's inputs takes it as epilogue; -1: none.
int find_producer(const Graph& graph, const std::vector<int>& uses, const Node& node) {
    int best = -1;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const NodeId id = node.inputs[i];
        const Node& producer = graph.nodes[static_cast<std::size_t>(id)];
        if (!has_epilogue(producer.operation.op) || producer.type.shape != node.type.shape) continue;
        const auto here = std::count(node.inputs.begin(), node.inputs.end(), id);
        if (uses[static_cast<std::size_t>(id)] != here) continue;
        // An operation with work of its own is worth more than an elementwise one; then the later one.
        const auto rank = [&](NodeId other) {
            return std::pair(graph.nodes[static_cast<std::size_t>(other)].operation.op != Op::elementwise, other);
        };
        if (best < 0 || rank(id) > rank(node.inputs[static_cast<std::size_t>(best)])) best = static_cast<int>(i);
    }
    return best;
}

/// The node with `producer` (its input number `index`, perhaps several times) merged in.
Node merged(const Node& producer, NodeId producer_id, const Node& node) {
    Node result = producer;
    result.members.insert(result.members.end(), node.members.begin(), node.members.end());
    result.origin = node.origin;
    result.name = producer.operation.op == Op::elementwise ? node.name : producer.name;
    if (producer.operation.op == Op::elementwise) result.layer = node.layer, result.span = node.span;

    // Inputs of the merged epilogue: what it was before, then the node's other inputs, each once.
    const bool plain = producer.operation.op == Op::elementwise;
    const int first = plain ? 0 : producer.operand_count - 1;  // input(i) is inputs[first + i]
    const ScalarExpr inner = producer.epilogue;
    const int first_constant = static_cast<int>(producer.constants.size());
    std::vector<ScalarExpr> inputs;
    for (NodeId id : node.inputs) {
        if (id == producer_id) {
            inputs.push_back(inner);
            continue;
        }
        const auto begin = result.inputs.begin() + (plain ? 0 : producer.operand_count);
        auto found = std::find(begin, result.inputs.end(), id);
        const auto at = found - result.inputs.begin();
        if (found == result.inputs.end()) result.inputs.push_back(id);
        inputs.push_back(ScalarExpr::input(static_cast<int>(at) - first));
    }
    result.constants.insert(result.constants.end(), node.constants.begin(), node.constants.end());
    result.epilogue = with_constants_from(node.epilogue, first_constant).substitute(inputs, {});
    if (plain) result.operand_count = static_cast<int>(result.inputs.size());
    return result;
}

}  // namespace

Graph fuse_epilogues(Graph graph) {
    for (bool changed = true; changed;) {
        changed = false;
        std::vector<int> uses = use_counts(graph);
        for (Node& node : graph.nodes) {
            if (node.operation.op != Op::elementwise || !node.prologue.is_identity()) continue;
            const int index = find_producer(graph, uses, node);
            if (index < 0) continue;
            const NodeId producer_id = node.inputs[static_cast<std::size_t>(index)];
            const Node& producer = graph.nodes[static_cast<std::size_t>(producer_id)];
            node = merged(producer, producer_id, node);
            uses = use_counts(graph);
            // The producer's own inputs gained a second user for the moment; the dead producer goes before the next look.
            for (NodeId input : producer.inputs) --uses[static_cast<std::size_t>(input)];
            uses[static_cast<std::size_t>(producer_id)] = 0;
            changed = true;
        }
        graph = sorted(graph);
    }
    return graph;
}

}  // namespace halcyon
