#pragma once

#include "graph/layer_def.h"
#include "layers/common/arguments.h"
#include "layers/common/data_format.h"
#include "layers/common/sliding.h"

namespace halcyon {

// What all pooling layers do alike; `rank` counts spatial axes.

[[nodiscard]] std::vector<ArgumentDef> pooling_arguments(int rank, std::optional<Value> default_size);
[[nodiscard]] std::optional<TensorType> infer_pooling(const LayerCall& call, std::string_view layer, int rank);
void pooling_reference(Pool kind, const Attributes& attributes, const Array& input, Array& output);
int lower_pooling(Op op, Lowering& lowering);

[[nodiscard]] std::vector<ArgumentDef> global_pooling_arguments();
[[nodiscard]] std::optional<TensorType> infer_global_pooling(const LayerCall& call, std::string_view layer, int rank);
void global_pooling_reference(Pool kind, const Attributes& attributes, const Array& input, Array& output);
int lower_global_pooling(Op op, Lowering& lowering);

}  // namespace halcyon
