#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "support/diagnostics.h"

namespace halcyon {

/// The spec as `halcyon fmt` writes it: laid out as Black does Python (format_layout.h), with all its comments and their
/// places among the statements, its literals as they are spelled but for the quotes, at most two blank lines, round every
/// outermost `def` exactly two, line ends and byte order mark as they were. Formatting the result again changes nothing.
/// That it means the same is checked (CHECK_INTERNAL). Nothing, and errors, for a text that does not parse.
[[nodiscard]] std::optional<std::string> format(const Sources& sources, std::uint32_t file, Diagnostics& diag);

}  // namespace halcyon
