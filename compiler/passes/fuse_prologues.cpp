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

/// What node `id` reads, through transposes that nobody else uses: their number, outermost first, and the value behind them.
struct Reading {
    NodeId source;
    std::vector<NodeId> transposes;
};
Reading reading_of(const Graph& graph, const std::vector<int>& uses, NodeId id) {
    Reading reading{graph.nodes[static_cast<std::size_t>(id)].inputs[0], {}};
    const auto source = [&] { return static_cast<std::size_t>(reading.source); };
    while (graph.nodes[source()].operation.op == Op::transpose && uses[source()] == 1) {
        reading.transposes.push_back(reading.source);
        reading.source = graph.nodes[source()].inputs[0];
    }
    return reading;
}

void fuse(Graph& graph, const std::vector<int>& uses, NodeId id) {
    const auto node = [&](NodeId value) -> Node& { return graph.nodes[static_cast<std::size_t>(value)]; };
    if (!reads_with_prologue(node(id).operation.op) || !node(id).prologue.is_identity()) return;
    const Reading reading = reading_of(graph, uses, id);
    const Node before = node(reading.source);
    if (before.operation.op != Op::elementwise || before.inputs.size() != 1) return;
    if (uses[static_cast<std::size_t>(reading.source)] != 1 || !comes_from_door(graph, before.inputs[0])) return;
    if (node(before.inputs[0]).type.shape != before.type.shape) return;

    // The same transposes, now of the door itself, where they are views.
    NodeId source = before.inputs[0];
    std::vector<ConstantExpr> constants = before.constants;
    for (auto turn = reading.transposes.rbegin(); turn != reading.transposes.rend(); ++turn) {
        const std::vector<int> axes = node(*turn).operation.axes;
        source = add_transpose(graph, source, axes);
        for (ConstantExpr& constant : constants) constant = transposed_constant(constant, axes);
    }
    Node& reader = node(id);
    reader.prologue = with_constants_from(before.epilogue, static_cast<int>(reader.constants.size()));
    reader.constants.insert(reader.constants.end(), constants.begin(), constants.end());
    reader.members.insert(reader.members.begin(), before.members.begin(), before.members.end());
    reader.inputs[0] = source;
}

}  // namespace

Graph fuse_prologues(Graph graph) {
    const std::vector<int> uses = use_counts(graph);
    const auto count = static_cast<NodeId>(graph.nodes.size());
    for (NodeId id = 0; id < count; ++id) fuse(graph, uses, id);
    return sorted(graph);
}

}  // namespace halcyon
