#include "syntax/format_spacing.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "support/check.h"

namespace halcyon {
namespace {

using Token = FormatToken;
using Kind = Token::Kind;
using Bracket = Token::Bracket;

// How readily a line breaks: what binds least first, as in Python's table of operators.
constexpr int at_comprehension = 20;
constexpr int at_comma = 18;
constexpr int at_conditional = 16;
constexpr int at_neighbouring_strings = 12;

int looseness_of(std::string_view text) {
    constexpr std::array<std::string_view, 8> comparisons = {"==", "!=", "<", "<=", ">", ">=", "in", "is"};
    constexpr std::array<std::string_view, 4> products = {"*", "/", "//", "%"};
    const auto is_in = [&](const auto& list) { return std::find(list.begin(), list.end(), text) != list.end(); };
    if (text == "or" || text == "and") return 14;
    if (is_in(comparisons)) return 10;
    if (text == "+" || text == "-") return 5;
    if (is_in(products)) return 4;
    return text == "**" ? 2 : 0;
}

bool ends_value(const Token& token) {
    return token.kind == Kind::word || token.kind == Kind::number || token.kind == Kind::string ||
           token.kind == Kind::close || token.text == "...";
}

/// One statement's tokens: first what they are, then the blanks between them.
class Relations {
public:
    explicit Relations(std::vector<Token>& line)
        : line_(line), is_import_(line.front().text == "from" || line.front().text == "import"),
          is_def_(line.front().text == "def"), spaced_(line.size(), false), in_slice_(line.size(), false) {}

    void find() {
        for (std::size_t i = 0; i < line_.size(); ++i) classify(i);
        CHECK_INTERNAL(open_.size() == 1);
        for (std::size_t i = 1; i < line_.size(); ++i) line_[i].blank = needs_blank(i);
        for (std::size_t i = 1; i + 1 < line_.size(); ++i) {
            if (line_[i].text == "**" && line_[i].kind == Kind::other && joins_simple_values(i)) {
                line_[i].blank = line_[i + 1].blank = false;
            }
        }
    }

private:
    /// A bracket that is open, or the line itself.
    struct Surrounding {
        Bracket bracket = Bracket::none;
        std::size_t begin = 0;  ///< its index; for a subscript that of its last comma, if any
        char text = '\0';
        int pair = -1;
        bool annotated = false;         ///< the type of the current parameter or variable has been read
        bool in_comprehension = false;  ///< past its `for`
        bool awaits_in = false;         ///< between a `for` and its `in`
    };

    [[nodiscard]] bool follows_value(std::size_t i) const { return i > 0 && ends_value(line_[i - 1]); }
    [[nodiscard]] bool in_parameters() const { return is_def_ && open_.size() == 2 && open_.back().begin == 2; }

    void classify(std::size_t i) {
        Token& token = line_[i];
        Surrounding& around = open_.back();
        if (token.kind == Kind::open) {
            const bool applied = follows_value(i) && token.text != "{";
            token.bracket = !applied ? Bracket::itself : token.text == "(" ? Bracket::call : Bracket::subscript;
            token.pair = next_pair_++;
            open_.push_back({token.bracket, i, token.text[0], token.pair});
        } else if (token.kind == Kind::close) {
            CHECK_INTERNAL(open_.size() > 1);
            if (around.bracket == Bracket::subscript) space_slice(around.begin, i);
            token.bracket = around.bracket;
            token.pair = around.pair;
            open_.pop_back();
        } else if (token.kind == Kind::comma) {
            if (around.bracket == Bracket::subscript) {
                space_slice(around.begin, i);
                around.begin = i;
            }
            token.looseness = around.awaits_in ? 0 : at_comma;
            around.annotated = false;
        } else if (token.kind == Kind::string) {
            if (i > 0 && line_[i - 1].kind == Kind::string) token.looseness = at_neighbouring_strings;
        } else if (token.kind == Kind::keyword) {
            if (!is_import_) classify_keyword(i);
        } else if (token.kind == Kind::other) {
            classify_operator(i);
        }
    }

    void classify_operator(std::size_t i) {
        Token& token = line_[i];
        Surrounding& around = open_.back();
        constexpr std::array<std::string_view, 5> signs = {"+", "-", "*", "**", "@"};
        const bool sign = std::find(signs.begin(), signs.end(), token.text) != signs.end();
        if (sign && !follows_value(i)) {
            token.kind = Kind::unary;
            return;
        }
        token.looseness = looseness_of(token.text);
        const bool holds_arguments = around.bracket == Bracket::call && !in_parameters();
        token.names_value = (token.text == "=" && holds_arguments) || (token.text == ":" && around.text == '{');
        if (token.text == "=") spaced_[i] = open_.size() == 1 || around.annotated;
        if (token.text == ":") {
            around.annotated = true;
            in_slice_[i] = around.bracket == Bracket::subscript;
            spaced_[i] = !in_slice_[i];
        }
    }

    void classify_keyword(std::size_t i) {
        Token& token = line_[i];
        Surrounding& around = open_.back();
        if (i == 0) {
            around.awaits_in = token.text == "for";
        } else if (token.text == "for") {
            token.looseness = at_comprehension;
            around.in_comprehension = around.awaits_in = true;
        } else if (token.text == "in" && around.awaits_in) {
            around.awaits_in = false;
        } else if (token.text == "if" || token.text == "else") {
            const bool filters = token.text == "if" && around.in_comprehension;
            token.looseness = filters ? at_comprehension : at_conditional;
        } else if (token.text == "not") {
            if (follows_value(i)) token.looseness = looseness_of("in");
        } else if (line_[i - 1].text != "not") {
            token.looseness = looseness_of(token.text);
        }
    }

    /// Blanks round the colons of `x[a + 1 : b]`, where a side is more than a name or a number, but not of `x[1:-1]`.
    void space_slice(std::size_t begin, std::size_t end) {
        const auto is_more = [](const Token& token) {
            return token.looseness > 0 || token.text == "." || token.kind == Kind::keyword ||
                   (token.kind == Kind::open && token.bracket != Bracket::itself);
        };
        const auto first = line_.begin() + static_cast<std::ptrdiff_t>(begin) + 1;
        const auto last = line_.begin() + static_cast<std::ptrdiff_t>(end);
        if (std::none_of(first, last, is_more)) return;
        for (std::size_t i = begin + 1; i < end; ++i) {
            if (in_slice_[i]) spaced_[i] = true;
        }
    }

    [[nodiscard]] bool needs_blank(std::size_t i) const {
        const Token& token = line_[i];
        const Token& before = line_[i - 1];
        if (before.kind == Kind::open || token.kind == Kind::close || token.kind == Kind::comma) return false;
        if (before.kind == Kind::comma) return true;
        if (is_dots(token)) return before.kind == Kind::number || before.text == "from";  // "1." would be a number
        if (is_dots(before)) return token.kind == Kind::keyword;
        if (token.text == "=") return spaced_[i];
        if (before.text == "=") return spaced_[i - 1];
        if (before.kind == Kind::unary) return false;
        if (token.text == ":") return in_slice_[i] && spaced_[i] && before.text != ":";
        if (before.text == ":") return spaced_[i - 1];
        return token.kind != Kind::open || token.bracket == Bracket::itself;
    }
    /// Of an attribute or a relative import; "..." elsewhere is a value.
    [[nodiscard]] bool is_dots(const Token& token) const {
        return token.text == "." || (is_import_ && token.text == "...");
    }

    /// `x**2`, but `f(x) ** 2`: whether a name, with attributes, or a number, perhaps with a sign, is on both sides.
    [[nodiscard]] bool joins_simple_values(std::size_t i) const {
        std::size_t left = i - 1;
        while (left >= 2 && line_[left].kind == Kind::word && line_[left - 1].text == ".") left -= 2;
        std::size_t right = i + 1;
        if (line_[right].kind == Kind::unary && right + 1 < line_.size()) ++right;
        const bool simple = is_simple(left) && is_simple(right);
        while (right + 2 < line_.size() && line_[right + 1].text == ".") right += 2;
        const bool applied = right + 1 < line_.size() && line_[right + 1].kind == Kind::open;
        return simple && !applied;
    }
    [[nodiscard]] bool is_simple(std::size_t i) const {
        return line_[i].kind == Kind::word || line_[i].kind == Kind::number;
    }

    std::vector<Token>& line_;
    bool is_import_;
    bool is_def_;
    std::vector<bool> spaced_;    ///< for each `=` and `:`
    std::vector<bool> in_slice_;  ///< for each `:`
    std::vector<Surrounding> open_ = {{}};
    int next_pair_ = 0;
};

}  // namespace

void relate_tokens(std::vector<FormatToken>& line) {
    if (!line.empty()) Relations(line).find();
}

}  // namespace halcyon
