#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef softplus;
const LayerDef softplus{
    .name = "Softplus",
    .doc = "log(1 + exp(x)).",
    .scalar = [](const LayerCall&) { return activation_named("softplus"); },
};

}  // namespace halcyon::layers
