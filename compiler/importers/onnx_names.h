#pragma once

#include <string>
#include <vector>

#include "formats/onnx_file.h"
#include "importers/network.h"

namespace halcyon::importers {

/// What a person would call the layer that a node becomes: from the name of its first weight where it has one
/// ("layer1.0.conv1.weight"), else from its own ("/layer1/layer1.0/relu/Relu"): both give layer1_0_... Empty where the file's
/// name says no more than what the node does ("Relu_12").
[[nodiscard]] std::string layer_name(const onnx_file::Node& node, const std::string& weight);

/// Names every layer: no two alike; those without a name as the spec numbers them by itself.
void name_layers(ImportedNetwork& network);

/// Drops the calls and layers that no output needs; the calls that stay come a branch at a time. Gives the new place of each
/// layer, -1 for those that are gone.
std::vector<int> order_calls(ImportedNetwork& network);

}  // namespace halcyon::importers
