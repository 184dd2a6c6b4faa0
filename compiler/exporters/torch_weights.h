#pragma once

#include <string>
#include <vector>

#include "exporters/torch_source.h"

namespace halcyon {

/// How a model's file speaks of its weights.
struct TorchWeightsText {
    std::string tables;                ///< KERAS_NAMES, LAYERS, TENSORS and functions, before the classes
    std::vector<std::string> methods;  ///< reset_parameters and load_weights: lines of the class's body
    bool resets = false;               ///< whether there is a reset_parameters to be called
};

[[nodiscard]] TorchWeightsText torch_weights(const std::vector<TorchPath>& paths);

}  // namespace halcyon
