#pragma once

#include <string>

#include "plan/program.h"

namespace halcyon {

/// An object that holds the blob in read-only memory as weights_symbol(), aligned to 64 bytes.
[[nodiscard]] std::string make_weights_object(const Program& program, const std::string& weights_blob);

}  // namespace halcyon
