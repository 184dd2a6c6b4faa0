#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "formats/tensor_file.h"
#include "support/diagnostics.h"

namespace halcyon {

/// Why a file is refused, in words that follow "FILE: ".
struct FormatError {
    Code code = Code::bad_tensor_file;
    std::string message;
};

/// What a reader of one format found. A tensor's bytes lie in the file or, where they had to be unpacked, byte-swapped or
/// brought into row-major order, in `unpacked`.
struct ParsedTensors {
    std::map<std::string, StoredTensor> tensors;
    std::deque<std::string> unpacked;
};

/// The bytes a tensor takes; nothing when an extent is negative or the product overflows, also in part: behind an extent 0
/// the others still have to multiply to a size.
[[nodiscard]] std::optional<std::int64_t> stored_bytes(StoredType type, const Shape& shape);

/// A name from an untrusted file, fit for a message: control characters and what is not UTF-8 replaced, cut when long.
[[nodiscard]] std::string printable(std::string_view name);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace halcyon
