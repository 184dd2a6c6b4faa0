#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    if (!is_image(call, "SpatialDropout1D", 1)) return std::nullopt;
    return computed(call.inputs[0].shape);
}

}  // namespace

extern const LayerDef spatial_dropout1d;
const LayerDef spatial_dropout1d{
    .name = "SpatialDropout1D",
    .doc = "Drops whole channels of sequences at random in training; afterwards it is nothing.",
    .arguments =
        {
            {"rate", argument::real(0.0, 1.0), std::nullopt, "only matters in training"},
            {"seed", argument::ignored(), Value(), "only matters in training"},
        },
    .infer_type = infer_type,
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0); },
    .lower = [](Lowering&) { return 0; },
};

}  // namespace halcyon::layers
