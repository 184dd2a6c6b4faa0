#pragma once

#include <cstdint>
#include <string_view>

#include "support/diagnostics.h"

namespace halcyon {

/// Checks what must hold everywhere, in comments and strings too: the size, UTF-8, no control characters but tabs and line
/// ends, nothing that reorders the text. False when the text cannot be read further.
[[nodiscard]] bool check_text(std::string_view text, std::uint32_t file, Diagnostics& diag);

/// Says why a character beyond ASCII cannot stand outside strings and comments, and what to type instead. True for what
/// seems to be part of a name.
bool report_foreign_character(char32_t c, Span place, Diagnostics& diag);

}  // namespace halcyon
