#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    return merged_type(call, "Divide");
}

}  // namespace

extern const LayerDef divide;
const LayerDef divide{
    .name = "Divide",
    .doc = "The first input divided by the second, broadcast: what x / y is.",
    .min_inputs = 2,
    .max_inputs = 2,
    .infer_type = infer_type,
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0) / ScalarExpr::input(1); },
};

}  // namespace halcyon::layers
