#include "syntax/format_tokens.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "support/check.h"
#include "syntax/format_spacing.h"

namespace halcyon {
namespace {

using Token = FormatToken;
using Kind = Token::Kind;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

Kind kind_of_word(std::string_view word) {
    // All of Python's but the constants, which are values.
    constexpr std::array<std::string_view, 32> keywords = {
        "and",      "as",     "assert",  "async", "await", "break",  "class", "continue", "def",  "del",  "elif",
        "else",     "except", "finally", "for",   "from",  "global", "if",    "import",   "in",   "is",   "lambda",
        "nonlocal", "not",    "or",      "pass",  "raise", "return", "try",   "while",    "with", "yield"};
    return std::find(keywords.begin(), keywords.end(), word) == keywords.end() ? Kind::word : Kind::keyword;
}

Kind kind_of_sign(std::string_view sign) {
    if (sign == "(" || sign == "[" || sign == "{") return Kind::open;
    if (sign == ")" || sign == "]" || sign == "}") return Kind::close;
    return sign == "," ? Kind::comma : Kind::other;
}

/// A comment with a blank after its mark, but for "#!" and "#:", which speak to tools.
std::string tidy_comment(std::string_view text) {
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    const std::string_view said = text.substr(1);
    constexpr std::string_view kept = " !:#";
    if (said.empty() || kept.find(said[0]) != std::string_view::npos) return std::string(text);
    return "# " + std::string(said.substr(std::min(said.find_first_not_of('\t'), said.size())));
}

/// The spelling between double quotes, unless something in it would have to change as well.
std::string tidy_string(std::string_view spelling, const StringToken& token) {
    std::string prefix;
    for (char c : spelling.substr(0, token.prefix_length)) {
        if (c != 'u' && c != 'U') prefix += c == 'F' ? 'f' : c;
    }
    std::string_view text = spelling.substr(token.prefix_length + token.quote_length);
    text.remove_suffix(token.quote_length);
    const char quote = text.find('"') == std::string_view::npos ? '"' : spelling[token.prefix_length];
    const std::string quotes(token.quote_length, quote);
    std::string body;
    for (std::size_t i = 0; i < text.size(); ++i) {  // all line ends are one character, as in Python
        if (text[i] != '\r')
            body += text[i];
        else if (i + 1 == text.size() || text[i + 1] != '\n')
            body += '\n';
    }
    return prefix + quotes + body + quotes;
}

/// How many bytes of `text`, from a token's first on, belong to it.
std::size_t length_of_token(std::string_view text) {
    const auto at = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
    std::size_t length = 1;
    if (is_digit(at(0)) || (at(0) == '.' && is_digit(at(1)))) {
        const bool hexadecimal = at(0) == '0' && (at(1) == 'x' || at(1) == 'X');
        for (; is_name_byte(at(length)) || (!hexadecimal && at(length) == '.'); ++length) {
            const bool exponent = !hexadecimal && (at(length) == 'e' || at(length) == 'E');
            if (exponent && (at(length + 1) == '+' || at(length + 1) == '-')) ++length;
        }
        return length;
    }
    if (is_name_byte(at(0))) {
        while (is_name_byte(at(length))) ++length;
        return length;
    }
    constexpr std::array<std::string_view, 17> long_signs = {
        "**=", "//=", "...", "->", "**", "//", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", ":=", "<>"};
    for (std::string_view sign : long_signs) {
        if (text.starts_with(sign)) return sign.size();
    }
    return 1;
}

class LineReader {
public:
    LineReader(std::string_view source, const ScannedText& scanned) : source_(source), scanned_(scanned) {}

    std::vector<FormatLine> read() {
        const std::string_view text = scanned_.text;
        for (std::size_t at = 0; at < text.size();) {
            const std::uint32_t offset = scanned_.offsets[at];
            std::size_t length = 1;
            switch (text[at]) {
            case ' ': break;
            case marks::indent: ++level_; break;
            case marks::dedent: --level_; break;
            case marks::newline: end_physical_line(offset); break;
            case marks::string: {
                const StringToken& token = scanned_.strings[next_string_++];
                const auto size = token.span.end - token.span.begin;
                add(offset, Kind::string, tidy_string(source_.substr(token.span.begin, size), token));
                break;
            }
            default: {
                length = length_of_token(text.substr(at));
                add_text(offset, text.substr(at, length));
            }
            }
            at += length;
        }
        take_comments(static_cast<std::uint32_t>(source_.size()), 0);
        return std::move(lines_);
    }

private:
    void add_text(std::uint32_t offset, std::string_view text) {
        if (nesting_ == 0 && text == ";") return end_statement();
        const bool number = is_digit(text[0]) || (text[0] == '.' && text.size() > 1 && is_digit(text[1]));
        const Kind kind = number ? Kind::number : is_name_byte(text[0]) ? kind_of_word(text) : kind_of_sign(text);
        add(offset, kind, std::string(text));
        nesting_ += kind == Kind::open ? 1 : kind == Kind::close ? -1 : 0;
        const std::string& first = tokens_.front().text;
        constexpr std::array<std::string_view, 9> heads = {"if",   "elif", "else",   "for",    "def",
                                                           "with", "try",  "except", "finally"};
        const bool compound = std::find(heads.begin(), heads.end(), first) != heads.end();
        if (compound && text == ":" && nesting_ == 0) opens_block_ = true;
    }

    void add(std::uint32_t offset, Kind kind, std::string text) {
        if (opens_block_) {  // what follows a head on its line is its block
            end_statement();
            ++inline_level_;
        }
        if (tokens_.empty() && inline_level_ == 0 && !on_line_) {
            take_comments(offset, level_);
            const auto level = static_cast<std::size_t>(level_);
            columns_.resize(level + 1, 0);
            columns_[level] = column_of(offset);
            blank_lines_ = blank_lines_before(offset);
        }
        on_line_ = true;
        Token token;
        token.kind = kind;
        token.text = std::move(text);
        for (; next_comment_ < scanned_.comments.size(); ++next_comment_) {
            const ast::Comment& comment = scanned_.comments[next_comment_];
            if (comment.span.begin > offset) break;
            std::vector<Token>& owner = tokens_.empty() ? lines_.back().tokens : tokens_;
            (comment.own_line ? token.comments_before : owner.back().comments_after)
                .push_back(tidy_comment(comment.text));
        }
        tokens_.push_back(std::move(token));
    }

    void end_statement() {
        if (tokens_.empty()) return;
        relate_tokens(tokens_);
        lines_.push_back({level_ + inline_level_, blank_lines_, "", std::move(tokens_), opens_block_});
        tokens_.clear();
        blank_lines_ = 0;
        opens_block_ = false;
    }

    void end_physical_line(std::uint32_t offset) {
        end_statement();
        for (; next_comment_ < scanned_.comments.size(); ++next_comment_) {
            const ast::Comment& comment = scanned_.comments[next_comment_];
            if (comment.span.begin > offset) break;
            lines_.back().tokens.back().comments_after.push_back(tidy_comment(comment.text));
        }
        inline_level_ = 0;
        on_line_ = false;
        last_level_ = level_;
    }

    /// Comments between the last statement and the one at `offset`: where blocks end, a comment's own indentation tells
    /// which of them it belongs to.
    void take_comments(std::uint32_t offset, int level) {
        int depth = std::max(level, last_level_);
        for (; next_comment_ < scanned_.comments.size(); ++next_comment_) {
            const ast::Comment& comment = scanned_.comments[next_comment_];
            if (comment.span.begin > offset) break;
            const std::uint32_t own = column_of(comment.span.begin);
            while (depth > level && own < columns_[static_cast<std::size_t>(depth)]) --depth;
            lines_.push_back({depth, blank_lines_before(comment.span.begin), tidy_comment(comment.text), {}, false});
        }
    }

    [[nodiscard]] std::uint32_t line_begin(std::uint32_t offset) const {
        const std::size_t end = offset == 0 ? std::string_view::npos : source_.find_last_of("\r\n", offset - 1);
        if (end != std::string_view::npos) return static_cast<std::uint32_t>(end) + 1;
        return source_.starts_with("\xef\xbb\xbf") ? 3 : 0;
    }
    [[nodiscard]] std::uint32_t column_of(std::uint32_t offset) const { return offset - line_begin(offset); }

    [[nodiscard]] int blank_lines_before(std::uint32_t offset) const {
        int count = 0;
        for (std::size_t at = line_begin(offset); at > 0; ++count) {
            --at;  // the line end
            if (at > 0 && source_[at] == '\n' && source_[at - 1] == '\r') --at;
            while (at > 0 && (source_[at - 1] == ' ' || source_[at - 1] == '\t')) --at;
            if (at > 0 && source_[at - 1] != '\n' && source_[at - 1] != '\r') break;
        }
        return count;
    }

    std::string_view source_;
    const ScannedText& scanned_;
    std::vector<FormatLine> lines_;
    std::vector<Token> tokens_;           ///< of the statement that is being read
    std::vector<std::uint32_t> columns_;  ///< of each level of blocks, where it was seen last
    std::size_t next_string_ = 0;
    std::size_t next_comment_ = 0;
    int level_ = 0;
    int inline_level_ = 0;  ///< more levels by heads on the same line
    int last_level_ = 0;    ///< of the last physical line
    int nesting_ = 0;
    int blank_lines_ = 0;
    bool opens_block_ = false;
    bool on_line_ = false;
};

}  // namespace

std::vector<FormatLine> read_format_lines(std::string_view source, const ScannedText& scanned) {
    return LineReader(source, scanned).read();
}

}  // namespace halcyon
