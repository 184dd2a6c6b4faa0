#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef relu6;
const LayerDef relu6{
    .name = "Relu6",
    .doc = "min(max(x, 0), 6).",
    .aliases = {"ReLU6"},
    .scalar = [](const LayerCall&) { return activation_named("relu6"); },
};

}  // namespace halcyon::layers
