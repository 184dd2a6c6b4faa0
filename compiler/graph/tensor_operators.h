#pragma once

#include "graph/operators.h"

namespace halcyon::language {

/// An operator with a tensor on at least one side, as the layer that computes it: Add, Subtract, Multiply, Divide, or
/// Rescaling or Power with a number. Numbering counts it as Keras does: "add", "subtract", "multiply", "divide", "negative",
/// "power".
[[nodiscard]] LanguageValue apply_tensor_operator(Elaboration& elaboration, ast::BinaryOperator op, const Operand& left,
                                                  const Operand& right, Span span);
[[nodiscard]] LanguageValue negate_tensor(Elaboration& elaboration, const Operand& operand, Span span);

}  // namespace halcyon::language
