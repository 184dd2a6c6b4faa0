#include "layers/common/arguments.h"
#include "layers/common/epilogue.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    Shape shape = call.inputs[0].shape;
    if (shape.empty()) {
        call.error(Code::bad_rank, "", "Dense needs an input of at least one axis, got ()");
        return std::nullopt;
    }
    const std::int64_t units = call.attributes.integer("units");
    if (!weight_fits(call, "units", "kernel", {shape.back(), units})) return std::nullopt;
    shape.back() = units;
    return computed(std::move(shape));
}

std::vector<WeightDef> weights(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    const std::int64_t units = attributes.integer("units");
    std::vector<WeightDef> result{{"kernel", {call.inputs[0].shape.back(), units}, attributes["kernel_initializer"]}};
    if (attributes.boolean("use_bias")) result.push_back({"bias", {units}, attributes["bias_initializer"]});
    return result;
}

void reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
               Array& output) {
    const std::int64_t units = output.shape().back();
    const std::int64_t features = inputs[0].shape().back();
    for (std::int64_t row = 0; row < inputs[0].size() / features; ++row) {
        double* out = output.values().data() + row * units;
        for (std::int64_t i = 0; i < features; ++i) {
            const double x = inputs[0][row * features + i];
            const double* weight = weights[0].values().data() + i * units;
            for (std::int64_t unit = 0; unit < units; ++unit) out[unit] += x * weight[unit];
        }
    }
    const Array* bias = attributes.boolean("use_bias") ? &weights[1] : nullptr;
    add_bias_and_activate(output, bias, attributes.string("activation"));
}

int lower(Lowering& lowering) {
    return lower_with_epilogue(lowering, {.op = Op::dense}, lowering.weights[0], lowering.output.shape);
}

}  // namespace

extern const LayerDef dense;
const LayerDef dense{
    .name = "Dense",
    .doc = "The last axis times a matrix, then bias and activation; a fully connected layer.",
    .arguments =
        {
            {"units", argument::positive_integer(), std::nullopt, "extent of the result's last axis"},
            activation_argument(),
            use_bias_argument(),
            initializer_argument("kernel_initializer", "GlorotUniform"),
            initializer_argument("bias_initializer", "Zeros"),
            training_argument("kernel_regularizer"),
            training_argument("bias_regularizer"),
            training_argument("activity_regularizer"),
            training_argument("kernel_constraint"),
            training_argument("bias_constraint"),
            unavailable_argument("lora_rank"),
            unavailable_argument("lora_alpha"),
            unavailable_argument("quantization_config"),
        },
    .infer_type = infer_type,
    .weights = weights,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
