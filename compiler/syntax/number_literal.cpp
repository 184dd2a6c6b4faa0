#include <algorithm>
#include <charconv>

#include "syntax/literals.h"

namespace halcyon {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

int radix_of(std::string_view spelling) {
    if (spelling.size() < 2 || spelling[0] != '0') return 10;
    switch (spelling[1] | 0x20) {
    case 'x': return 16;
    case 'o': return 8;
    case 'b': return 2;
    default: return 10;
    }
}

/// Single underscores may stand between digits, and after the prefix of a radix.
bool underscores_are_well_placed(std::string_view text, int radix) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '_') continue;
        if (i == 0 || i + 1 == text.size()) return false;
        const auto is_part = [&](char c) { return radix == 16 ? c != '_' && c != '.' : is_digit(c); };
        const bool after_prefix = radix != 10 && i == 2;
        if ((!is_part(text[i - 1]) && !after_prefix) || !is_part(text[i + 1])) return false;
    }
    return true;
}

std::string without_underscores(std::string_view text) {
    std::string out(text);
    std::erase(out, '_');
    return out;
}

}  // namespace

ast::Number read_number(std::string_view spelling, Span span, Diagnostics& diag) {
    ast::Number number;
    number.spelling = spelling;
    const int radix = radix_of(spelling);
    const std::string digits = without_underscores(spelling).substr(radix == 10 ? 0 : 2);
    const char* const end = digits.data() + digits.size();
    const auto refuse = [&](std::string_view why) {
        diag.error(Code::bad_literal, span, "{}", why);
        return number;
    };
    const std::string no_number = fmt::format("'{}' is not a number", spelling);
    if (!underscores_are_well_placed(spelling, radix)) return refuse(no_number);
    if (radix == 10 && (spelling.back() == 'j' || spelling.back() == 'J'))
        return refuse("the language has no complex numbers");

    number.is_integer = radix != 10 || std::all_of(digits.begin(), digits.end(), is_digit);
    if (number.is_integer) {
        const bool zero = digits.find_first_not_of('0') == std::string::npos;
        if (radix == 10 && digits.size() > 1 && digits[0] == '0' && !zero) {
            return refuse("a whole number does not begin with 0: octal numbers are written 0o17");
        }
        const auto [rest, error] = std::from_chars(digits.data(), end, number.integer, radix);
        if (digits.empty() || digits[0] == '-' || rest != end) return refuse(no_number);
        if (error == std::errc::result_out_of_range) return refuse("this whole number does not fit into 64 bits");
        number.real = static_cast<double>(number.integer);
        return number;
    }
    const auto [rest, error] = std::from_chars(digits.data(), end, number.real);
    if (rest != end ||
        !std::all_of(digits.begin(), digits.begin() + 1, [](char c) { return is_digit(c) || c == '.'; })) {
        return refuse(no_number);
    }
    if (error != std::errc{}) return refuse("this number is beyond the range of floating point");
    return number;
}

}  // namespace halcyon
