#pragma once

#include <string>
#include <vector>

#include "exporters/torch_source.h"

namespace halcyon {

/// The body of reset_parameters, empty where PyTorch's own first values are the spec's.
struct TorchInitializers {
    std::vector<std::string> lines;
    std::string function;  ///< what they call besides nn.init, if anything
};

[[nodiscard]] TorchInitializers torch_initializers(const std::vector<TorchPath>& paths);

}  // namespace halcyon
