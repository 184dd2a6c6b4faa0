#include "graph/apply_scalar.h"
#include "layers/common/normalization.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    if (!has_axes(call)) return std::nullopt;
    return computed(call.inputs[0].shape);
}

ScalarExpr squared() {
    return ScalarExpr::input(0) * ScalarExpr::input(0);
}

/// Of a sum of squares; the lower bound is Keras's.
ScalarExpr inverse_length() {
    return 1.0 / max(sqrt(ScalarExpr::input(0)), 1e-12);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const Shape& shape = inputs[0].shape();
    const std::vector<int> axes = sorted_axes(attributes, static_cast<int>(shape.size()));
    const Array sum = mean_over(apply_scalar(squared(), inputs, {}, shape), axes, true);
    const Array operands[] = {inputs[0], apply_scalar(inverse_length(), std::span(&sum, 1), {}, sum.shape())};
    output = apply_scalar(ScalarExpr::input(0) * ScalarExpr::input(1), operands, {}, shape);
}

int lower(Lowering& lowering) {
    const Shape& shape = lowering.output.shape;
    const std::vector<int> axes = sorted_axes(*lowering.attributes, lowering.output.rank());
    const int squares = lowering.elementwise(squared(), {0}, {}, shape);
    const int inverse = lower_reduction(lowering, Op::reduce_sum, squares, axes, inverse_length());
    return lowering.elementwise(ScalarExpr::input(0) * ScalarExpr::input(1), {0, inverse}, {}, shape);
}

}  // namespace

extern const LayerDef unit_normalization;
const LayerDef unit_normalization{
    .name = "UnitNormalization",
    .doc = "Divides by the length of the vectors along some axes.",
    .arguments = {axes_argument()},
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
