#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef exponential;
const LayerDef exponential{
    .name = "Exponential",
    .doc = "exp(x).",
    .scalar = [](const LayerCall&) { return activation_named("exponential"); },
};

}  // namespace halcyon::layers
