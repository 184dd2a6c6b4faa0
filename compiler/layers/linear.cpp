#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef linear;
const LayerDef linear{
    .name = "Linear",
    .doc = "The input as it is.",
    .scalar = [](const LayerCall&) { return activation_named("linear"); },
};

}  // namespace halcyon::layers
