#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/diagnostics.h"
#include "syntax/ast.h"
#include "syntax/line_scanner.h"

namespace halcyon {

/// Reads Python's spelling of a number; reports (E0106) what is none, integers beyond int64 and reals beyond double.
[[nodiscard]] ast::Number read_number(std::string_view spelling, Span span, Diagnostics& diag);

/// A literal piece of a string, or the place of an expression within an f-string's braces.
struct StringPiece {
    std::string text;  ///< unescaped; for an expression what stands after its colon
    Span expression;   ///< unknown: literal text
};

/// Takes a string literal apart; reports bad escapes and braces (E0106). A string without f-prefix has at most one piece.
[[nodiscard]] std::vector<StringPiece> read_string(const StringToken& token, const Sources& sources, Diagnostics& diag);

}  // namespace halcyon
