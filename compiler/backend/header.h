#pragma once

#include <string>

#include "backend/library.h"
#include "plan/program.h"

namespace halcyon {

/// NAME.h: C99, with a C++17 face in the same file. `needs_libm`: whether programs must also link -lm.
[[nodiscard]] std::string make_header(const std::vector<Variant>& variants, const LibraryOptions& options,
                                      bool needs_libm);

}  // namespace halcyon
