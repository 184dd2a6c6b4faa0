#pragma once

#include <string>
#include <string_view>

#include "formats/tensor_file.h"
#include "graph/array.h"
#include "graph/tensor_type.h"

namespace halcyon {

[[nodiscard]] StoredType stored_type(ElementType element);

/// Numbers as a door holds them, in double.
[[nodiscard]] Array array_of(const TensorType& type, std::string_view bytes);

/// Whether every number of `from` is one of `to`.
[[nodiscard]] bool converts_exactly(StoredType from, ElementType to);

/// Appends a number that the type holds exactly (CHECK_INTERNAL).
void append_exactly(std::string& bytes, ElementType element, double value);

/// Numbers in a door's type; every one must be exact there.
[[nodiscard]] std::string bytes_of_exact(ElementType element, const Array& array);

}  // namespace halcyon
