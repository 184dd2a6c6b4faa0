#include "syntax/format_layout.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "syntax/format_ranges.h"
#include "syntax/format_rewrites.h"

namespace halcyon {
namespace {

using Token = FormatToken;
using Tokens = FormatTokens;
using Pair = BracketPair;
using Kind = Token::Kind;
using Bracket = Token::Bracket;

constexpr int indentation = 4;

/// The tokens from `begin` to before `end`.
Tokens slice(const Tokens& tokens, std::size_t begin, std::size_t end) {
    const auto at = [&](std::size_t i) { return tokens.begin() + static_cast<std::ptrdiff_t>(i); };
    return {at(begin), at(end)};
}

/// A line that is to be laid out.
struct Line {
    Tokens tokens;
    int indent = 0;
    bool inside_brackets = false;
    bool one_element_a_line = false;
};

class Layout {
public:
    explicit Layout(std::string& out) : out_(out) {}

    void put(const Line& line) {
        if (line.tokens.empty()) return;
        const bool whole = !line.one_element_a_line && !must_break(line.tokens, 0, line.tokens.size()) &&
                           fits(line.tokens, 0, line.tokens.size(), line.indent);
        if (whole || !break_line(line)) put_on_one_line(line);
    }

private:
    bool break_line(const Line& line) {
        if (line.tokens.front().text == "def") return break_definition(line);
        return (line.inside_brackets && break_at_delimiters(line)) || break_at_brackets(line);
    }

    // ---- Lines that stay whole ----

    void put_comment_lines(const std::vector<std::string>& comments, int indent) {
        for (const std::string& comment : comments) {
            out_.append(static_cast<std::size_t>(indent), ' ').append(comment).append("\n");
        }
    }

    /// Goes on below only where a comment ends the line.
    void put_on_one_line(const Line& line) {
        std::size_t begin = 0;
        for (std::size_t i = 0; i < line.tokens.size(); ++i) {
            const bool last = i + 1 == line.tokens.size();
            const bool ends =
                last || !line.tokens[i].comments_after.empty() || !line.tokens[i + 1].comments_before.empty();
            if (!ends) continue;
            put_comment_lines(line.tokens[begin].comments_before, line.indent);
            out_.append(static_cast<std::size_t>(line.indent), ' ').append(text_of(line.tokens, begin, i + 1));
            for (const std::string& comment : line.tokens[i].comments_after) out_.append("  ").append(comment);
            out_ += '\n';
            begin = i + 1;
        }
    }

    // ---- Lines that break ----

    /// Puts what is in the brackets on lines of its own.
    void break_at(const Line& line, Pair pair) {
        Line head{slice(line.tokens, 0, pair.open + 1), line.indent, line.inside_brackets, false};
        Line body{slice(line.tokens, pair.open + 1, pair.close), line.indent + indentation, true, false};
        Line tail{slice(line.tokens, pair.close, line.tokens.size()), line.indent, line.inside_brackets, false};
        const bool import = line.tokens.front().text == "from";
        const bool definition = line.tokens.front().text == "def";
        const Token& open = line.tokens[pair.open];
        if (!body.tokens.empty()) {
            const bool several = delimiters_of(body.tokens, 0, body.tokens.size()).looseness == looseness_of_comma;
            const bool trailing_comma = body.tokens.back().kind == Kind::comma;
            body.one_element_a_line = several && (trailing_comma || open.bracket == Bracket::itself);
            if ((import || definition) && !several && !trailing_comma) add_comma(body.tokens);
            body.tokens.front().blank = false;
        }
        std::vector<std::string> last_comments = std::move(tail.tokens.front().comments_before);
        tail.tokens.front().comments_before.clear();
        put(head);
        put(body);
        put_comment_lines(last_comments, line.indent + indentation);
        put(tail);
    }

    bool break_definition(const Line& line) {
        const std::vector<Pair> pairs = pairs_of(line.tokens, 0, line.tokens.size());
        if (pairs.empty() || pairs.front().empty()) return false;
        break_at(line, pairs.front());
        return true;
    }

    /// One line for each operand of the operators that bind least.
    bool break_at_delimiters(const Line& line) {
        const Tokens& tokens = line.tokens;
        const int looseness = delimiters_of(tokens, 0, tokens.size()).looseness;
        if (looseness == 0) return false;
        const std::vector<Pair> pairs = pairs_of(tokens, 0, tokens.size());
        std::size_t next_pair = 0;
        std::size_t begin = 0;
        const auto put_part = [&](std::size_t end) {
            Line part{slice(tokens, begin, end), line.indent, true, false};
            if (part.tokens.empty()) return;
            part.tokens.front().blank = false;
            if (looseness == looseness_of_comma) {
                if (part.tokens.back().kind != Kind::comma) add_comma(part.tokens);
                parenthesize_value_of_element(part.tokens);
            }
            put(part);
            begin = end;
        };
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (next_pair < pairs.size() && pairs[next_pair].open == i) {
                i = pairs[next_pair++].close;
            } else if (tokens[i].looseness == looseness) {
                put_part(looseness == looseness_of_comma ? i + 1 : i);
            }
        }
        put_part(tokens.size());
        return true;
    }

    /// What is in the brackets goes to lines of its own; which brackets is the question.
    bool break_at_brackets(const Line& line) {
        const std::vector<Pair> all = pairs_of(line.tokens, 0, line.tokens.size());
        const auto optional =
            std::find_if(all.begin(), all.end(), [&](Pair pair) { return is_invisible(line.tokens[pair.open]); });
        if (optional == all.end()) {
            const std::optional<Pair> chosen = choose_brackets(line, 0, line.tokens.size(), false);
            if (chosen) break_at(line, hug(line.tokens, *chosen, line.indent));
            return chosen.has_value();
        }
        const std::size_t begin = optional->open + 1;
        const std::size_t end = optional->close;
        const Wish wish = wish_for(line, begin, end);
        const bool helps = delimiters_of(line.tokens, begin, end).looseness > 0 ||
                           must_break(line.tokens, begin, end) || !pairs_of(line.tokens, begin, end).empty() ||
                           fits(line.tokens, begin, end, line.indent + indentation);
        if (wish == Wish::parentheses) {
            if (!helps) return false;
            Line seen = line;
            seen.tokens[optional->open].text = "(";
            seen.tokens[optional->close].text = ")";
            break_at(seen, *optional);
            return true;
        }
        const std::optional<Pair> chosen = choose_brackets(line, begin, end, wish == Wish::first_brackets);
        if (chosen) break_at(line, hug(line.tokens, *chosen, line.indent));
        return chosen.has_value();
    }

    enum class Wish { parentheses, first_brackets, brackets };

    /// How a value that may have parentheses breaks best: operators read well below each other in parentheses of their own,
    /// but one operator next to brackets that can break needs none.
    [[nodiscard]] static Wish wish_for(const Line& line, std::size_t begin, std::size_t end) {
        const Tokens& tokens = line.tokens;
        const std::vector<Pair> pairs = pairs_of(tokens, begin, end);
        const Delimiters delimiters = delimiters_of(tokens, begin, end);
        if (delimiters.count > 1 || has_comment_outside(tokens, pairs, begin, end)) return Wish::parentheses;
        const bool all_empty = std::all_of(pairs.begin(), pairs.end(), [](Pair pair) { return pair.empty(); });
        if (all_empty) return Wish::parentheses;
        if (delimiters.count == 0) {
            const bool too_far =
                !must_break(tokens, begin, end) && std::none_of(pairs.begin(), pairs.end(), [&](Pair pair) {
                    return !pair.empty() && fits(tokens, 0, pair.open + 1, line.indent);
                });
            return too_far && fits(tokens, begin, end, line.indent + indentation) ? Wish::parentheses : Wish::brackets;
        }
        const Pair& last = pairs.back();
        const bool ends_with_brackets = last.close + 1 == end && !last.empty() && !is_index(tokens, last);
        if (ends_with_brackets && (pairs.size() > 1 || fits(tokens, 0, last.open + 1, line.indent)))
            return Wish::brackets;
        const Pair& first = pairs.front();
        const bool begins_with_brackets = first.open == begin && !first.empty();
        if (begins_with_brackets && fits(tokens, first.close, tokens.size(), line.indent)) return Wish::first_brackets;
        return Wish::parentheses;
    }

    [[nodiscard]] static bool has_comment_outside(const Tokens& tokens, const std::vector<Pair>& pairs,
                                                  std::size_t begin, std::size_t end) {
        std::size_t next_pair = 0;
        for (std::size_t i = begin; i < end; ++i) {
            if (i > begin && !tokens[i].comments_before.empty()) return true;
            if (next_pair < pairs.size() && pairs[next_pair].open == i) i = pairs[next_pair++].close;
            if (i + 1 < end && !tokens[i].comments_after.empty()) return true;
        }
        return false;
    }

    [[nodiscard]] static bool is_index(const Tokens& tokens, Pair pair) {
        return tokens[pair.open].bracket == Bracket::subscript;
    }

    [[nodiscard]] std::optional<Pair> choose_brackets(const Line& line, std::size_t begin, std::size_t end,
                                                      bool first) const {
        const Tokens& tokens = line.tokens;
        std::vector<Pair> pairs = pairs_of(tokens, begin, end);
        std::erase_if(pairs, [&](Pair pair) {
            return pair.empty() && tokens[pair.open].comments_after.empty() &&
                   tokens[pair.close].comments_before.empty();
        });
        if (pairs.empty()) return std::nullopt;
        if (first) return pairs.front();
        std::reverse(pairs.begin(), pairs.end());
        const auto with = [&](auto holds) -> std::optional<Pair> {
            const auto found = std::find_if(pairs.begin(), pairs.end(), holds);
            return found == pairs.end() ? std::nullopt : std::optional(*found);
        };
        const auto is_forced = [&](Pair pair) { return must_break(tokens, pair.open, pair.close + 1); };
        const auto is_near = [&](Pair pair) { return fits(tokens, 0, pair.open + 1, line.indent); };
        const auto is_worth_it = [&](Pair pair) {
            return !is_index(tokens, pair) && (delimiters_of(tokens, pair.open + 1, pair.close).looseness > 0 ||
                                               !pairs_of(tokens, pair.open + 1, pair.close).empty());
        };
        if (const auto pair = with(is_forced)) return pair;
        if (const auto pair = with([&](Pair p) { return is_near(p) && is_worth_it(p); })) return pair;
        if (const auto pair = with(is_near)) return pair;
        if (const auto pair = with(is_worth_it)) return pair;
        return pairs.front();
    }

    /// `([` and `])` stay together where there is nothing else in a call's brackets, and it breaks.
    [[nodiscard]] static Pair hug(const Tokens& tokens, Pair outer, int indent) {
        const Pair inner{outer.open + 1, outer.close - 1};
        if (inner.open >= inner.close || tokens[outer.open].bracket != Bracket::call) return outer;
        const std::string& text = tokens[inner.open].text;
        const bool hugs = (text == "[" || text == "{") && tokens[inner.open].pair == tokens[inner.close].pair &&
                          !inner.empty() && tokens[inner.open].kind == Kind::open &&
                          tokens[outer.open].comments_after.empty() && tokens[inner.open].comments_before.empty() &&
                          tokens[inner.close].comments_after.empty() && tokens[outer.close].comments_before.empty();
        const bool breaks = must_break(tokens, inner.open, inner.close + 1) ||
                            !fits(tokens, inner.open, inner.close + 1, indent + indentation);
        return hugs && breaks ? inner : outer;
    }

    std::string& out_;
};

}  // namespace

void lay_out(const std::vector<FormatToken>& statement, int level, std::string& out) {
    Tokens tokens = statement;
    settle_comments(tokens);
    parenthesize_value_of_statement(tokens);
    Layout(out).put({std::move(tokens), level * indentation, false, false});
}

}  // namespace halcyon
