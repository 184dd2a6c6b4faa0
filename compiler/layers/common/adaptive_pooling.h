#pragma once

#include "graph/layer_def.h"
#include "layers/common/sliding.h"

namespace halcyon {

// Pools with a given number of results, as in PyTorch and Keras: place i of `out` along an axis of `in` elements pools the
// elements from floor(i in / out) to ceil((i + 1) in / out). `rank` counts spatial axes.

[[nodiscard]] std::vector<ArgumentDef> adaptive_pooling_arguments(int rank);
[[nodiscard]] std::optional<TensorType> infer_adaptive_pooling(const LayerCall& call, std::string_view layer, int rank);
void adaptive_pooling_reference(Pool kind, const Attributes& attributes, const Array& input, Array& output);
/// One pool where all windows are alike, else axis by axis a piece for each place.
int lower_adaptive_pooling(Pool kind, Lowering& lowering);

}  // namespace halcyon
