#include "passes/absorb_padding.h"

#include <algorithm>

#include "passes/common.h"

namespace halcyon {
namespace {

bool takes_padding(const Node& node) {
    const Window& window = node.operation.window;
    if (node.operation.op == Op::convolution) return true;
    return node.operation.op == Op::max_pool && all_are(window.pad_before, 0) && all_are(window.pad_after, 0);
}

bool takes_nothing_away(const std::vector<std::int64_t>& pads) {
    return std::all_of(pads.begin(), pads.end(), [](std::int64_t pad) { return pad >= 0; });
}

bool is_spatial_zero_pad(const Node& node) {
    const Operation& pad = node.operation;
    if (!takes_nothing_away(pad.pad_before) || !takes_nothing_away(pad.pad_after)) return false;
    return pad.op == Op::pad && pad.pad_value == 0.0 && node.epilogue.is_identity() && !pad.pad_before.empty() &&
           pad.pad_before.back() == 0 && pad.pad_after.back() == 0;
}

}  // namespace

Graph absorb_padding(Graph graph) {
    for (Node& node : graph.nodes) {
        if (!takes_padding(node)) continue;
        const Node& pad = graph.nodes[static_cast<std::size_t>(node.inputs[0])];
        if (!is_spatial_zero_pad(pad)) continue;
        Operation& operation = node.operation;
        for (std::size_t axis = 0; axis < operation.window.size.size(); ++axis) {
            operation.window.pad_before[axis] += pad.operation.pad_before[axis];
            operation.window.pad_after[axis] += pad.operation.pad_after[axis];
        }
        if (operation.op == Op::max_pool) operation.has_pad_value = true;
        node.members.insert(node.members.begin(), pad.members.begin(), pad.members.end());
        node.inputs[0] = pad.inputs[0];
    }
    return sorted(graph);
}

}  // namespace halcyon
