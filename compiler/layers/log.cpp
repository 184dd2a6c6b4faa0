#include "graph/layer_def.h"

namespace halcyon::layers {

extern const LayerDef log;
const LayerDef log{
    .name = "Log",
    .doc = "The natural logarithm of each element.",
    .scalar = [](const LayerCall&) { return halcyon::log(ScalarExpr::input(0)); },
};

}  // namespace halcyon::layers
