#include <limits>

#include "graph/apply_scalar.h"
#include "layers/common/arguments.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    const TensorType& input = call.inputs[0];
    if (!axis_of(call, "axis", call.attributes.integer("axis"), input.rank())) return std::nullopt;
    return computed(input.shape);
}

std::vector<WeightDef> weights(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    const Shape& input = call.inputs[0].shape;
    const int axis = checked_axis(attributes.integer("axis"), static_cast<int>(input.size()));
    const Shape shape{input[static_cast<std::size_t>(axis)]};
    std::vector<WeightDef> result;
    if (attributes.boolean("scale")) result.push_back({"gamma", shape, attributes["gamma_initializer"]});
    if (attributes.boolean("center")) result.push_back({"beta", shape, attributes["beta_initializer"]});
    result.push_back({"moving_mean", shape, attributes["moving_mean_initializer"]});
    result.push_back({"moving_variance", shape, attributes["moving_variance_initializer"]});
    return result;
}

/// What each element is multiplied with and what is added then, as functions of the weights in Keras's order.
struct Affine {
    ScalarExpr factor, offset;
};

Affine affine_of(const Attributes& attributes) {
    int index = 0;
    const ScalarExpr gamma = attributes.boolean("scale") ? ScalarExpr::input(index++) : ScalarExpr(1.0);
    const ScalarExpr beta = attributes.boolean("center") ? ScalarExpr::input(index++) : ScalarExpr(0.0);
    const ScalarExpr mean = ScalarExpr::input(index++);
    const ScalarExpr variance = ScalarExpr::input(index++);
    const ScalarExpr factor = gamma / sqrt(variance + attributes.real("epsilon"));
    return {factor, beta - mean * factor};
}

/// [C], with ones after it where the axis is not the last.
Shape constant_shape(const Attributes& attributes, const Shape& input) {
    const auto axis =
        static_cast<std::size_t>(checked_axis(attributes.integer("axis"), static_cast<int>(input.size())));
    Shape shape(input.size() - axis, 1);
    shape[0] = input[axis];
    return shape;
}

ScalarExpr scaled() {
    return ScalarExpr::input(0) * ScalarExpr::constant(0) + ScalarExpr::constant(1);
}

void reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
               Array& output) {
    const Affine affine = affine_of(attributes);
    const Shape shape = constant_shape(attributes, output.shape());
    const Array constants[] = {apply_scalar(affine.factor, weights, {}, weights[0].shape()).reshaped(shape),
                               apply_scalar(affine.offset, weights, {}, weights[0].shape()).reshaped(shape)};
    output = apply_scalar(scaled(), inputs, constants, output.shape());
}

int lower(Lowering& lowering) {
    const Affine affine = affine_of(*lowering.attributes);
    const Shape shape = constant_shape(*lowering.attributes, lowering.output.shape);
    return lowering.elementwise(scaled(), {0},
                                {ConstantExpr::elementwise(affine.factor, lowering.weights).reshaped(shape),
                                 ConstantExpr::elementwise(affine.offset, lowering.weights).reshaped(shape)},
                                lowering.output.shape);
}

}  // namespace

extern const LayerDef batch_normalization;
const LayerDef batch_normalization{
    .name = "BatchNormalization",
    .doc = "Brings each channel to the mean and deviation that training gave it: (x - mean) / sqrt(variance + epsilon) "
           "* gamma "
           "+ beta.",
    .arguments =
        {
            {"axis", argument::integer(-64, 64), Value(-1), "the axis of the channels, counted with the batch as 0"},
            {"momentum", argument::real(), Value(0.99), "only matters in training"},
            {"epsilon", argument::real(0.0, std::numeric_limits<double>::max()), Value(0.001), "added to the variance"},
            {"center", argument::boolean(), Value(true), "whether beta is added"},
            {"scale", argument::boolean(), Value(true), "whether gamma multiplies"},
            initializer_argument("beta_initializer", "Zeros"),
            initializer_argument("gamma_initializer", "Ones"),
            initializer_argument("moving_mean_initializer", "Zeros"),
            initializer_argument("moving_variance_initializer", "Ones"),
            training_argument("beta_regularizer"),
            training_argument("gamma_regularizer"),
            training_argument("beta_constraint"),
            training_argument("gamma_constraint"),
            unavailable_argument("renorm"),
            unavailable_argument("renorm_clipping"),
            training_argument("renorm_momentum"),
            training_argument("synchronized"),
        },
    .infer_type = infer_type,
    .weights = weights,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
