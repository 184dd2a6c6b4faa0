#include "passes/fold_affine.h"

#include <algorithm>
#include <optional>

#include "passes/common.h"

namespace halcyon {
namespace {

/// scale * input(0) + shift, both free of inputs.
struct Affine {
    ScalarExpr scale, shift;
};

std::optional<Affine> as_affine(const ScalarExpr& expr) {
    if (expr.input_count() == 0) return Affine{0.0, expr};
    if (expr.op() == ScalarOp::input) return expr.index() == 0 ? std::optional(Affine{1.0, 0.0}) : std::nullopt;
    std::vector<Affine> parts;
    for (const ScalarExpr& operand : expr.operands()) {
        const auto part = as_affine(operand);
        if (!part) return std::nullopt;
        parts.push_back(*part);
    }
    const auto is_free = [&](std::size_t i) { return expr.operands()[i].input_count() == 0; };
    switch (expr.op()) {
    case ScalarOp::add: return Affine{parts[0].scale + parts[1].scale, parts[0].shift + parts[1].shift};
    case ScalarOp::subtract: return Affine{parts[0].scale - parts[1].scale, parts[0].shift - parts[1].shift};
    case ScalarOp::negate: return Affine{-parts[0].scale, -parts[0].shift};
    case ScalarOp::multiply:
        if (is_free(1)) return Affine{parts[0].scale * parts[1].shift, parts[0].shift * parts[1].shift};
        if (is_free(0)) return Affine{parts[0].shift * parts[1].scale, parts[0].shift * parts[1].shift};
        return std::nullopt;
    case ScalarOp::divide:
        if (is_free(1)) return Affine{parts[0].scale / parts[1].shift, parts[0].shift / parts[1].shift};
        return std::nullopt;
    default: return std::nullopt;
    }
}

/// Whether a constant has one number per channel, or one for all.
bool is_per_channel(const ConstantExpr& constant) {
    const Shape& shape = constant.shape();
    return std::all_of(shape.begin(), shape.empty() ? shape.end() : shape.end() - 1,
                       [](std::int64_t extent) { return extent == 1; });
}

/// The expression over the node's per-channel constants as one constant of shape [channels].
ConstantExpr per_channel(const ScalarExpr& expr, const std::vector<ConstantExpr>& constants, std::int64_t channels) {
    std::vector<ConstantExpr> operands;
    std::vector<ScalarExpr> as_inputs;
    for (const ConstantExpr& constant : constants) {
        as_inputs.push_back(ScalarExpr::input(static_cast<int>(operands.size())));
        operands.push_back(constant.reshaped({element_count(constant.shape())}));
    }
    operands.push_back(ConstantExpr::literal(Array({channels}, 0.0)));  // gives the result its shape
    return ConstantExpr::elementwise(expr.substitute({}, as_inputs), std::move(operands));
}

bool fold(Graph& graph, const std::vector<int>& uses, NodeId id) {
    Node& affine = graph.nodes[static_cast<std::size_t>(id)];
    if (affine.operation.op != Op::elementwise || affine.inputs.size() != 1 || affine.constants.empty()) return false;
    const NodeId producer_id = affine.inputs[0];
    const Node& producer = graph.nodes[static_cast<std::size_t>(producer_id)];
    const Op op = producer.operation.op;
    if (op != Op::convolution && op != Op::transposed_convolution && op != Op::dense) return false;
    if (uses[static_cast<std::size_t>(producer_id)] != 1 || producer.type.shape != affine.type.shape) return false;
    const auto own = as_affine(producer.epilogue);
    const auto next = as_affine(affine.epilogue);
    // The producer's constants[0] is its kernel, which an epilogue never reads.
    const auto folds = [](const Node& node, std::size_t first) {
        return std::all_of(node.constants.begin() + static_cast<std::ptrdiff_t>(first), node.constants.end(),
                           is_per_channel);
    };
    if (!own || !next || !folds(producer, 1) || !folds(affine, 0)) return false;

    const std::int64_t channels = producer.type.shape.back();
    std::vector<ConstantExpr> own_constants = producer.constants;
    own_constants[0] = ConstantExpr::literal(Array({1}, 0.0));
    const ConstantExpr scale1 = per_channel(own->scale, own_constants, channels);
    const ConstantExpr shift1 = per_channel(own->shift, own_constants, channels);
    const ConstantExpr scale2 = per_channel(next->scale, affine.constants, channels);
    const ConstantExpr shift2 = per_channel(next->shift, affine.constants, channels);
    const auto in = [](int i) { return ScalarExpr::input(i); };
    // A transposed convolution's kernel has its filters before the channels.
    const auto along_kernel = [&](const ConstantExpr& scale) {
        return op == Op::transposed_convolution ? scale.reshaped({channels, 1}) : scale;
    };

    Node folded = producer;
    folded.members.insert(folded.members.end(), affine.members.begin(), affine.members.end());
    folded.origin = affine.origin;
    folded.constants = {ConstantExpr::elementwise(in(0) * (in(1) * in(2)),
                                                  {producer.constants[0], along_kernel(scale1), along_kernel(scale2)}),
                        ConstantExpr::elementwise(in(0) * in(1) + in(2), {shift1, scale2, shift2})};
    folded.epilogue = in(0) + ScalarExpr::constant(1);
    affine = std::move(folded);
    return true;
}

}  // namespace

Graph fold_affine(Graph graph) {
    const std::vector<int> uses = use_counts(graph);
    for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) fold(graph, uses, id);
    return sorted(graph);
}

}  // namespace halcyon
