#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/diagnostics.h"
#include "syntax/ast.h"

namespace halcyon {

/// Control bytes that the scanner leaves for the grammar; a source text itself may hold none.
namespace marks {
inline constexpr char newline = '\x01';  ///< the end of a logical line
inline constexpr char indent = '\x02';   ///< the lines that follow are one level deeper
inline constexpr char dedent = '\x03';   ///< and back
inline constexpr char string = '\x04';   ///< stands for one whole string literal
inline constexpr char broken = '\x05';   ///< a mistake that is reported already: the logical line says nothing more
}  // namespace marks

struct StringToken {
    Span span;  ///< with prefix and quotes
    std::uint32_t prefix_length = 0;
    std::uint32_t quote_length = 1;
    bool raw = false;
    bool formatted = false;
    int nesting = 0;  ///< brackets and blocks round it
};

/// A text as the grammar reads it: no comments, no line ends but the marks above, one blank for several.
struct ScannedText {
    std::uint32_t file = Span::nowhere;
    std::string text;
    std::vector<std::uint32_t> offsets;  ///< for each byte of `text` and for its end: where it stands in the source
    std::vector<StringToken> strings;    ///< in the order of their marks
    std::vector<ast::Comment> comments;
};

inline constexpr int max_nesting = 256;

/// The first of two passes over a spec. Finds logical lines, blocks, strings and comments; refuses text that is not
/// UTF-8, characters that mislead, unbalanced brackets, uneven indentation and nesting beyond `max_nesting`.
[[nodiscard]] ScannedText scan_lines(const Sources& sources, std::uint32_t file, Diagnostics& diag);

/// The same for the expression between an f-string's braces, where line ends do not count. `nesting` is what surrounds it.
[[nodiscard]] ScannedText scan_expression(const Sources& sources, Span expression, int nesting, Diagnostics& diag);

}  // namespace halcyon
