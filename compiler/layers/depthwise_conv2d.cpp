#include "layers/common/arguments.h"
#include "layers/common/data_format.h"
#include "layers/common/epilogue.h"
#include "layers/common/shapes.h"
#include "layers/common/sliding.h"
#include "layers/common/window.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 2;

Shape image_of(const Attributes& attributes, const Shape& input) {
    return is_channels_first(attributes) ? channels_moved_last(input) : input;
}

/// As Keras stores it: [rows, columns, channels, multiplier].
Shape kernel_shape(const Attributes& attributes, const Shape& image) {
    Shape shape = attributes.integers("kernel_size");
    shape.push_back(image.back());
    shape.push_back(attributes.integer("depth_multiplier"));
    return shape;
}

/// As a convolution with a group per channel has it: [rows, columns, 1, channels * multiplier], the same numbers.
Shape grouped_shape(const Shape& kernel) {
    return {kernel[0], kernel[1], 1, kernel[2] * kernel[3]};
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    if (!is_image(call, "DepthwiseConv2D", rank)) return std::nullopt;
    const Shape image = image_of(attributes, call.inputs[0].shape);
    std::optional<SlidingWindow> sliding = fitting_window(call, "kernel_size", {image.begin(), image.end() - 1});
    if (!sliding || !weight_fits(call, "depth_multiplier", "kernel", kernel_shape(attributes, image)))
        return std::nullopt;
    Shape shape = std::move(sliding->spatial);
    shape.push_back(image.back() * attributes.integer("depth_multiplier"));
    return computed(is_channels_first(attributes) ? channels_moved_first(shape) : shape);
}

std::vector<WeightDef> weights(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    const Shape kernel = kernel_shape(attributes, image_of(attributes, call.inputs[0].shape));
    std::vector<WeightDef> result{{"kernel", kernel, attributes["depthwise_initializer"]}};
    if (attributes.boolean("use_bias"))
        result.push_back({"bias", {kernel[2] * kernel[3]}, attributes["bias_initializer"]});
    return result;
}

void reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
               Array& output) {
    const bool first = is_channels_first(attributes);
    const Array image = first ? channels_moved_last(inputs[0]) : inputs[0];
    const Shape spatial(image.shape().begin(), image.shape().end() - 1);
    Array result(first ? channels_moved_last(output.shape()) : output.shape());
    const Array kernel = weights[0].reshaped(grouped_shape(weights[0].shape()));
    convolve(image, kernel, sliding_window(attributes, "kernel_size", spatial).window, image.shape().back(), result);
    const Array* bias = attributes.boolean("use_bias") ? &weights[1] : nullptr;
    add_bias_and_activate(result, bias, attributes.string("activation"), first ? -2 : -1);
    output = first ? channels_moved_first(result) : result;
}

int lower(Lowering& lowering) {
    const Shape& image = lowering.inputs[0].shape;
    const ConstantExpr& kernel = lowering.weights[0];
    Operation operation{.op = Op::convolution};
    operation.window = sliding_window(*lowering.attributes, "kernel_size", {image.begin(), image.end() - 1}).window;
    operation.groups = image.back();
    return lower_with_epilogue(lowering, std::move(operation), kernel.reshaped(grouped_shape(kernel.shape())),
                               lowering.output.shape);
}

}  // namespace

extern const LayerDef depthwise_conv2d;
const LayerDef depthwise_conv2d{
    .name = "DepthwiseConv2D",
    .doc = "Convolution of each channel with filters of its own, then bias and activation.",
    .arguments =
        {
            kernel_size_argument(rank),
            strides_argument(rank),
            padding_argument(rank),
            {"depth_multiplier", argument::positive_integer(), Value(1), "filters per channel"},
            data_format_argument(),
            dilation_argument(rank),
            activation_argument(),
            use_bias_argument(),
            initializer_argument("depthwise_initializer", "GlorotUniform"),
            initializer_argument("bias_initializer", "Zeros"),
            training_argument("depthwise_regularizer"),
            training_argument("bias_regularizer"),
            training_argument("activity_regularizer"),
            training_argument("depthwise_constraint"),
            training_argument("bias_constraint"),
        },
    .infer_type = infer_type,
    .weights = weights,
    .reference = reference,
    .lower = lower,
    .to_channels_last = activated_channels_last,
};

}  // namespace halcyon::layers
