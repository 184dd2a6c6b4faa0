#include "syntax/text_checks.h"

#include <algorithm>

#include "support/utf8.h"

namespace halcyon {
namespace {

constexpr std::size_t max_bytes = std::size_t{16} << 20;

bool is_blank_look_alike(char32_t c) {
    return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200d) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x2060 || c == 0x3000 || c == 0xfeff;
}

std::string_view ascii_instead(char32_t c) {
    switch (c) {
    case 0x2018:
    case 0x2019: return "'";
    case 0x201c:
    case 0x201d: return "\"";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2212: return "-";
    case 0xd7: return "*";
    case 0x2026: return "...";
    default: return "";
    }
}

}  // namespace

bool check_text(std::string_view text, std::uint32_t file, Diagnostics& diag) {
    if (text.size() > max_bytes) {
        diag.error(Code::over_limit, {file, 0, 0}, "the file has {} bytes, more than the limit of {}", text.size(),
                   max_bytes);
        return false;
    }
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint c = first_code_point(text.substr(at));
        const auto begin = static_cast<std::uint32_t>(at);
        const Span place{file, begin, begin + static_cast<std::uint32_t>(std::max<std::size_t>(c.bytes, 1))};
        if (c.bytes == 0) {
            diag.error(Code::invalid_text, place, "byte 0x{:02x} at offset {} is not UTF-8",
                       static_cast<unsigned char>(text[at]), at)
                .hint = "save the file as UTF-8";
            return false;
        }
        const bool control = c.value < 0x20 || (c.value >= 0x7f && c.value < 0xa0);
        if (control && c.value != '\t' && c.value != '\n' && c.value != '\r') {
            diag.error(Code::invalid_text, place, "a control character (U+{:04X}) cannot stand in a spec",
                       static_cast<unsigned>(c.value));
        } else if (is_bidirectional_control(c.value)) {
            diag.error(Code::invalid_text, place,
                       "U+{:04X} reorders the text around it, so that it reads otherwise than it is",
                       static_cast<unsigned>(c.value))
                .hint = "delete it";
        }
        at += c.bytes;
    }
    return true;
}

bool report_foreign_character(char32_t c, Span place, Diagnostics& diag) {
    if (is_bidirectional_control(c)) return false;  // check_text has reported it
    const auto number = static_cast<unsigned>(c);
    if (is_blank_look_alike(c)) {
        diag.error(Code::invalid_text, place, "U+{:04X} looks like a blank, but is none", number).hint =
            "type a plain blank";
        return false;
    }
    Diagnostic& error =
        diag.error(Code::invalid_text, place, "U+{:04X} cannot stand outside strings and comments", number);
    const std::string_view instead = ascii_instead(c);
    error.hint = instead.empty() ? "names are made of ASCII letters, digits and '_'" : fmt::format("type {}", instead);
    return instead.empty();
}

}  // namespace halcyon
