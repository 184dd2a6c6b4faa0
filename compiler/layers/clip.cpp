#include <fmt/format.h>

#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    const bool both = !call.attributes.is_none("x_min") && !call.attributes.is_none("x_max");
    if (both && call.attributes.real("x_min") > call.attributes.real("x_max")) {
        call.error(
            Code::bad_argument, "x_max",
            fmt::format("x_max {} lies below x_min {}", call.attributes.real("x_max"), call.attributes.real("x_min")));
        return std::nullopt;
    }
    return computed(call.inputs[0].shape);
}

ScalarExpr scalar(const LayerCall& call) {
    ScalarExpr value = ScalarExpr::input(0);
    if (!call.attributes.is_none("x_min")) value = max(value, call.attributes.real("x_min"));
    if (!call.attributes.is_none("x_max")) value = min(value, call.attributes.real("x_max"));
    return value;
}

}  // namespace

extern const LayerDef clip;
const LayerDef clip{
    .name = "Clip",
    .doc = "Each element, but at least one number and at most another.",
    .arguments =
        {
            {"x_min", argument::optional(argument::real()), Value(), "None: no lower bound"},
            {"x_max", argument::optional(argument::real()), Value(), "None: no upper bound"},
        },
    .infer_type = infer_type,
    .scalar = scalar,
};

}  // namespace halcyon::layers
