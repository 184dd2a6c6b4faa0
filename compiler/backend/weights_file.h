#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backend/library.h"

namespace halcyon {

/// What lies where in the blob of a library and how it is packed: equal for two compilations of one model with other
/// numbers, so that their weight files can be exchanged.
[[nodiscard]] std::uint64_t weights_layout(const std::vector<Variant>& variants);

/// The file beside the library: runtime/weights.h's header, then the blob.
[[nodiscard]] std::string weights_file(const std::vector<Variant>& variants, const std::string& weights_blob);

}  // namespace halcyon
