#include "layers/common/activation_layer.h"

namespace halcyon::layers {
namespace {

ScalarExpr scalar(const LayerCall& call) {
    return activations::gelu(ScalarExpr::input(0), call.attributes.boolean("approximate"));
}

}  // namespace

extern const LayerDef gelu;
const LayerDef gelu{
    .name = "Gelu",
    .doc = "x times the normal distribution function of x.",
    .aliases = {"GELU"},
    .arguments =
        {
            {"approximate", argument::boolean(), Value(false), "by tanh instead of erf"},
        },
    .scalar = scalar,
};

}  // namespace halcyon::layers
