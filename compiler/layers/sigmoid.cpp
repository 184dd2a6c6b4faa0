#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef sigmoid;
const LayerDef sigmoid{
    .name = "Sigmoid",
    .doc = "1 / (1 + exp(-x)).",
    .scalar = [](const LayerCall&) { return activation_named("sigmoid"); },
};

}  // namespace halcyon::layers
