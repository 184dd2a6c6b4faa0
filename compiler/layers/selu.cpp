#include "layers/common/activation_layer.h"

namespace halcyon::layers {

extern const LayerDef selu;
const LayerDef selu{
    .name = "Selu",
    .doc = "ELU with the two constants that keep mean and variance: 1.0507 * elu(x, 1.6733).",
    .aliases = {"SELU"},
    .scalar = [](const LayerCall&) { return activation_named("selu"); },
};

}  // namespace halcyon::layers
