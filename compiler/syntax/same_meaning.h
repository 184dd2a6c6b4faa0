#pragma once

#include "syntax/ast.h"

namespace halcyon {

/// Whether two specs say the same: equal trees but for places, comments, the quotes of strings and parentheses that only
/// group.
[[nodiscard]] bool same_meaning(const ast::Module& a, const ast::Module& b);

}  // namespace halcyon
