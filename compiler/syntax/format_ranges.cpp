#include "syntax/format_ranges.h"

#include <algorithm>
#include <string_view>

#include "support/utf8.h"
#include "syntax/format_layout.h"

namespace halcyon {
namespace {

using Tokens = FormatTokens;
using Kind = FormatToken::Kind;
using Bracket = FormatToken::Bracket;

/// A comma behind the last element, where it is not what makes a tuple of one element.
bool has_magic_comma(const Tokens& tokens, BracketPair pair) {
    if (pair.empty() || tokens[pair.close - 1].kind != Kind::comma) return false;
    const bool needs_several = tokens[pair.open].bracket == Bracket::subscript ||
                               (tokens[pair.open].bracket == Bracket::itself && tokens[pair.close].text == ")");
    return !needs_several || delimiters_of(tokens, pair.open + 1, pair.close).looseness == looseness_of_comma;
}

int columns_of(std::string_view text) {
    int columns = 0;
    while (!text.empty()) {
        const CodePoint c = first_code_point(text);
        columns += terminal_width(c.value);
        text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
    }
    return columns;
}

}  // namespace

bool is_invisible(const FormatToken& token) {
    return token.text.empty();
}

std::vector<BracketPair> pairs_of(const Tokens& tokens, std::size_t begin, std::size_t end) {
    std::vector<BracketPair> pairs;
    for (std::size_t i = begin; i < end; ++i) {
        if (tokens[i].kind != Kind::open) continue;
        std::size_t close = i + 1;
        while (close < end && !(tokens[close].kind == Kind::close && tokens[close].pair == tokens[i].pair)) ++close;
        if (close == end) continue;
        pairs.push_back({i, close});
        i = close;
    }
    return pairs;
}

Delimiters delimiters_of(const Tokens& tokens, std::size_t begin, std::size_t end) {
    Delimiters found;
    std::size_t next_pair = 0;
    const std::vector<BracketPair> pairs = pairs_of(tokens, begin, end);
    for (std::size_t i = begin; i < end; ++i) {
        if (next_pair < pairs.size() && pairs[next_pair].open == i) {
            i = pairs[next_pair++].close;
            continue;
        }
        const bool trailing_comma = tokens[i].kind == Kind::comma && i + 1 == end;
        if (i == begin || trailing_comma || tokens[i].looseness < found.looseness || tokens[i].looseness == 0) continue;
        found.count = tokens[i].looseness > found.looseness ? 1 : found.count + 1;
        found.looseness = tokens[i].looseness;
    }
    return found;
}

bool must_break(const Tokens& tokens, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
        if (i > begin && !tokens[i].comments_before.empty()) return true;
        if (i + 1 < end && !tokens[i].comments_after.empty()) return true;
        if (tokens[i].kind != Kind::close || is_invisible(tokens[i])) continue;
        for (std::size_t open = i; open-- > begin;) {
            if (tokens[open].kind != Kind::open || tokens[open].pair != tokens[i].pair) continue;
            if (has_magic_comma(tokens, {open, i})) return true;
            break;
        }
    }
    return false;
}

std::string text_of(const Tokens& tokens, std::size_t begin, std::size_t end) {
    std::string text;
    bool first = true;
    for (std::size_t i = begin; i < end; ++i) {
        if (is_invisible(tokens[i])) {
            // What follows an opening parenthesis that is not there takes its blank.
            if (tokens[i].kind == Kind::open && tokens[i].blank && !first) text += ' ';
            continue;
        }
        const bool hidden = i > begin && is_invisible(tokens[i - 1]) && tokens[i - 1].kind == Kind::open;
        if (tokens[i].blank && !first && !hidden) text += ' ';
        text += tokens[i].text;
        first = false;
    }
    return text;
}

bool fits(const Tokens& tokens, std::size_t begin, std::size_t end, int indent) {
    const std::string text = text_of(tokens, begin, end);
    std::string_view rest = text;
    int columns = indent;
    while (true) {
        const std::size_t line_end = rest.find('\n');
        columns += columns_of(rest.substr(0, line_end));
        if (columns > format_width) return false;
        if (line_end == std::string_view::npos) return true;
        rest.remove_prefix(line_end + 1);
        columns = 0;
    }
}
}  // namespace halcyon
