#pragma once

#include <span>

#include "graph/array.h"
#include "graph/scalar_expr.h"

namespace halcyon {

/// The expression at every element of `shape`; inputs and constants are broadcast to it by NumPy's rule
/// (CHECK_INTERNAL that they can be). Each shared part of the expression is computed once.
[[nodiscard]] Array apply_scalar(const ScalarExpr& expr, std::span<const Array> inputs,
                                 std::span<const Array> constants, const Shape& shape);

}  // namespace halcyon
