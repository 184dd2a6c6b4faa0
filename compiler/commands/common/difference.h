#pragma once

#include "graph/array.h"

namespace halcyon {

/// max |a - reference| / max |reference|, the error of the project's promises; where the reference is all 0, max |a|.
/// A number where the other has none, or another infinity, counts as infinite.
[[nodiscard]] double relative_difference(const Array& a, const Array& reference);

}  // namespace halcyon
