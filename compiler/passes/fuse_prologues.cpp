#include "passes/fuse_prologues.h"

#include "passes/common.h"

namespace halcyon {
namespace {

bool reads_with_prologue(Op op) {
    return op == Op::convolution || op == Op::dense || op == Op::max_pool || op == Op::average_pool;
}

/// A door, perhaps seen through a transpose.
bool comes_from_door(const Graph& graph, NodeId id) {
    const Node* node = &graph.nodes[static_cast<std::size_t>(id)];
    while (node->operation.op == Op::transpose) node = &graph.nodes[static_cast<std::size_t>(node->inputs[0])];
    return node->operation.op == Op::input;
}

}  // namespace

Graph fuse_prologues(Graph graph) {
    const std::vector<int> uses = use_counts(graph);
    for (Node& node : graph.nodes) {
        if (!reads_with_prologue(node.operation.op) || !node.prologue.is_identity()) continue;
        const NodeId id = node.inputs[0];
        const Node& before = graph.nodes[static_cast<std::size_t>(id)];
        if (before.operation.op != Op::elementwise || before.inputs.size() != 1) continue;
        if (uses[static_cast<std::size_t>(id)] != 1 || !comes_from_door(graph, before.inputs[0])) continue;
        if (graph.nodes[static_cast<std::size_t>(before.inputs[0])].type.shape != before.type.shape) continue;
        node.prologue = with_constants_from(before.epilogue, static_cast<int>(node.constants.size()));
        node.constants.insert(node.constants.end(), before.constants.begin(), before.constants.end());
        node.members.insert(node.members.begin(), before.members.begin(), before.members.end());
        node.inputs[0] = before.inputs[0];
    }
    return sorted(graph);
}

}  // namespace halcyon
