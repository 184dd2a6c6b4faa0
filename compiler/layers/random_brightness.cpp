#include "graph/layer_def.h"

namespace halcyon::layers {

extern const LayerDef random_brightness;
const LayerDef random_brightness{
    .name = "RandomBrightness",
    .doc = "Changes the brightness of images at random in training; afterwards it is nothing.",
    .arguments =
        {
            {"factor", argument::ignored(), std::nullopt, "only matters in training"},
            {"value_range", argument::ignored(), Value(Value::Sequence{Value(0), Value(255)}),
             "only matters in training"},
            {"seed", argument::ignored(), Value(), "only matters in training"},
        },
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0); },
    .lower = [](Lowering&) { return 0; },
};

}  // namespace halcyon::layers
