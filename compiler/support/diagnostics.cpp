#include "support/diagnostics.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "support/utf8.h"

namespace halcyon {

const std::vector<CodeInfo>& all_codes() {
    static const std::vector<CodeInfo> codes = {
#define HALCYON_CODE(number, name, title, explanation) {Code::name, #name, title, explanation},
#include "support/error_codes.def"
#undef HALCYON_CODE
    };
    return codes;
}

std::string code_text(Code code) {
    return fmt::format("E{:04}", static_cast<int>(code));
}

Diagnostic& Diagnostics::add(Severity severity, Code code, Span span, std::string message) {
    const auto same = [&](const Diagnostic& d) {
        return d.span == span && d.severity == severity && d.message == message;
    };
    overflow_ = {};
    if (std::any_of(diagnostics_.begin(), diagnostics_.end(), same)) return overflow_;
    int& count = severity == Severity::error ? error_count_ : remark_count_;
    const int limit = severity == Severity::error ? max_errors : max_remarks;
    if (++count > limit) return overflow_;
    return diagnostics_.emplace_back(Diagnostic{severity, code, span, std::move(message), {}, {}});
}

void Diagnostics::add_in_order(std::vector<Diagnostics> parts) {
    std::vector<Diagnostic> all;
    int errors = 0;
    int remarks = 0;
    for (Diagnostics& part : parts) {
        errors += std::max(0, part.error_count_ - max_errors);
        remarks += std::max(0, part.remark_count_ - max_remarks);
        std::move(part.diagnostics_.begin(), part.diagnostics_.end(), std::back_inserter(all));
    }
    std::stable_sort(all.begin(), all.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::pair(a.span.file, a.span.begin) < std::pair(b.span.file, b.span.begin);
    });
    for (Diagnostic& d : all) {
        Diagnostic& added = add(d.severity, d.code, d.span, std::move(d.message));
        added.notes = std::move(d.notes);
        added.hint = std::move(d.hint);
    }
    error_count_ += errors;
    remark_count_ += remarks;
}

namespace {

/// One source line as a terminal can show it, and where the marked part lies in it.
struct Shown {
    std::string line;
    std::string mark;
};

/// A piece of the line: what is printed for one code point, and whether the span covers it.
struct Cell {
    std::string text;
    int width = 1;
    bool marked = false;
};

/// Bytes that a terminal would obey or hide are spelled out: the file is not trusted.
Cell cell_for(std::string_view& rest, std::size_t column) {
    constexpr std::size_t tab = 4;
    const CodePoint c = first_code_point(rest);
    Cell cell;
    if (c.bytes == 0) {
        cell.text = fmt::format("\\x{:02x}", static_cast<unsigned char>(rest.front()));
    } else if (c.value == '\t') {
        cell.text.assign(tab - column % tab, ' ');
    } else if (c.value < 0x20 || c.value == 0x7f || (c.value >= 0x80 && c.value < 0xa0)) {
        cell.text = fmt::format("\\x{:02x}", static_cast<unsigned>(c.value));
    } else if (is_bidirectional_control(c.value) || c.value == 0xa0 || c.value == 0xfeff) {
        cell.text = fmt::format("\\u{:04x}", static_cast<unsigned>(c.value));
    } else {
        cell.text = rest.substr(0, c.bytes);
        cell.width = terminal_width(c.value);
        rest.remove_prefix(c.bytes);
        return cell;
    }
    cell.width = static_cast<int>(cell.text.size());
    rest.remove_prefix(std::max<std::size_t>(c.bytes, 1));
    return cell;
}

/// Long lines are cut to a window round the mark.
Shown join_cells(const std::vector<Cell>& cells, std::size_t first_marked) {
    constexpr std::size_t window = 120;
    std::size_t begin = 0;
    std::size_t end = cells.size();
    if (cells.size() > window) {
        begin = first_marked > window / 2 ? first_marked - window / 2 : 0;
        end = std::min(cells.size(), begin + window);
    }
    Shown shown;
    if (begin > 0) {
        shown.line = "...";
        shown.mark = "   ";
    }
    for (std::size_t i = begin; i < end; ++i) {
        shown.line += cells[i].text;
        if (i < first_marked) shown.mark.append(static_cast<std::size_t>(cells[i].width), ' ');
        if (i == first_marked) shown.mark += '^';
        if (cells[i].marked)
            shown.mark.append(static_cast<std::size_t>(std::max(cells[i].width - (i == first_marked), 0)), '~');
    }
    if (first_marked == cells.size()) shown.mark += '^';
    if (end < cells.size()) shown.line += "...";
    return shown;
}

Shown show_line(const SourceFile& file, Span span) {
    std::string_view line = file.line(file.line_column(span.begin).line);
    std::size_t offset = line.empty() ? span.begin : static_cast<std::size_t>(line.data() - file.text().data());
    // A line may be as long as a file: only what is near the mark becomes cells.
    constexpr std::size_t far = 1000;
    if (span.begin > offset + far) {
        std::size_t cut = span.begin - far - offset;
        while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xc0) == 0x80) --cut;
        line.remove_prefix(cut);
        offset += cut;
    }
    line = line.substr(0, span.begin - std::min<std::size_t>(offset, span.begin) + far);
    if (offset == 0 && line.starts_with("\xef\xbb\xbf")) {
        line.remove_prefix(3);
        offset = 3;
    }
    // The line's indentation says nothing, unless it is what is wrong.
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t') && offset < span.begin) {
        line.remove_prefix(1);
        ++offset;
    }
    std::vector<Cell> cells;
    std::size_t column = 0;
    std::size_t first_marked = 0;
    while (!line.empty()) {
        const std::size_t before = line.size();
        Cell cell = cell_for(line, column);
        cell.marked = offset >= span.begin && offset < span.end;
        if (offset < span.begin) ++first_marked;
        offset += before - line.size();
        column += static_cast<std::size_t>(cell.width);
        cells.push_back(std::move(cell));
    }
    return join_cells(cells, first_marked);
}

void render_place(std::string& out, Span span, std::string_view label, std::string_view message,
                  const Sources& sources) {
    if (!span.known()) {
        fmt::format_to(std::back_inserter(out), "{}: {}\n", label, message);
        return;
    }
    const SourceFile& file = sources.file(span.file);
    const LineColumn place = file.line_column(span.begin);
    fmt::format_to(std::back_inserter(out), "{}:{}:{}: {}: {}\n", file.path(), place.line, place.column, label,
                   message);
    const Shown shown = show_line(file, span);
    if (shown.line.empty()) return;
    fmt::format_to(std::back_inserter(out), "    {}\n    {}\n", shown.line, shown.mark);
}

std::string label_of(const Diagnostic& diagnostic) {
    if (diagnostic.severity == Severity::note) return "note";
    const std::string_view word = diagnostic.severity == Severity::error ? "error" : "warning";
    return diagnostic.code == Code{} ? std::string(word) : fmt::format("{}[{}]", word, code_text(diagnostic.code));
}

}  // namespace

std::string render(const Diagnostic& diagnostic, const Sources& sources) {
    std::string out;
    render_place(out, diagnostic.span, label_of(diagnostic), diagnostic.message, sources);
    for (const auto& [span, text] : diagnostic.notes) render_place(out, span, "note", text, sources);
    if (!diagnostic.hint.empty()) fmt::format_to(std::back_inserter(out), "hint: {}\n", diagnostic.hint);
    return out;
}

std::string render(const Diagnostics& diagnostics, const Sources& sources) {
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics.all()) out += render(diagnostic, sources);
    if (const int more = diagnostics.error_count() - Diagnostics::max_errors; more > 0) {
        fmt::format_to(std::back_inserter(out), "and {} more error{}\n", more, more == 1 ? "" : "s");
    }
    return out;
}

}  // namespace halcyon
