#include <fmt/format.h>

#include "layers/common/arguments.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    Shape shape = call.inputs[0].shape;
    for (const char* argument : {"scale", "offset"}) {
        if (call.attributes.is_none(argument)) continue;
        const Shape weight = call.attributes.integers(argument);
        if (!weight_fits(call, argument, argument, weight)) return std::nullopt;
        const std::optional<Shape> joined = broadcast(shape, weight);
        if (!joined) {
            call.error(Code::shape_mismatch, argument,
                       fmt::format("{} of shape {} does not fit {}: axes must be equal or 1", argument, to_text(weight),
                                   to_text(shape)));
            return std::nullopt;
        }
        shape = *joined;
    }
    return computed(std::move(shape));
}

std::vector<WeightDef> weights(const LayerCall& call) {
    std::vector<WeightDef> result;
    for (const char* name : {"scale", "offset"}) {
        if (!call.attributes.is_none(name))
            result.push_back(
                {name, call.attributes.integers(name), call.attributes[std::string(name) + "_initializer"]});
    }
    return result;
}

ScalarExpr scalar(const LayerCall& call) {
    ScalarExpr result = ScalarExpr::input(0);
    int constant = 0;
    if (!call.attributes.is_none("scale")) result = result * ScalarExpr::constant(constant++);
    if (!call.attributes.is_none("offset")) result = result + ScalarExpr::constant(constant);
    return result;
}

ArgumentDef shape_argument(const char* name, const char* doc) {
    return {name, argument::optional(argument::sequence_of(argument::positive_integer())), Value(), doc};
}

}  // namespace

extern const LayerDef affine;
const LayerDef affine{
    .name = "Affine",
    .doc = "x * scale + offset with trained tensors, broadcast.",
    .arguments =
        {
            shape_argument("scale", "shape of the factors; None: there are none"),
            shape_argument("offset", "shape of what is added; None: nothing is"),
            initializer_argument("scale_initializer", "Ones"),
            initializer_argument("offset_initializer", "Zeros"),
        },
    .infer_type = infer_type,
    .weights = weights,
    .scalar = scalar,
};

}  // namespace halcyon::layers
