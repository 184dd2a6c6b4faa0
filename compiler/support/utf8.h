#pragma once

#include <cstddef>
#include <string_view>

namespace halcyon {

/// One code point read from the front of a text.
struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;  ///< 0: the text is empty, or what stands there is not UTF-8
};

/// Refuses overlong forms, surrogates and values beyond U+10FFFF, as Unicode's table 3-7 does.
[[nodiscard]] CodePoint first_code_point(std::string_view text);

/// Characters that reorder the text around them, so that a reader sees something else than the compiler.
[[nodiscard]] bool is_bidirectional_control(char32_t c);

/// Columns of a terminal that the code point takes: 0 for combining marks, 2 for wide East Asian characters and emoji.
[[nodiscard]] int terminal_width(char32_t c);

}  // namespace halcyon
