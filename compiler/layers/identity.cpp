#include "graph/layer_def.h"

namespace halcyon::layers {

extern const LayerDef identity;
const LayerDef identity{
    .name = "Identity",
    .doc = "Its input as it is.",
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0); },
    .lower = [](Lowering&) { return 0; },
};

}  // namespace halcyon::layers
