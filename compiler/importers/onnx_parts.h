#pragma once

#include <cstdint>
#include <vector>

#include "importers/onnx_axes.h"
#include "importers/onnx_builder.h"

namespace halcyon::importers {

/// Along each axis of the file a part of the value; the value itself where that is all of it.
[[nodiscard]] OnnxValue sliced(OnnxBuilder& builder, const OnnxValue& value, const Slicing& slicing);
/// `count` elements of an axis from `begin` on.
[[nodiscard]] OnnxValue part_of(OnnxBuilder& builder, const OnnxValue& value, int axis, std::int64_t begin,
                                std::int64_t count, std::int64_t step = 1);
/// Values one behind the other along an axis of the file.
[[nodiscard]] OnnxValue concatenated(OnnxBuilder& builder, const std::vector<OnnxValue>& values, int axis);

}  // namespace halcyon::importers
