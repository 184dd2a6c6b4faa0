#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/diagnostics.h"
#include "syntax/expression_builder.h"
#include "syntax/line_scanner.h"

namespace halcyon {

/// A piece of the scanned text.
struct Token {
    const char* begin = nullptr;
    const char* end = nullptr;
    [[nodiscard]] std::string_view text() const { return {begin, static_cast<std::size_t>(end - begin)}; }
};

/// What the grammar's actions need: the way from scanned text back to the source, and to the reader's eye.
class Reader {
public:
    Reader(const Sources& sources, const ScannedText& scanned, Diagnostics& diagnostics)
        : diag(diagnostics), sources_(sources), scanned_(scanned) {}

    [[nodiscard]] const char* begin() const { return scanned_.text.data(); }
    [[nodiscard]] const char* end() const { return begin() + scanned_.text.size(); }
    [[nodiscard]] Span span(Token token) const;

    /// One or several neighbouring string literals. Expressions in f-strings are read by the same grammar.
    [[nodiscard]] Parsed read_strings(Token token);

    /// Says what was expected at `where` and what stands there; nothing where the scanner has found the line broken.
    void report_unexpected(const char* where, std::string_view expected);
    /// Where reading goes on after a mistake at `where` in the statement that was begun last.
    [[nodiscard]] const char* skip_statement(const char* where);
    /// Says that nothing begins the block whose mark is at `where`, unless what should have begun it was wrong.
    void report_orphan_block(const char* where);
    /// Whether something was skipped, so that what follows may seem wrong without being so.
    [[nodiscard]] bool has_skipped() const { return resumed_ != nullptr; }
    void begin_statement(const char* where) { statement_ = skip_blanks(where); }

    Diagnostics& diag;

private:
    [[nodiscard]] const char* skip_blanks(const char* at) const;
    [[nodiscard]] std::uint32_t offset(const char* at) const;
    [[nodiscard]] const StringToken& string_at(const char* mark) const;
    /// The source offset past the token that ends before `at`; nothing before the first token.
    [[nodiscard]] std::optional<std::uint32_t> end_before(const char* at) const;
    [[nodiscard]] std::string describe(const char* at) const;
    [[nodiscard]] Token token_at(const char* at) const;
    [[nodiscard]] bool line_is_broken(const char* at) const;

    const Sources& sources_;
    const ScannedText& scanned_;
    const char* statement_ = nullptr;
    const char* resumed_ = nullptr;  ///< past the last mistake
};

}  // namespace halcyon
