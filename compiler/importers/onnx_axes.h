#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "importers/onnx_call.h"

namespace halcyon::importers {

// What the operators that move numbers about do to a shape; the same for constants and for values of the network.

/// The shape that a Reshape asks for: 0 is the old extent, -1 what is left.
[[nodiscard]] Shape reshape_target(const OnnxCall& call, const Shape& from);
/// Without the axes that a Squeeze names, or all of extent 1.
[[nodiscard]] Shape squeezed(const OnnxCall& call, const Shape& from);
[[nodiscard]] Shape unsqueezed(const OnnxCall& call, const Shape& from);
/// Two axes: what stands before the axis, and what follows.
[[nodiscard]] Shape flattened(const OnnxCall& call, const Shape& from);
/// The order of a Transpose.
[[nodiscard]] std::vector<int> transposition(const OnnxCall& call, int rank);

/// Along each axis `count` elements from `begin` on.
struct Slicing {
    std::vector<std::int64_t> begin, step, count;
};
[[nodiscard]] Slicing slicing_of(const OnnxCall& call, const Shape& from);

/// How long the parts of a Split are.
[[nodiscard]] std::vector<std::int64_t> split_lengths(const OnnxCall& call, std::int64_t extent);

}  // namespace halcyon::importers
