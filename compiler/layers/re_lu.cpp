#include <limits>

#include "layers/common/activation_layer.h"

namespace halcyon::layers {
namespace {

constexpr double largest = std::numeric_limits<double>::max();

ScalarExpr scalar(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    const std::optional<double> max_value =
        attributes.is_none("max_value") ? std::nullopt : std::optional(attributes.real("max_value"));
    return activations::relu(ScalarExpr::input(0), max_value, attributes.real("negative_slope"),
                             attributes.real("threshold"));
}

}  // namespace

extern const LayerDef re_lu;
const LayerDef re_lu{
    .name = "ReLU",
    .doc = "max(x, 0), with what Keras lets one change about it.",
    .arguments =
        {
            {"max_value", argument::optional(argument::real(0.0, largest)), Value(), "the result is never larger"},
            {"negative_slope", argument::real(0.0, largest), Value(0.0), "slope below the threshold"},
            {"threshold", argument::real(0.0, largest), Value(0.0), "from where on x is let through"},
        },
    .scalar = scalar,
};

}  // namespace halcyon::layers
