#include <algorithm>
#include <charconv>

#include "syntax/literals.h"

namespace halcyon {
namespace {

void append_utf8(std::string& out, char32_t c) {
    const auto put = [&](unsigned byte) { out.push_back(static_cast<char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0 | c >> 6);
        put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        put(0xe0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    } else {
        put(0xf0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3f));
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    }
}

class StringReader {
public:
    StringReader(const StringToken& token, std::string_view source, Diagnostics& diag)
        : token_(token), source_(source), diag_(diag), at_(token.span.begin + token.prefix_length + token.quote_length),
          end_(token.span.end - token.quote_length) {}

    std::vector<StringPiece> read() {
        while (at_ < end_) {
            const char c = source_[at_];
            if (c == '\\' && !token_.raw) {
                read_escape();
            } else if (token_.formatted && (c == '{' || c == '}')) {
                read_brace(c);
            } else if (c == '\r') {  // line ends inside a string are one character, as in Python
                text_ += '\n';
                at_ += peek(1) == '\n' ? 2 : 1;
            } else {
                text_ += c;
                ++at_;
            }
        }
        flush();
        return std::move(pieces_);
    }

private:
    [[nodiscard]] char peek(std::uint32_t ahead) const { return at_ + ahead < end_ ? source_[at_ + ahead] : '\0'; }
    [[nodiscard]] Span span(std::uint32_t begin, std::uint32_t end) const { return {token_.span.file, begin, end}; }

    void flush() {
        if (!text_.empty()) pieces_.push_back({std::move(text_), {}});
        text_.clear();
    }

    void refuse(std::uint32_t begin, std::uint32_t end, std::string_view why) {
        diag_.error(Code::bad_literal, span(begin, std::min(end, end_)), "{}", why);
    }

    void read_escape() {
        const char c = peek(1);
        constexpr std::string_view letters = "\\'\"abfnrtv";
        constexpr std::string_view meanings = "\\'\"\a\b\f\n\r\t\v";
        if (const std::size_t i = letters.find(c); i != std::string_view::npos && c != '\0') {
            text_ += meanings[i];
            at_ += 2;
        } else if (c == '\n' || c == '\r') {  // the line goes on
            at_ += c == '\r' && peek(2) == '\n' ? 3 : 2;
        } else if (c >= '0' && c <= '7') {
            std::uint32_t digits = 1;
            while (digits < 3 && peek(1 + digits) >= '0' && peek(1 + digits) <= '7') ++digits;
            read_code(1, digits, 8);
        } else if (c == 'x') {
            read_code(2, 2, 16);
        } else if (c == 'u') {
            read_code(2, 4, 16);
        } else if (c == 'U') {
            read_code(2, 8, 16);
        } else {
            refuse(at_, at_ + 2, "no escape begins like this: a backslash itself is written '\\\\'");
            at_ += 2;
        }
    }

    /// `begin` bytes after the backslash stand `digits` digits.
    void read_code(std::uint32_t begin, std::uint32_t digits, int radix) {
        const std::uint32_t first = std::min(at_ + begin, end_);
        const std::uint32_t last = std::min(first + digits, end_);
        std::uint32_t code = 0;
        const auto [rest, error] = std::from_chars(source_.data() + first, source_.data() + last, code, radix);
        const bool whole = last - first == digits && rest == source_.data() + last && error == std::errc{};
        if (!whole) {
            refuse(at_, last, fmt::format("this escape takes {} digits", digits));
        } else if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
            refuse(at_, last, "no character has this number");
        } else {
            append_utf8(text_, code);
        }
        at_ = last;
    }

    void read_brace(char c) {
        if (peek(1) == c) {
            text_ += c;
            at_ += 2;
        } else if (c == '}') {
            refuse(at_, at_ + 1, "'}' without a '{' before it: doubled, '}}', it stands for itself");
            ++at_;
        } else {
            flush();
            read_expression();
        }
    }

    /// Finds the end of the expression: a '}', ':' or '!' outside of brackets and strings.
    void read_expression() {
        const std::uint32_t brace = at_;
        const std::uint32_t begin = ++at_;
        int depth = 0;
        for (; at_ < end_; ++at_) {
            const char c = source_[at_];
            if (c == '\'' || c == '"') {
                skip_string(c);
            } else if (c == '(' || c == '[' || c == '{') {
                ++depth;
            } else if (depth > 0 && (c == ')' || c == ']' || c == '}')) {
                --depth;
            } else if (depth == 0 && (c == '}' || c == ':' || (c == '!' && peek(1) != '='))) {
                break;
            }
        }
        if (at_ >= end_)
            return refuse(brace, brace + 1, "this '{' is never closed: doubled, '{{', it stands for itself");
        const Span expression = span(begin, at_);
        const std::string_view text = source_.substr(begin, at_ - begin);
        if (source_[at_] == '!') {
            refuse(at_, at_ + 2, "the language has no conversions in f-strings: use str()");
            while (at_ < end_ && source_[at_] != '}' && source_[at_] != ':') ++at_;
        }
        std::string format = read_format();
        if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
            refuse(brace, begin + 1, "an expression is missing here");
        } else if (text.find('\\') != std::string_view::npos) {
            refuse(expression.begin, expression.end, "an f-string's expression holds no backslash");
        } else {
            pieces_.push_back({std::move(format), expression});
        }
    }

    void skip_string(char quote) {
        const std::uint32_t begin = at_;
        for (++at_; at_ < end_ && source_[at_] != quote;) ++at_;
        if (at_ >= end_) at_ = begin;  // the expression's own scan will say so
    }

    std::string read_format() {
        if (peek(0) != ':') {
            ++at_;
            return {};
        }
        const std::uint32_t begin = ++at_;
        int depth = 0;
        for (; at_ < end_ && (depth > 0 || source_[at_] != '}'); ++at_) {
            if (source_[at_] == '{' && depth++ == 0) refuse(at_, at_ + 1, "a format holds no expressions here");
            if (source_[at_] == '}') --depth;
        }
        if (at_ >= end_) refuse(begin, end_, "a '}' is missing after this format");
        return std::string(source_.substr(begin, std::min(at_++, end_) - begin));
    }

    const StringToken& token_;
    std::string_view source_;
    Diagnostics& diag_;
    std::uint32_t at_;
    std::uint32_t end_;
    std::string text_;
    std::vector<StringPiece> pieces_;
};

}  // namespace

std::vector<StringPiece> read_string(const StringToken& token, const Sources& sources, Diagnostics& diag) {
    return StringReader(token, sources.file(token.span.file).text(), diag).read();
}

}  // namespace halcyon
