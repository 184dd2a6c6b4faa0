#pragma once

#include <map>
#include <string>

#include "formats/tensor_file.h"

namespace halcyon {

/// The bytes of a safetensors file with these tensors, in the order of their names.
[[nodiscard]] std::string safetensors_bytes(const std::map<std::string, StoredTensor>& tensors);

}  // namespace halcyon
