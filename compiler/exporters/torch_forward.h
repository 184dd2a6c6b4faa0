#pragma once

#include "exporters/torch_source.h"

namespace halcyon {

/// The lines of a region's forward, from what TorchSource says of its calls.
[[nodiscard]] std::vector<std::string> torch_forward(const TorchTree& tree, const importers::Region& region,
                                                     bool is_model, const std::vector<std::string>& inputs,
                                                     const TorchSource& source);

/// How often a region reads a value: its calls, and what it returns.
[[nodiscard]] int use_count(const importers::Region& region, int value);

}  // namespace halcyon
