#pragma once

#include "graph/layer_def.h"

namespace halcyon {

// What all Cropping layers do alike; `rank` counts spatial axes.

[[nodiscard]] std::optional<TensorType> infer_cropping(const LayerCall& call, std::string_view layer, int rank);
void cropping_reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
                        Array& output);
int lower_cropping(Lowering& lowering);

}  // namespace halcyon
