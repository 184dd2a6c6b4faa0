#include "graph/layer_def.h"
#include "layers/common/arguments.h"

namespace halcyon::layers {

extern const LayerDef random_flip;
const LayerDef random_flip{
    .name = "RandomFlip",
    .doc = "Flips images at random in training; afterwards it is nothing.",
    .arguments =
        {
            {"mode", argument::ignored(), Value("horizontal_and_vertical"), "only matters in training"},
            {"seed", argument::ignored(), Value(), "only matters in training"},
            data_format_argument(),
        },
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0); },
    .lower = [](Lowering&) { return 0; },
};

}  // namespace halcyon::layers
