#pragma once

#include <string_view>
#include <vector>

#include "support/diagnostics.h"

namespace halcyon {

/// Python that the language leaves out, and what to write instead.
struct Refusal {
    std::string_view text;
    std::string_view message;
    Code code = Code::unsupported_syntax;
};

/// Words that begin such a statement, operators, and words that begin such an expression.
[[nodiscard]] const std::vector<Refusal>& refused_statements();
[[nodiscard]] const std::vector<Refusal>& refused_operators();
[[nodiscard]] const std::vector<Refusal>& refused_expressions();

/// The entry of `text`, which must be listed.
[[nodiscard]] const Refusal& refusal_of(const std::vector<Refusal>& list, std::string_view text);

/// Python's keywords: none can be a name, used here or not.
[[nodiscard]] const std::vector<std::string_view>& reserved_words();

}  // namespace halcyon
