#pragma once

#include "exporters/torch_builder.h"

namespace halcyon {

/// Adds the steps of one layer, whose inputs these are. Layers for which PyTorch has a module that cannot be seen from
/// their operations (normalizations, Dropout, adaptive pools, ...) have an entry in a table; every other layer is what
/// it lowers to, and a module of the file's own if that takes weights which no module of PyTorch's has.
[[nodiscard]] TorchBuilder::Tensor write_torch_layer(TorchBuilder& builder, const Node& layer,
                                                     const std::vector<TorchBuilder::Tensor>& inputs);

}  // namespace halcyon
