#pragma once

#include <string>
#include <utility>
#include <vector>

namespace halcyon {

/// How a model's file finds the layer whose weights a module has.
struct TorchLayerNames {
    std::string tables;  ///< BLOCKS and PARTS with layer_of, LAYERS; empty: every module is called like its layer
    std::string lookup;  ///< the layer of `path`, as an expression
};

/// From the modules that are not called like their layer: paths and layers. Where the layers of a block begin alike and go on as
/// those of other blocks do, the block's beginning and the rest are said once.
[[nodiscard]] TorchLayerNames torch_layer_names(const std::vector<std::pair<std::string, std::string>>& layers);

}  // namespace halcyon
