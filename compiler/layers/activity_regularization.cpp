#include "graph/layer_def.h"

namespace halcyon::layers {

extern const LayerDef activity_regularization;
const LayerDef activity_regularization{
    .name = "ActivityRegularization",
    .doc = "Adds to the loss in training; afterwards it is nothing.",
    .arguments =
        {
            {"l1", argument::real(), Value(0.0), "only matters in training"},
            {"l2", argument::real(), Value(0.0), "only matters in training"},
        },
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0); },
    .lower = [](Lowering&) { return 0; },
};

}  // namespace halcyon::layers
