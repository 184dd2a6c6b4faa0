#pragma once

#include "graph/layer_def.h"

namespace halcyon {

// What all UpSampling layers do alike, by repetition; `rank` counts spatial axes.

[[nodiscard]] std::optional<TensorType> infer_upsampling(const LayerCall& call, std::string_view layer, int rank);
void upsampling_reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
                          Array& output);
int lower_upsampling(Lowering& lowering);

}  // namespace halcyon
