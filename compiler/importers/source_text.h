#pragma once

#include <string>
#include <vector>

#include "importers/spec_tree.h"

namespace halcyon::importers {

inline constexpr std::size_t line_width = 120;

/// "text" with what Python escapes escaped.
[[nodiscard]] std::string string_literal(std::string_view text);
/// An f-string where there are variables, else a text.
[[nodiscard]] std::string source_text(const Term& term);
/// `Conv2D(64, 3, strides=2, name="conv1")`, in parts: what is called, and what stands between the parentheses.
struct CallText {
    std::string callee;
    std::vector<std::string> arguments;
};
[[nodiscard]] CallText call_text(const Statement& statement, const SpecTree& tree);

/// "x = Conv2D(...)(image)" on one line or, where that is too long, with the arguments on lines of their own.
[[nodiscard]] std::string wrapped_call(const std::string& indent, const std::string& before, const CallText& call,
                                       const std::string& after);
/// "for a, b in [...]:" with the rows on as many lines as they need.
[[nodiscard]] std::string loop_header(const std::string& indent, const Statement& loop);

}  // namespace halcyon::importers
