#include <limits>

#include "layers/common/activation_layer.h"

namespace halcyon::layers {
namespace {

constexpr double largest = std::numeric_limits<double>::max();

ScalarExpr scalar(const LayerCall& call) {
    const char* slope = call.attributes.is_none("alpha") ? "negative_slope" : "alpha";
    return activations::leaky_relu(ScalarExpr::input(0), call.attributes.real(slope));
}

}  // namespace

extern const LayerDef leaky_re_lu;
const LayerDef leaky_re_lu{
    .name = "LeakyReLU",
    .doc = "x where it is positive, negative_slope * x elsewhere.",
    .arguments =
        {
            {"negative_slope", argument::real(0.0, largest), Value(0.3), "slope where x is negative"},
            {"alpha", argument::optional(argument::real(0.0, largest)), Value(), "what Keras 2 called negative_slope"},
        },
    .scalar = scalar,
};

}  // namespace halcyon::layers
