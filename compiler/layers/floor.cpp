#include "graph/layer_def.h"

namespace halcyon::layers {

extern const LayerDef floor;
const LayerDef floor{
    .name = "Floor",
    .doc = "The largest whole number that is not larger than the element.",
    .scalar = [](const LayerCall&) { return ScalarExpr::make(ScalarOp::floor, {ScalarExpr::input(0)}); },
};

}  // namespace halcyon::layers
