#include "support/source.h"

#include <algorithm>
#include <utility>

#include "support/check.h"

namespace halcyon {

Span join(Span first, Span last) {
    if (!first.known()) return last;
    if (first.file != last.file) return first;
    return {first.file, std::min(first.begin, last.begin), std::max(first.end, last.end)};
}

// Lines end as Python's do: "\n", "\r\n" or a lone "\r".
SourceFile::SourceFile(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {
    line_starts_.push_back(0);
    for (std::size_t i = 0; i < text_.size(); ++i) {
        const bool lone_return = text_[i] == '\r' && (i + 1 == text_.size() || text_[i + 1] != '\n');
        if (text_[i] == '\n' || lone_return) line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
    }
}

LineColumn SourceFile::line_column(std::uint32_t offset) const {
    offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
    const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    const auto line = static_cast<int>(next - line_starts_.begin());
    const std::uint32_t start = line_starts_[static_cast<std::size_t>(line - 1)];
    const bool after_mark = start == 0 && text_.starts_with("\xef\xbb\xbf") && offset >= 3;
    const auto from = text_.begin() + static_cast<std::ptrdiff_t>(after_mark ? 3 : start);
    const auto code_points = std::count_if(from, text_.begin() + static_cast<std::ptrdiff_t>(offset),
                                           [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    return {line, static_cast<int>(code_points) + 1};
}

std::string_view SourceFile::line(int number) const {
    if (number < 1 || static_cast<std::size_t>(number) > line_starts_.size()) return {};
    const auto index = static_cast<std::size_t>(number - 1);
    const std::size_t begin = line_starts_[index];
    std::size_t end = index + 1 < line_starts_.size() ? line_starts_[index + 1] : text_.size();
    while (end > begin && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
    return std::string_view(text_).substr(begin, end - begin);
}

std::uint32_t Sources::add(std::string path, std::string text) {
    CHECK_INTERNAL(text.size() < Span::nowhere);
    files_.push_back(std::make_shared<const SourceFile>(std::move(path), std::move(text)));
    return static_cast<std::uint32_t>(files_.size() - 1);
}

const SourceFile& Sources::file(std::uint32_t index) const {
    CHECK_INTERNAL(index < files_.size());
    return *files_[index];
}

std::string_view Sources::text(Span span) const {
    const std::string_view text = file(span.file).text();
    CHECK_INTERNAL(span.begin <= span.end && span.end <= text.size());
    return text.substr(span.begin, span.end - span.begin);
}

LineColumn Sources::line_column(Span span) const {
    return file(span.file).line_column(span.begin);
}

}  // namespace halcyon
