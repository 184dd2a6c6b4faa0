#include "graph/layer_def.h"

namespace halcyon::layers {

extern const LayerDef absolute;
const LayerDef absolute{
    .name = "Absolute",
    .doc = "Each element without its sign.",
    .scalar = [](const LayerCall&) { return abs(ScalarExpr::input(0)); },
};

}  // namespace halcyon::layers
