#pragma once

#include "graph/array.h"
#include "graph/operation.h"

namespace halcyon {

// The reference of sliding windows in double precision; arrays are [spatial..., channels] of 1 to 3 spatial axes.

/// Cross-correlation with kernel [window..., channels / groups, filters], zeros outside the input.
void convolve(const Array& input, const Array& kernel, const Window& window, std::int64_t groups, Array& output);

/// Its transpose with kernel [window..., filters, channels]: each element adds its multiple of the kernel, `stride` apart,
/// of which pad_before is cut off (see Op::transposed_convolution).
void convolve_transposed(const Array& input, const Array& kernel, const Window& window, Array& output);

enum class Pool { max, average };
/// The largest element, or the mean, of those window elements that lie inside the input; at least one does.
void pool(Pool kind, const Array& input, const Window& window, Array& output);

}  // namespace halcyon
