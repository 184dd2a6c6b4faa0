#pragma once

#include <vector>

#include "syntax/format_tokens.h"

namespace halcyon {

/// Finds what the tokens of one statement, whose texts and kinds are known, are to each other: brackets and their partners,
/// unary operators, where the line may break, and between which tokens there is a blank.
void relate_tokens(std::vector<FormatToken>& line);

}  // namespace halcyon
