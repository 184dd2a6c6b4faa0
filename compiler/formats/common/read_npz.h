#pragma once

#include "formats/common/parsed_tensors.h"

namespace halcyon {

/// An .npz file: a zip archive of .npy files, stored or deflated. A tensor is named as its entry without ".npy"; names are
/// never used as paths. Memory stays within what the entries' compressed size can unpack to.
[[nodiscard]] std::optional<FormatError> read_npz(std::string_view bytes, ParsedTensors& parsed);

}  // namespace halcyon
