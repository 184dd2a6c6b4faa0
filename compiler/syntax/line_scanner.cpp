#include "syntax/line_scanner.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "support/utf8.h"
#include "syntax/text_checks.h"

namespace halcyon {
namespace {

bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_line_end(char c) {
    return c == '\n' || c == '\r';
}

/// Words that begin a statement and never continue an expression: met at the start of a line inside brackets, they show
/// that a bracket was forgotten, lines before the file ends.
bool only_begins_statements(std::string_view word) {
    constexpr std::array<std::string_view, 10> words = {"class", "def",    "elif", "import", "pass",
                                                        "raise", "return", "try",  "while",  "with"};
    return std::binary_search(words.begin(), words.end(), word);
}

class Scanner {
public:
    Scanner(std::string_view source, Span range, int nesting, Diagnostics& diag)
        : source_(source), at_(range.begin), end_(range.end), file_(range.file), outer_nesting_(nesting), diag_(diag) {
        out_.file = file_;
    }

    ScannedText scan_lines() && {
        while (at_ < end_) {
            begin_line();
            scan_logical_line();
        }
        for (std::size_t level = 1; level < indents_.size(); ++level) put(marks::dedent, end_);
        return finish();
    }

    ScannedText scan_expression() && {
        in_expression_ = true;
        scan_logical_line();
        return finish();
    }

private:
    struct Bracket {
        char open;
        std::uint32_t offset;
    };

    [[nodiscard]] char peek(std::uint32_t ahead = 0) const { return at_ + ahead < end_ ? source_[at_ + ahead] : '\0'; }
    [[nodiscard]] Span span(std::uint32_t begin, std::uint32_t end) const { return {file_, begin, end}; }
    [[nodiscard]] int nesting() const {
        return outer_nesting_ + static_cast<int>(brackets_.size() + indents_.size()) - 1;
    }

    void put(char c, std::uint32_t offset) {
        out_.text.push_back(c);
        out_.offsets.push_back(offset);
        if (c != ' ') last_ = c;
    }
    void put_blank() {
        if (!out_.text.empty() && out_.text.back() != ' ') put(' ', at_);
    }
    void skip_line_end() { at_ += peek() == '\r' && peek(1) == '\n' ? 2 : 1; }

    ScannedText finish() {
        out_.offsets.push_back(end_);
        return std::move(out_);
    }

    void skip_comment(bool own_line) {
        const std::uint32_t begin = at_;
        while (at_ < end_ && !is_line_end(peek())) ++at_;
        out_.comments.push_back({std::string(source_.substr(begin, at_ - begin)), span(begin, at_), own_line});
    }

    /// Skips empty lines and those with nothing but a comment; turns the next line's indentation into marks.
    void begin_line() {
        while (at_ < end_) {
            const std::uint32_t begin = at_;
            while (peek() == ' ' || peek() == '\t') ++at_;
            if (peek() == '#') skip_comment(true);
            if (at_ == end_) return;
            if (!is_line_end(peek())) return indent_line(begin);
            skip_line_end();
        }
    }

    void indent_line(std::uint32_t begin) {
        check_tabs(begin);
        const std::uint32_t width = at_ - begin;
        if (width > indents_.back()) {
            indents_.push_back(width);
            if (!check_nesting(span(at_, at_))) return;
            put(marks::indent, at_);
            return;
        }
        while (width < indents_.back()) {
            if (width > indents_[indents_.size() - 2]) {
                if (!tabs_reported_) {
                    diag_.error(Code::bad_indentation, span(begin, at_),
                                "this line's indentation of {} meets no block: expected {} or {}", width,
                                indents_[indents_.size() - 2], indents_.back());
                }
                indents_.back() = width;
                return;
            }
            indents_.pop_back();
            put(marks::dedent, at_);
        }
    }

    /// Tabs have no agreed width, so a file takes one kind of indentation.
    void check_tabs(std::uint32_t begin) {
        for (std::uint32_t i = begin; i < at_ && !tabs_reported_; ++i) {
            if (indent_kind_ == '\0') indent_kind_ = source_[i];
            if (source_[i] == indent_kind_) continue;
            tabs_reported_ = true;
            diag_.error(Code::bad_indentation, span(i, at_), "{}",
                        indent_kind_ == ' ' ? "a tab where the lines above are indented with spaces"
                                            : "a space where the lines above are indented with tabs");
        }
    }

    /// Ends the scan when there are too many levels: what follows could not be read sensibly.
    bool check_nesting(Span place) {
        if (nesting() <= max_nesting) return true;
        diag_.error(Code::over_limit, place, "brackets and blocks nest more than {} deep", max_nesting);
        put(marks::broken, at_);
        put(marks::newline, at_);
        if (brackets_.empty()) indents_.pop_back();
        brackets_.clear();
        at_ = end_;
        return false;
    }

    void scan_logical_line() {
        bool line_begins = false;  // inside brackets: nothing yet on this physical line
        line_begin_ = at_;
        while (at_ < end_) {
            const char c = peek();
            if (is_line_end(c)) {
                if (brackets_.empty() && !in_expression_) {
                    put(marks::newline, at_);
                    skip_line_end();
                    return;
                }
                put_blank();
                skip_line_end();
                line_begin_ = at_;
                line_begins = true;
                if (statement_begins_inside_brackets()) {
                    report_open_bracket();
                    put(marks::newline, at_);
                    return;
                }
            } else if (c == ' ' || c == '\t') {
                put_blank();
                ++at_;
            } else if (c == '#') {
                skip_comment(line_begins);
            } else {
                line_begins = false;
                scan_token(c);
            }
        }
        if (!brackets_.empty()) report_open_bracket();
        if (!in_expression_ && !out_.text.empty() && last_ != marks::newline && last_ != marks::dedent) {
            put(marks::newline, end_);
        }
    }

    void scan_token(char c) {
        if (c == '\\') return continue_line();
        if (c == '"' || c == '\'') return scan_string(at_);
        if (is_name_byte(c)) return scan_word();
        if (c == '(' || c == '[' || c == '{') return open_bracket(c);
        if (c == ')' || c == ']' || c == '}') return close_bracket(c);
        if (static_cast<unsigned char>(c) >= 0x80) return refuse_character();
        put(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? marks::broken : c, at_);
        ++at_;
    }

    void scan_word() {
        const std::uint32_t begin = at_;
        while (is_name_byte(peek())) ++at_;
        const bool prefixes_string = at_ - begin <= 2 && (peek() == '"' || peek() == '\'');
        if (prefixes_string && source_[begin] > '9') return scan_string(begin);
        for (std::uint32_t i = begin; i < at_; ++i) put(source_[i], i);
    }

    void continue_line() {
        if (!is_line_end(peek(1)) || at_ + 2 >= end_) {
            diag_.error(Code::unexpected_token, span(at_, at_ + 1),
                        "'\\' joins two lines: nothing may follow it on its line");
            put(marks::broken, at_);
            ++at_;
            return;
        }
        put_blank();
        ++at_;
        skip_line_end();
    }

    /// `begin` is where the prefix begins, `at_` is at the quote.
    void scan_string(std::uint32_t begin) {
        StringToken token;
        token.prefix_length = at_ - begin;
        token.nesting = nesting();
        for (std::uint32_t i = begin; i < at_; ++i) {
            const char letter = static_cast<char>(source_[i] | 0x20);
            if (letter == 'r')
                token.raw = true;
            else if (letter == 'f')
                token.formatted = true;
            else if (letter == 'b')
                return refuse_prefix(begin, "the language has no bytes, only text: leave out the 'b'");
            else if (letter != 'u')
                return refuse_prefix(begin, "a string has no such prefix: r and f exist");
        }
        const char quote = peek();
        token.quote_length = peek(1) == quote && peek(2) == quote ? 3 : 1;
        at_ += token.quote_length;
        while (!at_closing_quote(quote, token.quote_length)) {
            if (at_ >= end_ || (token.quote_length == 1 && is_line_end(peek())))
                return report_open_string(begin, token);
            if (peek() == '\\' && at_ + 1 < end_) {
                ++at_;
                skip_line_end();
            } else {
                ++at_;
            }
        }
        at_ += token.quote_length;
        token.span = span(begin, at_);
        put(marks::string, begin);
        out_.strings.push_back(token);
    }

    [[nodiscard]] bool at_closing_quote(char quote, std::uint32_t length) const {
        if (at_ >= end_) return false;
        for (std::uint32_t i = 0; i < length; ++i) {
            if (peek(i) != quote) return false;
        }
        return true;
    }

    void refuse_prefix(std::uint32_t begin, std::string_view message) {
        diag_.error(Code::bad_literal, span(begin, at_), "{}", message);
        put(marks::broken, begin);
        const char quote = peek();
        for (++at_; at_ < end_ && !is_line_end(peek()) && peek() != quote;) ++at_;
        if (peek() == quote) ++at_;
    }

    /// The text that swallowed the line's end swallowed the brackets' partners too.
    void report_open_string(std::uint32_t begin, const StringToken& token) {
        at_ = std::min(at_, end_);
        const std::uint32_t quote = begin + token.prefix_length;
        Diagnostic& error = diag_.error(Code::unterminated_string, span(begin, quote + token.quote_length),
                                        "this string is never closed");
        error.hint =
            token.quote_length == 3 ? "it takes three quotes to end it" : "strings of several lines take three quotes";
        put(marks::broken, begin);
        while (!brackets_.empty() && brackets_.back().offset >= line_begin_) brackets_.pop_back();
    }

    void open_bracket(char c) {
        brackets_.push_back({c, at_});
        if (!check_nesting(span(at_, at_ + 1))) return;
        put(c, at_);
        ++at_;
    }

    void close_bracket(char c) {
        const char partner = c == ')' ? '(' : c == ']' ? '[' : '{';
        if (brackets_.empty()) {
            diag_.error(Code::unbalanced_bracket, span(at_, at_ + 1), "this '{}' closes nothing", c);
            put(marks::broken, at_);
        } else if (brackets_.back().open != partner) {
            const Bracket open = brackets_.back();
            diag_.error(Code::unbalanced_bracket, span(at_, at_ + 1), "'{}' cannot close '{}'", c, open.open)
                .notes.emplace_back(span(open.offset, open.offset + 1), "opened here");
            put(marks::broken, at_);
            brackets_.pop_back();
        } else {
            brackets_.pop_back();
            put(c, at_);
        }
        ++at_;
    }

    [[nodiscard]] bool statement_begins_inside_brackets() const {
        if (in_expression_) return false;
        std::uint32_t begin = at_;
        while (begin < end_ && (source_[begin] == ' ' || source_[begin] == '\t')) ++begin;
        std::uint32_t end = begin;
        while (end < end_ && is_name_byte(source_[end])) ++end;
        return only_begins_statements(source_.substr(begin, end - begin));
    }

    /// One message for each line that leaves brackets open, at the first of them.
    void report_open_bracket() {
        std::uint32_t reported = 0;
        for (const Bracket& bracket : brackets_) {
            const std::string_view between = source_.substr(reported, bracket.offset - reported);
            if (&bracket != &brackets_.front() && between.find_first_of("\r\n") == std::string_view::npos) continue;
            reported = bracket.offset;
            diag_.error(Code::unbalanced_bracket, span(reported, reported + 1), "this '{}' is never closed",
                        bracket.open);
        }
        put(marks::broken, at_);
        brackets_.clear();
    }

    void refuse_character() {
        const CodePoint c = first_code_point(source_.substr(at_));
        const auto length = static_cast<std::uint32_t>(std::max<std::size_t>(c.bytes, 1));
        const bool in_name = report_foreign_character(c.value, span(at_, at_ + length), diag_);
        put(marks::broken, at_);
        at_ += length;
        while (in_name && (is_name_byte(peek()) || static_cast<unsigned char>(peek()) >= 0x80)) ++at_;
    }

    std::string_view source_;
    std::uint32_t at_;
    std::uint32_t end_;
    std::uint32_t file_;
    int outer_nesting_;
    Diagnostics& diag_;
    ScannedText out_;
    std::vector<Bracket> brackets_;
    std::vector<std::uint32_t> indents_ = {0};
    std::uint32_t line_begin_ = 0;
    char last_ = '\0';  ///< the last byte put that is no blank
    char indent_kind_ = '\0';
    bool tabs_reported_ = false;
    bool in_expression_ = false;
};

}  // namespace

ScannedText scan_lines(const Sources& sources, std::uint32_t file, Diagnostics& diag) {
    const std::string_view source = sources.file(file).text();
    Span range{file, 0, static_cast<std::uint32_t>(source.size())};
    if (!check_text(source, file, diag)) range.begin = range.end;
    if (source.starts_with("\xef\xbb\xbf") && range.begin == 0) range.begin = 3;
    return Scanner(source, range, 0, diag).scan_lines();
}

ScannedText scan_expression(const Sources& sources, Span expression, int nesting, Diagnostics& diag) {
    return Scanner(sources.file(expression.file).text(), expression, nesting, diag).scan_expression();
}

}  // namespace halcyon
