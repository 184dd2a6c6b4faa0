#pragma once

#include <set>

#include "graph/scalar_expr.h"

namespace halcyon {

/// The indices of the constants that an expression reads. Others may have shapes that do not broadcast to its places: an
/// operation's own, or those of its prologue.
[[nodiscard]] std::set<int> used_constants(const ScalarExpr& expr);

}  // namespace halcyon
