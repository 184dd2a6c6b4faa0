#include "graph/layer_def.h"

namespace halcyon::layers {

extern const LayerDef stochastic_depth;
const LayerDef stochastic_depth{
    .name = "StochasticDepth",
    .doc =
        "Drops whole branches at random in training, as keras.applications.convnext has it; afterwards it is nothing.",
    .arguments = {{"drop_path_rate", argument::real(0.0, 1.0), std::nullopt, "only matters in training"}},
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0); },
    .lower = [](Lowering&) { return 0; },
};

}  // namespace halcyon::layers
