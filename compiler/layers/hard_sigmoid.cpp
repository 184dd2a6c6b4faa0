#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef hard_sigmoid;
const LayerDef hard_sigmoid{
    .name = "HardSigmoid",
    .doc = "relu6(x + 3) / 6.",
    .scalar = [](const LayerCall&) { return activation_named("hard_sigmoid"); },
};

}  // namespace halcyon::layers
