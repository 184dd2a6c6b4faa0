#pragma once

#include "graph/layer_def.h"

namespace halcyon {

// What all convolutions do alike, from the attributes with Keras's names; `rank` counts spatial axes.

[[nodiscard]] std::vector<ArgumentDef> convolution_arguments(int rank);
[[nodiscard]] std::optional<TensorType> infer_convolution(const LayerCall& call, std::string_view layer, int rank);
[[nodiscard]] std::vector<WeightDef> convolution_weights(const LayerCall& call);
void convolution_reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
                           Array& output);
int lower_convolution(Lowering& lowering);

/// Each channel with depth_multiplier filters of its own.
[[nodiscard]] std::vector<ArgumentDef> depthwise_arguments(int rank);
[[nodiscard]] std::optional<TensorType> infer_depthwise(const LayerCall& call, std::string_view layer, int rank);
[[nodiscard]] std::vector<WeightDef> depthwise_weights(const LayerCall& call);
void depthwise_reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
                         Array& output);
int lower_depthwise(Lowering& lowering);

/// A depthwise convolution without bias, then one with windows of 1.
[[nodiscard]] std::vector<ArgumentDef> separable_arguments(int rank);
[[nodiscard]] std::optional<TensorType> infer_separable(const LayerCall& call, std::string_view layer, int rank);
[[nodiscard]] std::vector<WeightDef> separable_weights(const LayerCall& call);
void separable_reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
                         Array& output);
int lower_separable(Lowering& lowering);

}  // namespace halcyon
