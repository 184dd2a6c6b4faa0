#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef tanh;
const LayerDef tanh{
    .name = "Tanh",
    .doc = "Hyperbolic tangent.",
    .scalar = [](const LayerCall&) { return activation_named("tanh"); },
};

}  // namespace halcyon::layers
