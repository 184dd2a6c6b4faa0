#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef silu;
const LayerDef silu{
    .name = "Silu",
    .doc = "x * sigmoid(x).",
    .aliases = {"SiLU", "Swish"},
    .scalar = [](const LayerCall&) { return activation_named("silu"); },
};

}  // namespace halcyon::layers
