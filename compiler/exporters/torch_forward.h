#pragma once

#include "exporters/torch_tree.h"

namespace halcyon {

/// The lines of a region's forward. `attributes`: those of its calls, as TorchSource has them.
[[nodiscard]] std::vector<std::string> torch_forward(const TorchTree& tree, const importers::Region& region,
                                                     bool is_model, const std::vector<std::string>& inputs,
                                                     const std::vector<std::string>& attributes);

/// How often a region reads a value: its calls, and what it returns.
[[nodiscard]] int use_count(const importers::Region& region, int value);

}  // namespace halcyon
