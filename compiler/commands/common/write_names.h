#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "support/diagnostics.h"
#include "support/file_system.h"

namespace halcyon {

/// The spec with `name="..."` in each call that makes a layer without a name, so that its weights are found by what stands
/// there and not by its place. A layer keeps its automatic name, and a note says why, where no one name can be written:
/// in loops and in blocks that are called several times, for operators, in other files, and before such a layer of the same
/// kind, which would be numbered anew. All graphs and names of layers stay (CHECK_INTERNAL). Nothing after errors.
[[nodiscard]] std::optional<std::string> write_names(Sources& sources, std::uint32_t file, const FileSystem& files,
                                                     Diagnostics& diag);

}  // namespace halcyon
