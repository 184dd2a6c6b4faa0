#pragma once

#include "exporters/onnx_model.h"
#include "graph/evaluate.h"
#include "graph/graph.h"

namespace halcyon {

/// The network as an ONNX model that computes `batch` items a call. Doors keep their names and axes, with the batch in
/// front, and inputs their types; outputs are float32, as in a library. In between images have their channels first, as
/// ONNX's operators ask, so that a Transpose stands at a channels-last door and before a Flatten. Batch normalizations
/// and paddings that the compiler folds into convolutions are folded here too. Nodes are named after layers,
/// initializers after weights. Needs an elaborated graph whose weights have been checked.
[[nodiscard]] OnnxModel to_onnx(const Graph& layers, const WeightSource& weights, std::int64_t batch);

}  // namespace halcyon
