#include "layers/common/depthwise.h"
#include "layers/common/arguments.h"
#include "layers/common/convolution.h"
#include "layers/common/epilogue.h"
#include "layers/common/image.h"
#include "layers/common/shapes.h"
#include "layers/common/sliding.h"

namespace halcyon {

Shape depthwise_kernel_shape(const Attributes& attributes, const Shape& image) {
    Shape shape = attributes.integers("kernel_size");
    shape.push_back(image.back());
    shape.push_back(attributes.integer("depth_multiplier"));
    return shape;
}

Shape grouped_shape(const Shape& kernel) {
    Shape shape(kernel.begin(), kernel.end() - 2);
    shape.push_back(1);
    shape.push_back(kernel[kernel.size() - 2] * kernel.back());
    return shape;
}

Operation depthwise_operation(const Attributes& attributes, const Shape& image) {
    Operation operation{.op = Op::convolution};
    operation.window = sliding_window(attributes, "kernel_size", spatial_of(image)).window;
    operation.groups = image.back();
    return operation;
}

std::vector<ArgumentDef> depthwise_arguments(int rank) {
    return {
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
    };
}

std::optional<TensorType> infer_depthwise(const LayerCall& call, std::string_view layer, int rank) {
    const Attributes& attributes = call.attributes;
    if (!is_image(call, layer, rank)) return std::nullopt;
    const Shape image = image_of(attributes, call.inputs[0].shape);
    std::optional<SlidingWindow> sliding = fitting_window(call, "kernel_size", spatial_of(image));
    if (!sliding || !weight_fits(call, "depth_multiplier", "kernel", depthwise_kernel_shape(attributes, image)))
        return std::nullopt;
    Shape shape = std::move(sliding->spatial);
    shape.push_back(image.back() * attributes.integer("depth_multiplier"));
    return computed(is_channels_first(attributes) ? channels_moved_first(shape) : shape);
}

std::vector<WeightDef> depthwise_weights(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    const Shape kernel = depthwise_kernel_shape(attributes, image_of(attributes, call.inputs[0].shape));
    std::vector<WeightDef> result{{"kernel", kernel, attributes["depthwise_initializer"]}};
    if (attributes.boolean("use_bias"))
        result.push_back({"bias", {grouped_shape(kernel).back()}, attributes["bias_initializer"]});
    return result;
}

void depthwise_reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
                         Array& output) {
    const bool first = is_channels_first(attributes);
    const Array image = image_of(attributes, inputs[0]);
    Array result(image_of(attributes, output.shape()));
    const Operation operation = depthwise_operation(attributes, image.shape());
    convolve(image, weights[0].reshaped(grouped_shape(weights[0].shape())), operation.window, operation.groups, result);
    const Array* bias = attributes.boolean("use_bias") ? &weights[1] : nullptr;
    add_bias_and_activate(result, bias, attributes.string("activation"), first ? -2 : -1);
    output = first ? channels_moved_first(result) : result;
}

int lower_depthwise(Lowering& lowering) {
    const ConstantExpr& kernel = lowering.weights[0];
    return lower_with_epilogue(lowering, depthwise_operation(*lowering.attributes, lowering.inputs[0].shape),
                               kernel.reshaped(grouped_shape(kernel.shape())), lowering.output.shape);
}

}  // namespace halcyon
