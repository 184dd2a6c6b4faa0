#pragma once

#include "exporters/torch_builder.h"

namespace halcyon {

/// Operations with constants as one module, whose class the file defines: parameters under their names in Keras, and a
/// forward of torch's functions.
[[nodiscard]] TorchBuilder::Tensor write_own_module(TorchBuilder& builder, const Node& layer, const Graph& lowered,
                                                    const std::vector<TorchBuilder::Tensor>& inputs);

}  // namespace halcyon
