#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    return merged_type(call, "Subtract");
}

}  // namespace

extern const LayerDef subtract;
const LayerDef subtract{
    .name = "Subtract",
    .doc = "The first input less the second, broadcast.",
    .min_inputs = 2,
    .max_inputs = 2,
    .infer_type = infer_type,
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0) - ScalarExpr::input(1); },
};

}  // namespace halcyon::layers
