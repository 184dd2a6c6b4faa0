#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    return merged_type(call, "Average");
}

ScalarExpr scalar(const LayerCall& call) {
    const int count = static_cast<int>(call.inputs.size());
    ScalarExpr result = ScalarExpr::input(0);
    for (int i = 1; i < count; ++i) result = result + ScalarExpr::input(i);
    return result / static_cast<double>(count);
}

}  // namespace

extern const LayerDef average;
const LayerDef average{
    .name = "Average",
    .doc = "The mean of the inputs, broadcast.",
    .max_inputs = LayerDef::many_inputs,
    .infer_type = infer_type,
    .scalar = scalar,
};

}  // namespace halcyon::layers
