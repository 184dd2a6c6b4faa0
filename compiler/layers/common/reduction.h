#pragma once

#include "graph/layer_def.h"

namespace halcyon {

// What Mean, Sum, Max and Min do alike: all elements along some axes become one.

/// axis, which counts the batch as 0 and may name several axes, and keepdims.
[[nodiscard]] std::vector<ArgumentDef> reduction_arguments();
[[nodiscard]] std::optional<TensorType> infer_reduction(const LayerCall& call);
/// `join` brings one element more to what has been joined, beginning with `first`; the mean divides the sum afterwards.
void reduction_reference(const Attributes& attributes, const Array& input, double first,
                         double (*join)(double joined, double element), bool mean, Array& output);
int lower_reduction(Op op, Lowering& lowering);

}  // namespace halcyon
