#pragma once

#include <string_view>

#include "graph/scalar_expr.h"

namespace halcyon {

/// What stands before the bracket in the text of an expression and in its JSON: "maximum" prints as "max".
[[nodiscard]] std::string_view name_of(ScalarOp op);
/// How many operands it takes: 0 for input, constant and number.
[[nodiscard]] int operand_count(ScalarOp op);
/// One operation in double precision; operands that it does not take are ignored.
[[nodiscard]] double apply(ScalarOp op, double a, double b, double c);

}  // namespace halcyon
