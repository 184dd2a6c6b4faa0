#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    return merged_type(call, "Add");
}

ScalarExpr scalar(const LayerCall& call) {
    ScalarExpr result = ScalarExpr::input(0);
    for (int i = 1; i < static_cast<int>(call.inputs.size()); ++i) result = result + ScalarExpr::input(i);
    return result;
}

}  // namespace

extern const LayerDef add;
const LayerDef add{
    .name = "Add",
    .doc = "The sum of the inputs, broadcast.",
    .max_inputs = LayerDef::many_inputs,
    .infer_type = infer_type,
    .scalar = scalar,
};

}  // namespace halcyon::layers
