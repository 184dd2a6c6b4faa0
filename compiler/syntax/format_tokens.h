#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "syntax/line_scanner.h"

namespace halcyon {

/// A piece of a spec as the formatter moves it about: what it is for the layout, and the comments that move with it.
struct FormatToken {
    enum class Kind { word, keyword, number, string, open, close, comma, unary, other };
    /// What a bracket encloses; that of a tuple, a list, a dict or mere grouping stands by itself.
    enum class Bracket { none, itself, call, subscript };

    Kind kind = Kind::other;
    std::string text;    ///< as it will be printed; "" for parentheses that only a broken line needs
    bool blank = false;  ///< stands before it on a line
    Bracket bracket = Bracket::none;
    int pair = -1;  ///< the same number for a bracket and its partner
    int looseness =
        0;  ///< the largest of a line tells where it breaks: before the token, or after a comma; 0: not here
    bool names_value = false;                  ///< the `=` of a keyword argument, the `:` of a dict's entry
    std::vector<std::string> comments_before;  ///< each on a line of its own
    std::vector<std::string> comments_after;   ///< at the end of its line
};

/// A statement, the head of a compound one (`if x:`), or a comment between statements.
struct FormatLine {
    int level = 0;                    ///< of blocks
    int blank_lines = 0;              ///< before it in the source
    std::string comment;              ///< not empty: nothing else
    std::vector<FormatToken> tokens;  ///< else
    bool opens_block = false;
};

/// The lines of a spec that parses. Strings are put between double quotes where that changes nothing but the quotes; several
/// statements on a line come apart.
[[nodiscard]] std::vector<FormatLine> read_format_lines(std::string_view source, const ScannedText& scanned);

}  // namespace halcyon
