#pragma once

#include <deque>
#include <functional>
#include <variant>

#include "formats/common/parsed_tensors.h"
#include "formats/onnx_file.h"

namespace halcyon::onnx_file {

/// The bytes that a tensor has outside the file, or why there are none.
using ReadExternal = std::function<std::variant<std::string_view, FormatError>(const ExternalData&)>;

/// Reads a ModelProto. Tensors point into `bytes`, into what `external` gives, and into `unpacked`, which grows by numbers
/// that the file has packed: at most eight times the file. Graphs inside nodes are not looked into.
[[nodiscard]] std::variant<Model, FormatError> read_model(std::string_view bytes, const ReadExternal& external,
                                                          std::deque<std::string>& unpacked);

}  // namespace halcyon::onnx_file
