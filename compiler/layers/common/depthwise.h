#pragma once

#include "graph/layer_def.h"

namespace halcyon {

// A depthwise convolution as a convolution with a group per channel; `image` is [spatial..., channels].

/// As Keras stores it: [window..., channels, depth_multiplier].
[[nodiscard]] Shape depthwise_kernel_shape(const Attributes& attributes, const Shape& image);
/// As a convolution has it: [window..., 1, channels * depth_multiplier], the same numbers.
[[nodiscard]] Shape grouped_shape(const Shape& kernel);
[[nodiscard]] Operation depthwise_operation(const Attributes& attributes, const Shape& image);

}  // namespace halcyon
