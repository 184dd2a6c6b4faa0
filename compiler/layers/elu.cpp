#include "layers/common/activation_layer.h"

namespace halcyon::layers {
namespace {

ScalarExpr scalar(const LayerCall& call) {
    return activations::elu(ScalarExpr::input(0), call.attributes.real("alpha"));
}

}  // namespace

extern const LayerDef elu;
const LayerDef elu{
    .name = "ELU",
    .doc = "x where it is positive, alpha * (exp(x) - 1) elsewhere.",
    .aliases = {"Elu"},
    .arguments =
        {
            {"alpha", argument::real(), Value(1.0), "where the negative part ends: at -alpha"},
        },
    .scalar = scalar,
};

}  // namespace halcyon::layers
