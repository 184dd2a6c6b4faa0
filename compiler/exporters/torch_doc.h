#pragma once

#include <string>

#include "exporters/torch_network.h"

namespace halcyon {

/// The docstring of a network's file: how to use it, its doors, and what changed on the way from the spec.
/// `weights`: the file to load; empty if there is nothing to load.
[[nodiscard]] std::string torch_doc(const TorchNetwork& network, const std::string& model_class,
                                    const std::string& spec, const std::string& weights);

}  // namespace halcyon
