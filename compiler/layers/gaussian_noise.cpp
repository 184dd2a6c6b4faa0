#include <limits>

#include "graph/layer_def.h"

namespace halcyon::layers {

extern const LayerDef gaussian_noise;
const LayerDef gaussian_noise{
    .name = "GaussianNoise",
    .doc = "Adds random numbers in training; afterwards it is nothing.",
    .arguments =
        {
            {"stddev", argument::real(0.0, std::numeric_limits<double>::max()), std::nullopt,
             "only matters in training"},
            {"seed", argument::ignored(), Value(), "only matters in training"},
        },
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0); },
    .lower = [](Lowering&) { return 0; },
};

}  // namespace halcyon::layers
