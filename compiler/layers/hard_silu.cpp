#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef hard_silu;
const LayerDef hard_silu{
    .name = "HardSilu",
    .doc = "x * hard_sigmoid(x).",
    .aliases = {"HardSwish"},
    .scalar = [](const LayerCall&) { return activation_named("hard_silu"); },
};

}  // namespace halcyon::layers
