#include "graph/used_constants.h"

namespace halcyon {

std::set<int> used_constants(const ScalarExpr& expr) {
    std::set<int> used;
    if (expr.op() == ScalarOp::constant) used.insert(expr.index());
    for (const ScalarExpr& operand : expr.operands()) used.merge(used_constants(operand));
    return used;
}

}  // namespace halcyon
