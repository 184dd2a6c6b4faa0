#pragma once

#include <optional>

#include "graph/elaboration.h"

namespace halcyon::language {

/// An operand and where it stands.
struct Operand {
    LanguageValue value;
    Span span;
};

/// a op b with Python's meaning; with tensors it becomes a layer. `span` is the whole expression. Poison after mistakes.
[[nodiscard]] LanguageValue apply_binary(Elaboration& elaboration, ast::BinaryOperator op, const Operand& left,
                                         const Operand& right, Span span);
[[nodiscard]] LanguageValue apply_negate(Elaboration& elaboration, const Operand& operand, Span span);

/// One comparison of a chain; nothing after a mistake or for poison.
[[nodiscard]] std::optional<bool> compare(Elaboration& elaboration, ast::CompareOperator op, const Operand& left,
                                          const Operand& right);

/// Python's truthiness; nothing for poison and, with an error, for tensors.
[[nodiscard]] std::optional<bool> truth(Elaboration& elaboration, const LanguageValue& value, Span span);

/// Python's ==, by identity for layers, tensors and functions. Nothing when too expensive (reported).
[[nodiscard]] std::optional<bool> equal(Elaboration& elaboration, const LanguageValue& a, const LanguageValue& b,
                                        Span span);

/// a < b for numbers, texts and sequences of them; nothing after a mistake.
[[nodiscard]] std::optional<bool> less(Elaboration& elaboration, const Operand& a, const Operand& b);

[[nodiscard]] std::string_view to_text(ast::BinaryOperator op);

}  // namespace halcyon::language
