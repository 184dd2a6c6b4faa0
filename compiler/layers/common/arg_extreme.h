#pragma once

#include "graph/layer_def.h"

namespace halcyon {

// What ArgMax and ArgMin do alike: the place of an extreme element along one axis, counted from 0, as a float32 number. Of
// equal elements the first one's, as in NumPy. An element that is no number is never the extreme one; where there are no
// others, the place is the axis's extent.

/// axis, which counts the batch as 0, and keepdims.
[[nodiscard]] std::vector<ArgumentDef> arg_extreme_arguments();
[[nodiscard]] std::optional<TensorType> infer_arg_extreme(const LayerCall& call);
/// `better` says whether an element takes the place of the best one before it.
void arg_extreme_reference(const Attributes& attributes, const Array& input,
                           bool (*better)(double element, double best), Array& output);
/// By comparing with the extreme element itself: `reduction` is Op::reduce_max or Op::reduce_min.
int lower_arg_extreme(Op reduction, Lowering& lowering);

}  // namespace halcyon
