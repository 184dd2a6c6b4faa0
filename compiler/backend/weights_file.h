#pragma once

#include <cstdint>
#include <string>

#include "plan/program.h"

namespace halcyon {

/// What lies where in the blob and how it is packed: equal for two compilations of one model with other numbers, so
/// that their weight files can be exchanged.
[[nodiscard]] std::uint64_t weights_layout(const Program& program);

/// The file beside the library: runtime/weights.h's header, then the blob.
[[nodiscard]] std::string weights_file(const Program& program, const std::string& weights_blob);

}  // namespace halcyon
