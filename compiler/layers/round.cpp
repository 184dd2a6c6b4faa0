#include "graph/layer_def.h"

namespace halcyon::layers {

extern const LayerDef round;
const LayerDef round{
    .name = "Round",
    .doc = "The nearest whole number of each element; halves go to the even one.",
    .scalar = [](const LayerCall&) { return ScalarExpr::make(ScalarOp::round, {ScalarExpr::input(0)}); },
};

}  // namespace halcyon::layers
