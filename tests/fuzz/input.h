#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "formats/common/parsed_tensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace halcyon {

inline std::string_view input_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// What does not hold is a finding.
inline void require(bool condition) {
    if (!condition) std::abort();
}

/// Every number of the tensor is there to be read.
inline void use(const StoredTensor& tensor) {
    const auto bytes = stored_bytes(tensor.type, tensor.shape);
    require(bytes && static_cast<std::uint64_t>(*bytes) == tensor.bytes.size());
    constexpr std::int64_t most = 1 << 16;
    if (*bytes > most) return;
    require(to_array(tensor).size() * bytes_of(tensor.type) == *bytes);
    static_cast<void>(all_finite(tensor));
}

inline void use(const ParsedTensors& parsed) {
    for (const auto& [name, tensor] : parsed.tensors) use(tensor);
}

}  // namespace halcyon
