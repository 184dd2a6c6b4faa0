#pragma once

#include <string>
#include <vector>

#include "syntax/format_tokens.h"

namespace halcyon {

/// Appends one statement, on one line if that has at most `format_width` columns and nothing in it asks for more lines:
/// comments, and commas behind the last element, which keep an element a line. Otherwise it breaks as Black breaks Python:
/// at the last brackets that help, then at the operators that bind least; parentheses are added where there are none to
/// break in, and left out where they are not needed. Unlike Black, `Sequential([` stays together, and a layer's arguments
/// break before the tensor in the brackets that follow.
void lay_out(const std::vector<FormatToken>& statement, int level, std::string& out);

inline constexpr int format_width = 120;

}  // namespace halcyon
