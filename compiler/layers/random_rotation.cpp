#include "graph/layer_def.h"
#include "layers/common/arguments.h"

namespace halcyon::layers {

extern const LayerDef random_rotation;
const LayerDef random_rotation{
    .name = "RandomRotation",
    .doc = "Turns images at random in training; afterwards it is nothing.",
    .arguments =
        {
            {"factor", argument::ignored(), std::nullopt, "only matters in training"},
            {"fill_mode", argument::ignored(), Value("reflect"), "only matters in training"},
            {"interpolation", argument::ignored(), Value("bilinear"), "only matters in training"},
            {"seed", argument::ignored(), Value(), "only matters in training"},
            {"fill_value", argument::ignored(), Value(0.0), "only matters in training"},
            data_format_argument(),
        },
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0); },
    .lower = [](Lowering&) { return 0; },
};

}  // namespace halcyon::layers
