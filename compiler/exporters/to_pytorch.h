#pragma once

#include <string>

#include "graph/graph.h"

namespace halcyon {

/// The network as a file of Python: a torch.nn.Module as a PyTorch user would write it, any number of items a call.
/// Images have their channels first; repeated parts are modules of their own; reset_parameters gives parameters what
/// the layers' initializers say, and load_weights reads a safetensors file of Halcyon's. Needs an elaborated graph;
/// `spec`
/// and `weights` are the files that the docstring speaks of.
[[nodiscard]] std::string to_pytorch(const Graph& layers, const std::string& spec, const std::string& weights);

}  // namespace halcyon
