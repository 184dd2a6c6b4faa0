#pragma once

#include "formats/common/parsed_tensors.h"

namespace halcyon {

/// The .npy format, versions 1 to 3: magic, version, header length, a Python dict {'descr', 'fortran_order', 'shape'}, the
/// numbers and nothing behind them. Big-endian and Fortran-ordered arrays are brought into the order of StoredTensor.
/// Format: numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
[[nodiscard]] std::optional<FormatError> read_npy(std::string_view bytes, std::string name, ParsedTensors& parsed);

[[nodiscard]] bool looks_like_npy(std::string_view bytes);

}  // namespace halcyon
