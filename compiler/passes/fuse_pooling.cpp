#include "passes/fuse_pooling.h"

#include <algorithm>
#include <vector>

#include "passes/common.h"

namespace halcyon {
namespace {

/// Whether the expression never falls as input(0), the only one, grows.
bool is_monotone(const ScalarExpr& expr) {
    if (expr.input_count() == 0) return true;
    if (expr.op() == ScalarOp::input) return expr.index() == 0;
    const auto& operands = expr.operands();
    const auto is_positive = [](const ScalarExpr& factor) {
        return factor.op() == ScalarOp::number && factor.number() > 0.0;
    };
    switch (expr.op()) {
    case ScalarOp::add:
    case ScalarOp::minimum:
    case ScalarOp::maximum: return is_monotone(operands[0]) && is_monotone(operands[1]);
    case ScalarOp::subtract: return is_monotone(operands[0]) && operands[1].input_count() == 0;
    case ScalarOp::multiply:
        return (is_monotone(operands[0]) && is_positive(operands[1])) ||
               (is_positive(operands[0]) && is_monotone(operands[1]));
    default: return false;
    }
}

/// Whether windows of 1 or 2 elements lie side by side inside the image.
bool has_small_apart_windows(const Node& pooling) {
    const Window& window = pooling.operation.window;
    return window.size == window.stride && window.size.size() <= 2 && all_are(window.dilation, 1) &&
           all_are(window.pad_before, 0) && all_are(window.pad_after, 0) &&
           std::all_of(window.size.begin(), window.size.end(), [](std::int64_t size) { return size <= 2; });
}

bool fuses(const Node& convolution, const Node& pooling) {
    return convolution.operation.op == Op::convolution && convolution.operation.groups == 1 &&
           convolution.operation.pooled.empty() && convolution.inputs.size() == 1 &&
           is_monotone(convolution.epilogue) && pooling.operation.op == Op::max_pool &&
           pooling.prologue.is_identity() && has_small_apart_windows(pooling);
}

/// Both operations have one operand, so that further inputs of the pooling's epilogue keep their numbers.
Node merged(const Node& convolution, const Node& pooling) {
    Node result = convolution;
    result.operation.pooled = pooling.operation.window.size;
    result.type = pooling.type;
    result.origin = pooling.origin;
    result.members.insert(result.members.end(), pooling.members.begin(), pooling.members.end());
    result.inputs.insert(result.inputs.end(), pooling.inputs.begin() + 1, pooling.inputs.end());
    result.constants.insert(result.constants.end(), pooling.constants.begin(), pooling.constants.end());
    const int first_constant = static_cast<int>(convolution.constants.size());
    std::vector<ScalarExpr> inputs{convolution.epilogue};
    for (std::size_t i = 1; i < pooling.inputs.size(); ++i) inputs.push_back(ScalarExpr::input(static_cast<int>(i)));
    result.epilogue = with_constants_from(pooling.epilogue, first_constant).substitute(inputs, {});
    return result;
}

}  // namespace

Graph fuse_pooling(Graph graph) {
    const std::vector<int> uses = use_counts(graph);
    for (Node& node : graph.nodes) {
        if (node.operation.op != Op::max_pool) continue;
        const NodeId before = node.inputs[0];
        const Node& convolution = graph.nodes[static_cast<std::size_t>(before)];
        if (uses[static_cast<std::size_t>(before)] == 1 && fuses(convolution, node)) node = merged(convolution, node);
    }
    return sorted(graph);
}

}  // namespace halcyon
