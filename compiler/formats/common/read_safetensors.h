#pragma once

#include "formats/common/parsed_tensors.h"

namespace halcyon {

/// The safetensors format: 8 bytes header length (little-endian), a JSON object {name: {"dtype", "shape", "data_offsets":
/// [begin, end]}, "__metadata__": {text: text}}, then the numbers, which the offsets must cover without gaps or overlaps.
/// The header has at most 100 MB. Format: huggingface.co/docs/safetensors.
[[nodiscard]] std::optional<FormatError> read_safetensors(std::string_view bytes, ParsedTensors& parsed);

/// Whether the beginning looks like that format.
[[nodiscard]] bool looks_like_safetensors(std::string_view bytes);

}  // namespace halcyon
