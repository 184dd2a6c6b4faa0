#pragma once

#include <cstddef>

#include "syntax/format_ranges.h"

namespace halcyon {

// What the layout changes in a line before it breaks it; none of it changes what the line means.

/// Comments move to where a line can break: behind a comma, before an operator, above `name=`. Their order stays, and no line
/// gets two.
void settle_comments(FormatTokens& tokens);

/// A comma behind the last element.
void add_comma(FormatTokens& tokens);

/// Parentheses round the tokens from `begin` to before `end`, to be seen if the line breaks there. Those that are there
/// already but only group become such, unless they are to be kept.
void add_invisible_parentheses(FormatTokens& tokens, std::size_t begin, std::size_t end, bool keeps_parentheses);

/// The same round the value of a statement: what is assigned, returned, imported, a condition, what a loop goes over.
void parenthesize_value_of_statement(FormatTokens& tokens);

/// The same round what follows `name=` or a dict's key in an element with its comma, or round a conditional expression.
void parenthesize_value_of_element(FormatTokens& element);

}  // namespace halcyon
