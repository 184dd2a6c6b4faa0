#include "layers/common/arguments.h"
#include "layers/common/convolution.h"
#include "layers/common/depthwise.h"
#include "layers/common/epilogue.h"
#include "layers/common/image.h"
#include "layers/common/shapes.h"
#include "layers/common/sliding.h"

namespace halcyon {
namespace {

/// [1..., channels * depth_multiplier, filters].
Shape pointwise_kernel_shape(const Attributes& attributes, const Shape& image) {
    Shape shape(image.size() - 1, 1);
    shape.push_back(image.back() * attributes.integer("depth_multiplier"));
    shape.push_back(attributes.integer("filters"));
    return shape;
}

/// The image between the two convolutions, whose spatial extents are the result's.
Shape between(const Attributes& attributes, const Shape& image, Shape result) {
    result.back() = image.back() * attributes.integer("depth_multiplier");
    return result;
}

Window single_element(std::size_t rank) {
    const std::vector<std::int64_t> ones(rank, 1), zeros(rank, 0);
    return {ones, ones, ones, zeros, zeros};
}

}  // namespace

std::vector<ArgumentDef> separable_arguments(int rank) {
    return {
        {"filters", argument::positive_integer(), std::nullopt, "channels of the result"},
        kernel_size_argument(rank),
        strides_argument(rank),
        padding_argument(rank),
        data_format_argument(),
        dilation_argument(rank),
        {"depth_multiplier", argument::positive_integer(), Value(1), "filters per channel of the first convolution"},
        activation_argument(),
        use_bias_argument(),
        initializer_argument("depthwise_initializer", "GlorotUniform"),
        initializer_argument("pointwise_initializer", "GlorotUniform"),
        initializer_argument("bias_initializer", "Zeros"),
        training_argument("depthwise_regularizer"),
        training_argument("pointwise_regularizer"),
        training_argument("bias_regularizer"),
        training_argument("activity_regularizer"),
        training_argument("depthwise_constraint"),
        training_argument("pointwise_constraint"),
        training_argument("bias_constraint"),
    };
}

std::optional<TensorType> infer_separable(const LayerCall& call, std::string_view layer, int rank) {
    const Attributes& attributes = call.attributes;
    if (!is_image(call, layer, rank)) return std::nullopt;
    const Shape image = image_of(attributes, call.inputs[0].shape);
    std::optional<SlidingWindow> sliding = fitting_window(call, "kernel_size", spatial_of(image));
    if (!sliding) return std::nullopt;
    Shape shape = std::move(sliding->spatial);
    shape.push_back(attributes.integer("filters"));
    const bool fits =
        weight_fits(call, "depth_multiplier", "depthwise_kernel", depthwise_kernel_shape(attributes, image)) &&
        weight_fits(call, "filters", "pointwise_kernel", pointwise_kernel_shape(attributes, image)) &&
        weight_fits(call, "depth_multiplier", "depthwise result", between(attributes, image, shape));
    if (!fits) return std::nullopt;
    return computed(is_channels_first(attributes) ? channels_moved_first(shape) : shape);
}

std::vector<WeightDef> separable_weights(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    const Shape image = image_of(attributes, call.inputs[0].shape);
    std::vector<WeightDef> result{
        {"depthwise_kernel", depthwise_kernel_shape(attributes, image), attributes["depthwise_initializer"]},
        {"pointwise_kernel", pointwise_kernel_shape(attributes, image), attributes["pointwise_initializer"]},
    };
    if (attributes.boolean("use_bias"))
        result.push_back({"bias", {attributes.integer("filters")}, attributes["bias_initializer"]});
    return result;
}

void separable_reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
                         Array& output) {
    const bool first = is_channels_first(attributes);
    const Array image = image_of(attributes, inputs[0]);
    Array result(image_of(attributes, output.shape()));
    const Operation operation = depthwise_operation(attributes, image.shape());
    Array channels(between(attributes, image.shape(), result.shape()));
    convolve(image, weights[0].reshaped(grouped_shape(weights[0].shape())), operation.window, operation.groups,
             channels);
    convolve(channels, weights[1], single_element(operation.window.size.size()), 1, result);
    const Array* bias = attributes.boolean("use_bias") ? &weights[2] : nullptr;
    add_bias_and_activate(result, bias, attributes.string("activation"), first ? -2 : -1);
    output = first ? channels_moved_first(result) : result;
}

int lower_separable(Lowering& lowering) {
    const Attributes& attributes = *lowering.attributes;
    const Shape& image = lowering.inputs[0].shape;
    const ConstantExpr& kernel = lowering.weights[0];
    const int channels =
        lowering.add(depthwise_operation(attributes, image), {0}, {kernel.reshaped(grouped_shape(kernel.shape()))},
                     ScalarExpr::input(0), between(attributes, image, lowering.output.shape));
    Operation pointwise{.op = Op::convolution};
    pointwise.window = single_element(image.size() - 1);
    return lower_with_epilogue(lowering, std::move(pointwise), lowering.weights[1], lowering.output.shape, channels, 2);
}

}  // namespace halcyon
