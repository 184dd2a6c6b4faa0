#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon {

/// A range of bytes in one source file. `file` is an index into `Sources`; the default span points nowhere.
struct Span {
    static constexpr std::uint32_t nowhere = 0xffffffffu;

    std::uint32_t file = nowhere;
    std::uint32_t begin = 0;  ///< byte offset of the first byte
    std::uint32_t end = 0;    ///< byte offset past the last byte

    [[nodiscard]] bool known() const { return file != nowhere; }
    friend bool operator==(const Span&, const Span&) = default;
};

/// The smallest span that covers both; spans of different files give the first.
[[nodiscard]] Span join(Span first, Span last);

/// A place as people name it: line and column count from 1, columns in code points.
struct LineColumn {
    int line = 1;
    int column = 1;
};

/// One text with its name. Knows where its lines begin.
class SourceFile {
public:
    SourceFile(std::string path, std::string text);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] LineColumn line_column(std::uint32_t offset) const;
    /// The line (counted from 1) without its line end; empty past the end.
    [[nodiscard]] std::string_view line(int number) const;

private:
    std::string path_;
    std::string text_;
    std::vector<std::uint32_t> line_starts_;
};

/// All files read for one compilation; spans refer to them by index. Adding a file keeps earlier references valid.
class Sources {
public:
    std::uint32_t add(std::string path, std::string text);
    [[nodiscard]] const SourceFile& file(std::uint32_t index) const;
    [[nodiscard]] std::string_view text(Span span) const;
    [[nodiscard]] LineColumn line_column(Span span) const;

private:
    std::vector<std::shared_ptr<const SourceFile>> files_;
};

}  // namespace halcyon
