#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/source.h"

namespace halcyon {

/// Stable numbers of errors, listed once in error_codes.def with title and explanation.
enum class Code {
#define HALCYON_CODE(number, name, title, explanation) name = number,
#include "support/error_codes.def"
#undef HALCYON_CODE
};

/// What `halcyon explain` prints for one code.
struct CodeInfo {
    Code code;
    std::string_view name;
    std::string_view title;
    std::string_view explanation;
};
[[nodiscard]] const std::vector<CodeInfo>& all_codes();
/// "E0204".
[[nodiscard]] std::string code_text(Code code);

enum class Severity { note, warning, error };

/// One message about the user's input. Without a known span it speaks of a file, a folder or the command line.
struct Diagnostic {
    Severity severity = Severity::error;
    Code code{};
    Span span;
    std::string message;
    std::vector<std::pair<Span, std::string>> notes;  ///< further places: "the other input comes from here"
    std::string hint;                                 ///< "did you mean 'padding'?"; may be empty
};

/// Collects what is wrong with the user's input, so that one run reports several mistakes. Stages report and go on;
/// the driver stops at the next stage boundary when `has_errors()`.
class Diagnostics {
public:
    template <typename... Args>
    Diagnostic& error(Code code, Span span, fmt::format_string<Args...> text, Args&&... args) {
        return add(Severity::error, code, span, fmt::format(text, std::forward<Args>(args)...));
    }
    template <typename... Args>
    Diagnostic& warning(Code code, Span span, fmt::format_string<Args...> text, Args&&... args) {
        return add(Severity::warning, code, span, fmt::format(text, std::forward<Args>(args)...));
    }
    /// The reference stays valid until the next call; use it at once to add notes or a hint. The same message at the same
    /// place is kept once. After `max_errors` further errors are counted, not kept; after `max_remarks` so are warnings
    /// and notes.
    Diagnostic& add(Severity severity, Code code, Span span, std::string message);

    /// Adds what another collection holds, in the order of the places in the text: for passes over the same text.
    void add_in_order(std::vector<Diagnostics> parts);

    [[nodiscard]] bool has_errors() const { return error_count_ > 0; }
    [[nodiscard]] int error_count() const { return error_count_; }
    [[nodiscard]] const std::vector<Diagnostic>& all() const { return diagnostics_; }

    static constexpr int max_errors = 20;
    static constexpr int max_remarks = 100;

private:
    std::vector<Diagnostic> diagnostics_;
    Diagnostic overflow_;
    int error_count_ = 0;
    int remark_count_ = 0;
};

/// As printed on standard error, in order of report:
///
///     digits.hcn:4:30: error[E0204]: stride must be at least 1, got 0
///         x = Conv2D(8, 3, strides=0)(image)
///                                  ^
///     hint: ...
///
/// The line loses its indentation and is cut round the mark when long; tabs become spaces, control characters are spelled
/// out. A span of several bytes is marked `^~~~`.
[[nodiscard]] std::string render(const Diagnostics& diagnostics, const Sources& sources);
[[nodiscard]] std::string render(const Diagnostic& diagnostic, const Sources& sources);

/// The candidate nearest to `word` by edit distance, if it is near enough to be what was meant; else empty.
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace halcyon
