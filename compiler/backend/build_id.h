#pragma once

#include <string_view>

namespace halcyon {

/// A hash, as 32 hexadecimal digits, of the sources that this program was built from: equal for equal sources, wherever
/// and whenever they were built. Part of the object cache's key.
std::string_view halcyon_build_id();

}  // namespace halcyon
