#include "syntax/reader.h"

#include <algorithm>
#include <array>

#include "support/check.h"
#include "syntax/grammar.h"
#include "syntax/literals.h"
#include "syntax/refused_syntax.h"

namespace halcyon {
namespace {

bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_line_mark(char c) {
    return c == marks::newline || c == marks::indent || c == marks::dedent;
}

/// One literal part, joined to the one before it where possible.
void append_text(ast::FormattedString& string, std::string text) {
    if (!string.parts.empty() && !string.parts.back().value) {
        string.parts.back().text += text;
    } else {
        string.parts.push_back({std::move(text), nullptr, {}});
    }
}

}  // namespace

Span Reader::span(Token token) const {
    CHECK_INTERNAL(token.begin <= token.end);
    const std::uint32_t begin = offset(skip_blanks(token.begin));
    return {scanned_.file, begin, std::max(begin, end_before(token.end).value_or(begin))};
}

std::uint32_t Reader::offset(const char* at) const {
    return scanned_.offsets[static_cast<std::size_t>(at - begin())];
}

const char* Reader::skip_blanks(const char* at) const {
    while (at != end() && *at == ' ') ++at;
    return at;
}

const StringToken& Reader::string_at(const char* mark) const {
    const auto begins_before = [](const StringToken& token, std::uint32_t place) { return token.span.begin < place; };
    const auto found = std::lower_bound(scanned_.strings.begin(), scanned_.strings.end(), offset(mark), begins_before);
    CHECK_INTERNAL(found != scanned_.strings.end() && found->span.begin == offset(mark));
    return *found;
}

std::optional<std::uint32_t> Reader::end_before(const char* at) const {
    while (at != begin() && (at[-1] == ' ' || is_line_mark(at[-1]))) --at;
    if (at == begin()) return std::nullopt;
    return at[-1] == marks::string ? string_at(at - 1).span.end : offset(at - 1) + 1;
}

Parsed Reader::read_strings(Token token) {
    ast::FormattedString joined;
    bool formatted = false;
    int depth = 1;
    for (const char* at = token.begin; at != token.end; ++at) {
        if (*at != marks::string) continue;
        const StringToken& literal = string_at(at);
        formatted = formatted || literal.formatted;
        if (!joined.spelling.empty()) joined.spelling += ' ';
        joined.spelling += sources_.text(literal.span);
        for (StringPiece& piece : read_string(literal, sources_, diag)) {
            if (!piece.expression.known()) {
                append_text(joined, std::move(piece.text));
                continue;
            }
            const ScannedText inner = scan_expression(sources_, piece.expression, literal.nesting + 1, diag);
            Parsed value = parse_expression(sources_, inner, piece.expression, diag);
            depth = std::max(depth, value.depth + 1);
            joined.parts.push_back({{}, std::move(value.expr), std::move(piece.text)});
        }
    }
    Parsed value;
    if (formatted) {
        value = make_value(std::move(joined), span(token), depth);
    } else {
        std::string text = joined.parts.empty() ? "" : std::move(joined.parts.front().text);
        value = make_value(ast::String{std::move(joined.spelling), std::move(text)}, span(token));
    }
    limit_depth(value, diag);
    return value;
}

bool Reader::line_is_broken(const char* at) const {
    const char* first = at;
    while (first != begin() && !is_line_mark(first[-1])) --first;
    const char* last = at;
    while (last != end() && *last != marks::newline) ++last;
    return std::find(first, last, marks::broken) != last;
}

Token Reader::token_at(const char* at) const {
    constexpr std::array<std::string_view, 19> longer = {"**=", "//=", "...", ">>=", "<<=", "**", "//",
                                                         "==",  "!=",  "<=",  ">=",  "->",  ":=", "+=",
                                                         "-=",  "*=",  "/=",  "%=",  "<>"};
    const char* last = at;
    while (last != end() && is_name_byte(*last)) ++last;
    if (last != at) return {at, last};
    const std::string_view rest(at, static_cast<std::size_t>(end() - at));
    for (std::string_view op : longer) {
        if (rest.starts_with(op)) return {at, at + op.size()};
    }
    return {at, at == end() ? at : at + 1};
}

std::string Reader::describe(const char* at) const {
    if (at == end()) return "the end of the expression";
    switch (*at) {
    case marks::newline: return "the end of the line";
    case marks::indent: return "an indented line";
    case marks::dedent: return "the end of the block";
    case marks::string: return "a string";
    default: return fmt::format("'{}'", token_at(at).text());
    }
}

void Reader::report_unexpected(const char* where, std::string_view expected) {
    const char* next = skip_blanks(where);
    if (line_is_broken(next)) return;
    Span place = span(token_at(next));
    const bool at_mark = next == end() || is_line_mark(*next);
    if (const std::optional<std::uint32_t> before = end_before(next)) {
        const std::string_view between = sources_.text({scanned_.file, *before, std::max(*before, place.begin)});
        // A mistake at a line's end is shown there, not on the next line.
        if (at_mark || between.find_first_of("\r\n") != std::string_view::npos)
            place = {scanned_.file, *before, *before};
    }
    Diagnostic& error = diag.error(Code::unexpected_token, place, "expected {}, found {}", expected, describe(next));
    const std::string_view found = token_at(next).text();
    const auto& reserved = reserved_words();
    const bool names = expected.starts_with("a name") || expected.starts_with("a parameter");
    if (names && std::find(reserved.begin(), reserved.end(), found) != reserved.end()) {
        error.hint = "Python's keywords cannot be names";
    }
    if (expected == "':'" && found == "=") error.hint = "'=' assigns; to compare, write '=='";
}

const char* Reader::skip_statement(const char* where) {
    resumed_ = skip_blanks(where);
    const bool line_is_done = resumed_ > statement_ && resumed_ != begin() && is_line_mark(resumed_[-1]);
    if (line_is_done) return resumed_;
    while (resumed_ != end() && *resumed_ != marks::newline) ++resumed_;
    if (resumed_ != end()) ++resumed_;
    return resumed_;
}

void Reader::report_orphan_block(const char* where) {
    if (where == resumed_) return;
    const std::uint32_t place = offset(where);
    diag.error(Code::bad_indentation, {scanned_.file, place, place}, "this line is indented, but begins no block");
}

}  // namespace halcyon
