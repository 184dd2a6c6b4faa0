#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    return merged_type(call, "Where");
}

}  // namespace

extern const LayerDef where;
const LayerDef where{
    .name = "Where",
    .doc = "Of a condition and two tensors: the second's element where the condition is not 0, the third's where it "
           "is, broadcast.",
    .min_inputs = 3,
    .max_inputs = 3,
    .infer_type = infer_type,
    .scalar = [](const LayerCall&) { return select(ScalarExpr::input(0), ScalarExpr::input(1), ScalarExpr::input(2)); },
};

}  // namespace halcyon::layers
