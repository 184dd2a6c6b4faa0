#pragma once

#include "graph/layer_def.h"

namespace halcyon {

// What all transposed convolutions do alike, from the attributes with Keras's names; `rank` counts spatial axes. Along an
// axis of n elements, with a window that dilation spreads to k, all sums have the extent (n - 1) * strides + k. Keras's
// rules (keras/src/backend/common/backend_utils.py) say what of it is kept:
//   "valid"  all, and zeros after it up to `strides` or as many as output_padding says
//   "same"   n * strides, or with an output_padding (n - 1) * strides + k % 2 + output_padding
//   pads     as in PyTorch: that much is cut off before and after, and output_padding is kept or added after

[[nodiscard]] std::vector<ArgumentDef> transposed_convolution_arguments(int rank);
[[nodiscard]] std::optional<TensorType> infer_transposed_convolution(const LayerCall& call, std::string_view layer,
                                                                     int rank);
[[nodiscard]] std::vector<WeightDef> transposed_convolution_weights(const LayerCall& call);
void transposed_convolution_reference(const Attributes& attributes, std::span<const Array> weights,
                                      std::span<const Array> inputs, Array& output);
int lower_transposed_convolution(Lowering& lowering);

}  // namespace halcyon
