#include "syntax/format_rewrites.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace halcyon {
namespace {

using Token = FormatToken;
using Tokens = FormatTokens;
using Kind = FormatToken::Kind;
using Bracket = FormatToken::Bracket;
using Comments = std::vector<std::string>;

void append(Comments& comments, Comments& more) {
    comments.insert(comments.end(), more.begin(), more.end());
    more.clear();
}

/// Where a value begins that may have parentheses round it, and where it ends; nothing for statements without one.
std::optional<std::pair<std::size_t, std::size_t>> value_of(const Tokens& tokens) {
    const std::string& first = tokens.front().text;
    std::size_t begin = 0;
    std::size_t end = tokens.size();
    int depth = 0;
    const bool head = first == "if" || first == "elif" || first == "for";
    if (first == "def" || first == "import" || first == "with" || first == "@") return std::nullopt;
    if (first == "return" || first == "raise" || first == "if" || first == "elif") begin = 1;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        depth += token.kind == Kind::open ? 1 : token.kind == Kind::close ? -1 : 0;
        if (depth > 0) continue;
        const bool assigns = token.kind == Kind::other && token.text.ends_with('=') && token.looseness == 0;
        const bool begins = (first == "for" && token.text == "in" && begin == 0) ||
                            (first == "from" && token.text == "import") || (!head && assigns);
        if (begins) begin = i + 1;
        if ((head && token.text == ":") || (first == "raise" && token.text == "from")) end = i;
    }
    if (begin == 0 || begin >= end || tokens[begin].text == "*") return std::nullopt;
    return std::pair(begin, end);
}

}  // namespace

void settle_comments(Tokens& tokens) {
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
        Token& before = tokens[i - 1];
        Token& token = tokens[i];
        Token& after = tokens[i + 1];
        Comments moved;
        if (token.kind == Kind::comma) {
            if (token.comments_before.empty() && (before.comments_after.empty() || token.comments_after.empty())) {
                append(before.comments_after, token.comments_after);
            } else {
                append(moved, token.comments_before);
                append(moved, token.comments_after);
            }
            token.comments_after = std::move(before.comments_after);
            before.comments_after.clear();
            append(moved, after.comments_before);
            after.comments_before = std::move(moved);
        } else if (token.names_value) {
            append(before.comments_before, before.comments_after);
            append(before.comments_before, token.comments_before);
            append(before.comments_before, token.comments_after);
            append(before.comments_before, after.comments_before);
        } else if (token.looseness > 0 && token.kind != Kind::string) {
            if (token.comments_before.empty() && before.comments_after.empty()) {
                before.comments_after = std::move(token.comments_after);
                token.comments_after.clear();
            }
            append(token.comments_before, token.comments_after);
            append(token.comments_before, after.comments_before);
        }
    }
}

void add_comma(Tokens& tokens) {
    Token comma;
    comma.kind = Kind::comma;
    comma.text = ",";
    comma.looseness = looseness_of_comma;
    comma.comments_after = std::move(tokens.back().comments_after);
    tokens.back().comments_after.clear();
    tokens.push_back(std::move(comma));
}

void add_invisible_parentheses(Tokens& tokens, std::size_t begin, std::size_t end, bool keeps_parentheses) {
    if (begin >= end) return;
    const std::vector<BracketPair> pairs = pairs_of(tokens, begin, end);
    const bool enclosed = pairs.size() == 1 && pairs[0].open == begin && pairs[0].close + 1 == end &&
                          tokens[begin].text == "(" && tokens[begin].bracket == Bracket::itself;
    if (enclosed && keeps_parentheses) return;
    if (enclosed) {
        const bool import = tokens.front().text == "from";
        const bool tuple = pairs[0].empty() || tokens[end - 2].kind == Kind::comma ||
                           delimiters_of(tokens, begin + 1, end - 1).looseness == looseness_of_comma;
        const bool commented = !tokens[begin].comments_after.empty() || !tokens[end - 1].comments_before.empty();
        if ((tuple && !import) || commented || (import && tokens[end - 2].kind == Kind::comma)) return;
        tokens[begin].text.clear();
        tokens[end - 1].text.clear();
        if (begin + 1 < end) tokens[begin + 1].blank = tokens[begin].blank;
        return;
    }
    int pair = 0;
    for (const Token& token : tokens) pair = std::max(pair, token.pair + 1);
    Token open;
    open.kind = Kind::open;
    open.bracket = Bracket::itself;
    open.pair = pair;
    open.blank = tokens[begin].blank;
    open.comments_before = std::move(tokens[begin].comments_before);
    tokens[begin].comments_before.clear();
    Token close = open;
    close.kind = Kind::close;
    close.blank = false;
    close.comments_before.clear();
    close.comments_after = std::move(tokens[end - 1].comments_after);
    tokens[end - 1].comments_after.clear();
    tokens.insert(tokens.begin() + static_cast<std::ptrdiff_t>(end), std::move(close));
    tokens.insert(tokens.begin() + static_cast<std::ptrdiff_t>(begin), std::move(open));
}

void parenthesize_value_of_statement(Tokens& tokens) {
    if (const auto value = value_of(tokens)) add_invisible_parentheses(tokens, value->first, value->second, false);
}

void parenthesize_value_of_element(Tokens& element) {
    std::size_t begin = 0;
    const std::size_t end = element.size() - 1;  // the comma
    std::size_t next_pair = 0;
    const std::vector<BracketPair> pairs = pairs_of(element, 0, end);
    for (std::size_t i = 0; i < end && begin == 0; ++i) {
        if (next_pair < pairs.size() && pairs[next_pair].open == i)
            i = pairs[next_pair++].close;
        else if (element[i].names_value)
            begin = i + 1;
    }
    const bool conditional = delimiters_of(element, begin, end).looseness == looseness_of_conditional;
    if (begin == 0 && (!conditional || element[0].kind == Kind::unary)) return;
    add_invisible_parentheses(element, begin, end, true);
}

}  // namespace halcyon
