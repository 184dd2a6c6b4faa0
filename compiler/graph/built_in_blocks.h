#pragma once

#include <optional>
#include <string_view>

namespace halcyon {

/// The text of blocks/NAME.hcn, which every spec can import without having it beside itself. CMake makes the function from
/// the files of that folder.
[[nodiscard]] std::optional<std::string_view> built_in_blocks(std::string_view name);

}  // namespace halcyon
