#pragma once

#include <optional>
#include <string_view>

namespace halcyon {

/// The text of schedules/TARGET.hcs, which tuning has found for tasks of common networks. CMake makes the function from the
/// files of that folder.
[[nodiscard]] std::optional<std::string_view> shipped_schedules(std::string_view target);

}  // namespace halcyon
