#pragma once

#include <string>
#include <vector>

#include "backend/driver.h"

namespace halcyon {

/// The driver's object and every kernel's, under their names in the library: all but the weights. What libraries and
/// LoadedProgram are made of.
[[nodiscard]] std::vector<std::string> program_objects(const std::vector<Variant>& variants,
                                                       const DriverOptions& options);

}  // namespace halcyon
