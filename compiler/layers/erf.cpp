#include "graph/layer_def.h"

namespace halcyon::layers {

extern const LayerDef erf;
const LayerDef erf{
    .name = "Erf",
    .doc = "The error function of each element.",
    .scalar = [](const LayerCall&) { return halcyon::erf(ScalarExpr::input(0)); },
};

}  // namespace halcyon::layers
