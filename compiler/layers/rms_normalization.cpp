#include <limits>

#include <fmt/format.h>

#include "graph/apply_scalar.h"
#include "layers/common/normalization.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

Shape scale_shape(const LayerCall& call) {
    return extents_of(sorted_axes(call.attributes, call.inputs[0].rank()), call.inputs[0].shape);
}

// Keras multiplies with the scale as it is stored, so its axes have to be the last ones.
std::optional<TensorType> infer_type(const LayerCall& call) {
    if (!has_axes(call)) return std::nullopt;
    const Shape& input = call.inputs[0].shape;
    if (broadcast(input, scale_shape(call)) == input) return computed(input);
    call.error(Code::bad_axis, "axis",
               fmt::format("a scale of shape {} does not fit the last axes of the input {}", to_text(scale_shape(call)),
                           to_text(input)));
    return std::nullopt;
}

std::vector<WeightDef> weights(const LayerCall& call) {
    return {{"scale", scale_shape(call), Value(Value::Object{"Ones", {}})}};
}

ScalarExpr squared() {
    return ScalarExpr::input(0) * ScalarExpr::input(0);
}

ScalarExpr scaled() {
    return ScalarExpr::input(0) * ScalarExpr::input(1) * ScalarExpr::constant(0);
}

void reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
               Array& output) {
    const Shape& shape = inputs[0].shape();
    const std::vector<int> axes = sorted_axes(attributes, static_cast<int>(shape.size()));
    const Array mean = mean_over(apply_scalar(squared(), inputs, {}, shape), axes);
    const Array operands[] = {
        inputs[0], apply_scalar(inverse_deviation(attributes.real("epsilon")), std::span(&mean, 1), {}, mean.shape())};
    output = apply_scalar(scaled(), operands, weights, shape);
}

int lower(Lowering& lowering) {
    const Shape& shape = lowering.output.shape;
    const std::vector<int> axes = sorted_axes(*lowering.attributes, lowering.output.rank());
    const int squares = lowering.elementwise(squared(), {0}, {}, shape);
    const int inverse = lower_reduction(lowering, Op::reduce_mean, squares, axes,
                                        inverse_deviation(lowering.attributes->real("epsilon")));
    return lowering.elementwise(scaled(), {0, inverse}, lowering.weights, shape);
}

}  // namespace

extern const LayerDef rms_normalization;
const LayerDef rms_normalization{
    .name = "RMSNormalization",
    .doc = "Divides by the root of the mean of squares along some axes, then multiplies with a trained scale.",
    .arguments =
        {
            axes_argument(),
            {"epsilon", argument::real(0.0, std::numeric_limits<double>::max()), Value(1e-6),
             "added to the mean of squares"},
        },
    .infer_type = infer_type,
    .weights = weights,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
