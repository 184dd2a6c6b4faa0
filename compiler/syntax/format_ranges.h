#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "syntax/format_tokens.h"

namespace halcyon {

// What the layout asks of the tokens from `begin` to before `end`.

using FormatTokens = std::vector<FormatToken>;

inline constexpr int looseness_of_comma = 18;
inline constexpr int looseness_of_conditional = 16;

/// A parenthesis that only a broken line needs.
[[nodiscard]] bool is_invisible(const FormatToken& token);

/// Brackets whose partner is there too, by index.
struct BracketPair {
    std::size_t open = 0;
    std::size_t close = 0;
    [[nodiscard]] bool empty() const { return close == open + 1; }
};
/// All pairs that stand in no other.
[[nodiscard]] std::vector<BracketPair> pairs_of(const FormatTokens& tokens, std::size_t begin, std::size_t end);

/// The operators that bind least outside of brackets, and how many there are; one that begins the line joins nothing there.
struct Delimiters {
    int looseness = 0;
    int count = 0;
};
[[nodiscard]] Delimiters delimiters_of(const FormatTokens& tokens, std::size_t begin, std::size_t end);

/// Whether something asks for more lines than one: a comment, or a comma behind a last element.
[[nodiscard]] bool must_break(const FormatTokens& tokens, std::size_t begin, std::size_t end);

/// As they read on one line.
[[nodiscard]] std::string text_of(const FormatTokens& tokens, std::size_t begin, std::size_t end);

/// Whether that line, indented, is short enough. Comments at its end do not count: breaking would not shorten them. A string
/// of several lines counts by line.
[[nodiscard]] bool fits(const FormatTokens& tokens, std::size_t begin, std::size_t end, int indent);

}  // namespace halcyon
