#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef mish;
const LayerDef mish{
    .name = "Mish",
    .doc = "x * tanh(softplus(x)).",
    .scalar = [](const LayerCall&) { return activation_named("mish"); },
};

}  // namespace halcyon::layers
