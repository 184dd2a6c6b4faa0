#pragma once

#include <cstdint>
#include <vector>

#include "formats/tensor_file.h"

namespace halcyon::importers {

/// The nearest 64-bit number.
[[nodiscard]] std::int64_t saturated(double number);

/// A constant's numbers as whole ones, in its order. Those of int64 are exact.
[[nodiscard]] std::vector<std::int64_t> integers_of(const StoredTensor& tensor);

/// Whether all numbers are the same; there is at least one.
[[nodiscard]] bool is_uniform(const Array& array);

/// Whether a type has whole numbers only.
[[nodiscard]] bool is_whole(StoredType type);

}  // namespace halcyon::importers
