#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef softsign;
const LayerDef softsign{
    .name = "Softsign",
    .doc = "x / (1 + |x|).",
    .scalar = [](const LayerCall&) { return activation_named("softsign"); },
};

}  // namespace halcyon::layers
