#pragma once

#include "graph/layer_def.h"

namespace halcyon {

// What all ZeroPadding layers do alike; `rank` counts spatial axes.

[[nodiscard]] std::vector<ArgumentDef> zero_padding_arguments(int rank);
[[nodiscard]] std::optional<TensorType> infer_zero_padding(const LayerCall& call, std::string_view layer, int rank);
void zero_padding_reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
                            Array& output);
int lower_zero_padding(Lowering& lowering);

}  // namespace halcyon
