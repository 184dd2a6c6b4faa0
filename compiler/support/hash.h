#pragma once

#include <string>
#include <string_view>

namespace halcyon {

/// XXH3's 128-bit hash of the bytes as 32 hexadecimal digits. Not against malice: for caches and manifests.
[[nodiscard]] std::string hash_hex(std::string_view bytes);

}  // namespace halcyon
