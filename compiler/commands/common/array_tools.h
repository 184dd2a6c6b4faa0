#pragma once

#include <vector>

#include "graph/array.h"

namespace halcyon {

// What may have happened to numbers on their way from one program to another.

[[nodiscard]] Array scaled(Array array, double factor, double offset);

/// With one axis backwards.
[[nodiscard]] Array reversed(const Array& array, std::size_t axis);

/// The array that one gets who reads the numbers, in the order in which they lie, as those of an array whose axis i is this
/// array's axis `stored[i]`. {1, 0} for a matrix: the numbers of its transpose.
[[nodiscard]] Array read_as_stored(const Array& array, const std::vector<int>& stored);

}  // namespace halcyon
