#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/program.h"

namespace halcyon {

/// Bytes for every input door, for `items` items: uniform in [0, 1) for floating-point doors, all bytes for integer ones.
/// Equal seeds give equal bytes everywhere.
[[nodiscard]] std::vector<std::string> random_inputs(const std::vector<Door>& doors, std::int64_t items,
                                                     std::uint64_t seed);

}  // namespace halcyon
