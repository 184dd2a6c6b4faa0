#include "layers/common/arguments.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::vector<std::int64_t> shared_axes(const Attributes& attributes) {
    return attributes.is_none("shared_axes") ? std::vector<std::int64_t>{} : attributes.integers("shared_axes");
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    const Shape& input = call.inputs[0].shape;
    for (std::int64_t axis : shared_axes(call.attributes)) {
        if (!axis_of(call, "shared_axes", axis, static_cast<int>(input.size()))) return std::nullopt;
    }
    return computed(input);
}

std::vector<WeightDef> weights(const LayerCall& call) {
    Shape shape = call.inputs[0].shape;
    for (std::int64_t axis : shared_axes(call.attributes)) shape[static_cast<std::size_t>(axis) - 1] = 1;
    return {{"alpha", std::move(shape), call.attributes["alpha_initializer"]}};
}

ScalarExpr scalar(const LayerCall&) {
    const ScalarExpr x = ScalarExpr::input(0);
    return max(x, 0.0) + ScalarExpr::constant(0) * min(x, 0.0);
}

}  // namespace

extern const LayerDef p_re_lu;
const LayerDef p_re_lu{
    .name = "PReLU",
    .doc = "x where it is positive, alpha * x elsewhere, with a trained alpha for each element.",
    .arguments =
        {
            initializer_argument("alpha_initializer", "Zeros"),
            training_argument("alpha_regularizer"),
            training_argument("alpha_constraint"),
            {"shared_axes", argument::optional(argument::sequence_of(argument::positive_integer())), Value(),
             "axes along which alpha is the same, the batch is 0: (1, 2) is one alpha per channel of an image"},
        },
    .infer_type = infer_type,
    .weights = weights,
    .scalar = scalar,
};

}  // namespace halcyon::layers
