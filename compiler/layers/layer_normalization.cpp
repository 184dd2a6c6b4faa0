#include <limits>

#include "graph/apply_scalar.h"
#include "layers/common/arguments.h"
#include "layers/common/normalization.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    if (!has_axes(call)) return std::nullopt;
    return computed(call.inputs[0].shape);
}

std::vector<WeightDef> weights(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    const Shape& input = call.inputs[0].shape;
    const Shape shape = extents_of(sorted_axes(attributes, call.inputs[0].rank()), input);
    std::vector<WeightDef> result;
    if (attributes.boolean("scale")) result.push_back({"gamma", shape, attributes["gamma_initializer"]});
    if (attributes.boolean("center")) result.push_back({"beta", shape, attributes["beta_initializer"]});
    return result;
}

/// From the element, the mean and the inverse deviation.
ScalarExpr normalized(const Attributes& attributes) {
    int constant = 0;
    ScalarExpr result = (ScalarExpr::input(0) - ScalarExpr::input(1)) * ScalarExpr::input(2);
    if (attributes.boolean("scale")) result = result * ScalarExpr::constant(constant++);
    if (attributes.boolean("center")) result = result + ScalarExpr::constant(constant);
    return result;
}

void reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
               Array& output) {
    const Shape& shape = inputs[0].shape();
    const std::vector<int> axes = sorted_axes(attributes, static_cast<int>(shape.size()));
    std::vector<Array> constants;
    for (const Array& weight : weights) constants.push_back(weight.reshaped(ones_but(axes, shape)));
    Array operands[] = {inputs[0], mean_over(inputs[0], axes), Array()};
    Array variance = mean_over(apply_scalar(squared_distance(), std::span(operands, 2), {}, shape), axes);
    operands[2] =
        apply_scalar(inverse_deviation(attributes.real("epsilon")), std::span(&variance, 1), {}, variance.shape());
    output = apply_scalar(normalized(attributes), operands, constants, shape);
}

int lower(Lowering& lowering) {
    const Attributes& attributes = *lowering.attributes;
    const Shape& shape = lowering.output.shape;
    const std::vector<int> axes = sorted_axes(attributes, lowering.output.rank());
    std::vector<ConstantExpr> constants;
    for (const ConstantExpr& weight : lowering.weights) constants.push_back(weight.reshaped(ones_but(axes, shape)));
    const int mean = lower_reduction(lowering, Op::reduce_mean, 0, axes, ScalarExpr::input(0));
    const int squares = lowering.elementwise(squared_distance(), {0, mean}, {}, shape);
    const int inverse =
        lower_reduction(lowering, Op::reduce_mean, squares, axes, inverse_deviation(attributes.real("epsilon")));
    return lowering.elementwise(normalized(attributes), {0, mean, inverse}, std::move(constants), shape);
}

}  // namespace

extern const LayerDef layer_normalization;
const LayerDef layer_normalization{
    .name = "LayerNormalization",
    .doc = "Brings the elements along some axes to mean 0 and deviation 1, then multiplies with gamma and adds beta.",
    .arguments =
        {
            axes_argument(),
            {"epsilon", argument::real(0.0, std::numeric_limits<double>::max()), Value(0.001), "added to the variance"},
            {"center", argument::boolean(), Value(true), "whether beta is added"},
            {"scale", argument::boolean(), Value(true), "whether gamma multiplies"},
            initializer_argument("beta_initializer", "Zeros"),
            initializer_argument("gamma_initializer", "Ones"),
            training_argument("beta_regularizer"),
            training_argument("gamma_regularizer"),
            training_argument("beta_constraint"),
            training_argument("gamma_constraint"),
        },
    .infer_type = infer_type,
    .weights = weights,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
