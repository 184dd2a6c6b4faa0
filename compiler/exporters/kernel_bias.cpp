#include "exporters/kernel_bias.h"

namespace halcyon {
namespace {

/// `expr` with every input(0) + constant(k) replaced by input(0); nothing if input(0) or the constant stands elsewhere
/// too.
std::optional<ScalarExpr> without_sum(const ScalarExpr& expr, const ScalarExpr& sum) {
    if (expr == sum) return ScalarExpr::input(0);
    if (expr.is_identity() || expr == sum.operands()[1]) return std::nullopt;
    if (expr.operands().empty()) return expr;
    std::vector<ScalarExpr> operands;
    for (const ScalarExpr& operand : expr.operands()) {
        const auto changed = without_sum(operand, sum);
        if (!changed) return std::nullopt;
        operands.push_back(*changed);
    }
    return ScalarExpr::make(expr.op(), std::move(operands));
}

}  // namespace

KernelBias kernel_bias(const Node& node) {
    const std::int64_t channels = node.type.shape.back();
    for (std::size_t k = 1; k < node.constants.size(); ++k) {
        const ConstantExpr& constant = node.constants[k];
        if (constant.shape().empty() || constant.shape().back() != channels ||
            element_count(constant.shape()) != channels)
            continue;
        const ScalarExpr sum = ScalarExpr::input(0) + ScalarExpr::constant(static_cast<int>(k));
        if (const auto rest = without_sum(node.epilogue, sum)) return {constant.reshaped({channels}), *rest};
    }
    return {std::nullopt, node.epilogue};
}

bool has_kernel(Op op) {
    return op == Op::convolution || op == Op::transposed_convolution || op == Op::dense;
}

}  // namespace halcyon
