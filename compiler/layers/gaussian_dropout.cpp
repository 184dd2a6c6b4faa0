#include "graph/layer_def.h"

namespace halcyon::layers {

extern const LayerDef gaussian_dropout;
const LayerDef gaussian_dropout{
    .name = "GaussianDropout",
    .doc = "Multiplies with random numbers in training; afterwards it is nothing.",
    .arguments =
        {
            {"rate", argument::real(0.0, 1.0), std::nullopt, "only matters in training"},
            {"seed", argument::ignored(), Value(), "only matters in training"},
        },
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0); },
    .lower = [](Lowering&) { return 0; },
};

}  // namespace halcyon::layers
