#include "syntax/format.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "support/check.h"
#include "syntax/format_layout.h"
#include "syntax/format_tokens.h"
#include "syntax/parse.h"
#include "syntax/same_meaning.h"

namespace halcyon {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool begins_with(const FormatLine& line, std::string_view word) {
    return !line.tokens.empty() && line.tokens.front().text == word;
}
/// Whether it is a further part of a compound statement.
bool goes_on_with(const FormatLine& line) {
    return begins_with(line, "elif") || begins_with(line, "else") || begins_with(line, "except") ||
           begins_with(line, "finally");
}
bool is_import(const FormatLine& line) {
    return begins_with(line, "import") || begins_with(line, "from");
}

/// How many blank lines stand before each line of a spec.
class BlankLines {
public:
    explicit BlankLines(const std::vector<FormatLine>& lines) : lines_(lines) {}

    [[nodiscard]] int before(std::size_t i) {
        const FormatLine& line = lines_[i];
        const int most = line.level == 0 ? 2 : 1;
        const bool after_def = leave_defs(line.level);
        if (begins_with(line, "def")) defs_.push_back(line.level);
        if (i == 0) return 0;
        const FormatLine& last = lines_[i - 1];
        if (last.opens_block || begins_with(last, "@") || goes_on_with(line)) return 0;
        const bool goes_on = !last.comment.empty() && last.level == line.level && line.blank_lines == 0;
        if (!goes_on && (after_def || leads_to_def(i))) return most;
        if (i == 1 && is_docstring(last)) return 1;
        const bool after_import = is_import(last) && !is_import(line) && last.level == line.level;
        return std::min(std::max(line.blank_lines, after_import ? 1 : 0), most);
    }

private:
    /// Forgets the defs that have ended before a line of that level; whether there was one.
    bool leave_defs(int level) {
        const std::size_t open = defs_.size();
        while (!defs_.empty() && defs_.back() >= level) defs_.pop_back();
        return defs_.size() < open;
    }
    /// Whether a def stands there, or comments that belong to one.
    [[nodiscard]] bool leads_to_def(std::size_t i) const {
        const int level = lines_[i].level;
        while (!lines_[i].comment.empty() && i + 1 < lines_.size()) {
            ++i;
            if (lines_[i].blank_lines > 0 || lines_[i].level != level) return false;
        }
        return begins_with(lines_[i], "def") || begins_with(lines_[i], "@");
    }
    [[nodiscard]] static bool is_docstring(const FormatLine& line) {
        return line.tokens.size() == 1 && line.tokens.front().kind == FormatToken::Kind::string;
    }

    const std::vector<FormatLine>& lines_;
    std::vector<int> defs_;  ///< levels of those whose body may go on
};

std::string lay_out_all(const std::vector<FormatLine>& lines) {
    constexpr std::size_t indentation = 4;
    BlankLines blank_lines(lines);
    std::string out;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        out.append(static_cast<std::size_t>(blank_lines.before(i)), '\n');
        if (lines[i].comment.empty())
            lay_out(lines[i].tokens, lines[i].level, out);
        else
            out.append(static_cast<std::size_t>(lines[i].level) * indentation, ' ')
                .append(lines[i].comment)
                .append("\n");
    }
    return out;
}

/// As the source has them: CRLF if its first line ends so.
std::string with_line_ends(std::string text, std::string_view source) {
    const std::size_t first = source.find_first_of("\r\n");
    if (first == std::string_view::npos || source.substr(first, 2) != "\r\n") return text;
    std::string out;
    for (char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

std::string words_of(const std::vector<ast::Comment>& comments) {
    std::string words;
    for (const ast::Comment& comment : comments) {
        for (char c : comment.text) {
            if (c != ' ' && c != '\t') words += c;
        }
        words += '\n';
    }
    return words;
}

void check_meaning(const ast::Module& module, const std::string& text) {
    Sources sources;
    Diagnostics diag;
    const auto again = parse(sources, sources.add("formatted.hcn", text), diag);
    CHECK_INTERNAL(again.has_value());
    CHECK_INTERNAL(same_meaning(module, *again));
    CHECK_INTERNAL(words_of(module.comments) == words_of(again->comments));
}

}  // namespace

std::optional<std::string> format(const Sources& sources, std::uint32_t file, Diagnostics& diag) {
    const auto module = parse(sources, file, diag);
    if (!module) return std::nullopt;
    const std::string_view source = sources.file(file).text();
    Diagnostics known;  // it parses, so the scanner has nothing to say
    const ScannedText scanned = scan_lines(sources, file, known);
    std::string text = with_line_ends(lay_out_all(read_format_lines(source, scanned)), source);
    if (source.starts_with(byte_order_mark)) text.insert(0, byte_order_mark);
    check_meaning(*module, text);
    return text;
}

}  // namespace halcyon
