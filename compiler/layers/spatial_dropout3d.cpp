#include "layers/common/arguments.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    if (!is_image(call, "SpatialDropout3D", 3)) return std::nullopt;
    return computed(call.inputs[0].shape);
}

}  // namespace

extern const LayerDef spatial_dropout3d;
const LayerDef spatial_dropout3d{
    .name = "SpatialDropout3D",
    .doc = "Drops whole channels of volumes at random in training; afterwards it is nothing.",
    .arguments =
        {
            {"rate", argument::real(0.0, 1.0), std::nullopt, "only matters in training"},
            data_format_argument(),
            {"seed", argument::ignored(), Value(), "only matters in training"},
        },
    .infer_type = infer_type,
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0); },
    .lower = [](Lowering&) { return 0; },
};

}  // namespace halcyon::layers
