#include "passes/fuse_prologues.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "passes/common.h"

namespace halcyon {
namespace {

bool reads_with_prologue(Op op) {
    switch (op) {
    case Op::convolution:
    case Op::transposed_convolution:
    case Op::dense:
    case Op::max_pool:
    case Op::average_pool:
    case Op::resize_nearest:
    case Op::resize_bilinear: return true;
    default: return false;
    }
}

/// Transposes and slices of a door are doors with other strides.
bool keeps_axes_apart(Op op) {
    return op == Op::transpose || op == Op::slice;
}

/// Whether the operation reads no element twice: pooling with windows that do not overlap.
bool reads_each_once(const Operation& operation) {
    const Window& window = operation.window;
    return (operation.op == Op::max_pool || operation.op == Op::average_pool) &&
           std::equal(window.size.begin(), window.size.end(), window.stride.begin(), std::less_equal<>());
}

/// A door, perhaps seen through transposes and slices.
bool comes_from_door(const Graph& graph, NodeId id) {
    const Node* node = &graph.nodes[static_cast<std::size_t>(id)];
    while (keeps_axes_apart(node->operation.op)) node = &graph.nodes[static_cast<std::size_t>(node->inputs[0])];
    return node->operation.op == Op::input;
}

/// What node `id` reads, through transposes and slices that nobody else uses: these, the last one first, and the value behind
/// them.
struct Reading {
    NodeId source;
    std::vector<NodeId> views;
};
Reading reading_of(const Graph& graph, const std::vector<int>& uses, NodeId id) {
    Reading reading{graph.nodes[static_cast<std::size_t>(id)].inputs[0], {}};
    const auto source = [&] { return static_cast<std::size_t>(reading.source); };
    while (keeps_axes_apart(graph.nodes[source()].operation.op) && uses[source()] == 1) {
        reading.views.push_back(reading.source);
        reading.source = graph.nodes[source()].inputs[0];
    }
    return reading;
}

/// The view `like` once more, of another value with the same shape.
NodeId add_view(Graph& graph, NodeId source, const Node& like) {
    if (like.operation.op == Op::transpose) return add_transpose(graph, source, like.operation.axes);
    Node slice = like;
    slice.inputs = {source};
    slice.type.element = graph.nodes[static_cast<std::size_t>(source)].type.element;
    slice.origin = {};
    graph.nodes.push_back(std::move(slice));
    return static_cast<NodeId>(graph.nodes.size()) - 1;
}

/// A constant under a view of the value that it broadcasts to; nothing where it would need to be sliced.
std::optional<ConstantExpr> viewed_constant(const ConstantExpr& constant, const Node& view) {
    if (view.operation.op == Op::transpose) return transposed_constant(constant, view.operation.axes);
    return element_count(constant.shape()) == 1 ? std::optional(constant) : std::nullopt;
}

void fuse(Graph& graph, const std::vector<int>& uses, NodeId id) {
    const auto node = [&](NodeId value) -> Node& { return graph.nodes[static_cast<std::size_t>(value)]; };
    if (!reads_with_prologue(node(id).operation.op) || !node(id).prologue.is_identity()) return;
    const Reading reading = reading_of(graph, uses, id);
    const Node before = node(reading.source);
    if (before.operation.op != Op::elementwise || before.inputs.size() != 1) return;
    if (uses[static_cast<std::size_t>(reading.source)] != 1) return;
    if (!comes_from_door(graph, before.inputs[0]) && !reads_each_once(node(id).operation)) return;
    if (node(before.inputs[0]).type.shape != before.type.shape) return;

    std::vector<ConstantExpr> constants = before.constants;
    for (auto view = reading.views.rbegin(); view != reading.views.rend(); ++view) {
        for (ConstantExpr& constant : constants) {
            const auto viewed = viewed_constant(constant, node(*view));
            if (!viewed) return;
            constant = *viewed;
        }
    }
    // The same views, now of the door itself, where they cost nothing.
    NodeId source = before.inputs[0];
    for (auto view = reading.views.rbegin(); view != reading.views.rend(); ++view) {
        const Node like = node(*view);
        source = add_view(graph, source, like);
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
