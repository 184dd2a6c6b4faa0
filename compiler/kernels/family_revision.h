#pragma once

#include <string_view>

namespace halcyon {

/// A hash of the sources that decide what code a family's candidates are: measurements of one revision say nothing about
/// another. Empty for a name that is no family's.
[[nodiscard]] std::string_view family_revision(std::string_view family);

}  // namespace halcyon
