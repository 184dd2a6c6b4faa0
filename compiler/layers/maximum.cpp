#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    return merged_type(call, "Maximum");
}

ScalarExpr scalar(const LayerCall& call) {
    const int count = static_cast<int>(call.inputs.size());
    ScalarExpr result = ScalarExpr::input(0);
    for (int i = 1; i < count; ++i) result = max(result, ScalarExpr::input(i));
    return result;
}

}  // namespace

extern const LayerDef maximum;
const LayerDef maximum{
    .name = "Maximum",
    .doc = "The largest of the inputs, element by element, broadcast.",
    .max_inputs = LayerDef::many_inputs,
    .infer_type = infer_type,
    .scalar = scalar,
};

}  // namespace halcyon::layers
