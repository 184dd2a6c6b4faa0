#include "layers/common/convolution.h"

#include <fmt/format.h>

#include "layers/common/arguments.h"
#include "layers/common/epilogue.h"
#include "layers/common/image.h"
#include "layers/common/shapes.h"
#include "layers/common/sliding.h"

namespace halcyon {
namespace {

Shape kernel_shape(const Attributes& attributes, const Shape& image) {
    Shape shape = attributes.integers("kernel_size");
    shape.push_back(image.back() / attributes.integer("groups"));
    shape.push_back(attributes.integer("filters"));
    return shape;
}

bool has_bias(const Attributes& attributes) {
    return attributes.boolean("use_bias");
}

}  // namespace

std::vector<ArgumentDef> convolution_arguments(int rank) {
    return {
        {"filters", argument::positive_integer(), std::nullopt, "channels of the result"},
        kernel_size_argument(rank),
        strides_argument(rank),
        rank == 1 ? causal_padding_argument() : padding_argument(rank),
        data_format_argument(),
        dilation_argument(rank),
        {"groups", argument::positive_integer(), Value(1),
         "independent convolutions, each with its share of the channels"},
        activation_argument(),
        use_bias_argument(),
        initializer_argument("kernel_initializer", "GlorotUniform"),
        initializer_argument("bias_initializer", "Zeros"),
        training_argument("kernel_regularizer"),
        training_argument("bias_regularizer"),
        training_argument("activity_regularizer"),
        training_argument("kernel_constraint"),
        training_argument("bias_constraint"),
    };
}

std::optional<TensorType> infer_convolution(const LayerCall& call, std::string_view layer, int rank) {
    const Attributes& attributes = call.attributes;
    if (!is_image(call, layer, rank)) return std::nullopt;
    const Shape image = image_of(attributes, call.inputs[0].shape);
    const std::int64_t filters = attributes.integer("filters");
    const std::int64_t groups = attributes.integer("groups");
    if (filters % groups != 0) {
        call.error(Code::bad_groups, "groups", fmt::format("{} filters do not divide into {} groups", filters, groups));
        return std::nullopt;
    }
    if (image.back() % groups != 0) {
        call.error(Code::bad_groups, "groups",
                   fmt::format("the {} channels of the input {} do not divide into {} groups", image.back(),
                               to_text(call.inputs[0].shape), groups));
        return std::nullopt;
    }
    std::optional<SlidingWindow> sliding = fitting_window(call, "kernel_size", spatial_of(image));
    if (!sliding || !weight_fits(call, "filters", "kernel", kernel_shape(attributes, image))) return std::nullopt;
    Shape shape = std::move(sliding->spatial);
    shape.push_back(filters);
    return computed(is_channels_first(attributes) ? channels_moved_first(shape) : shape);
}

std::vector<WeightDef> convolution_weights(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    const Shape image = image_of(attributes, call.inputs[0].shape);
    std::vector<WeightDef> result{{"kernel", kernel_shape(attributes, image), attributes["kernel_initializer"]}};
    if (has_bias(attributes))
        result.push_back({"bias", {attributes.integer("filters")}, attributes["bias_initializer"]});
    return result;
}

void convolution_reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
                           Array& output) {
    const bool first = is_channels_first(attributes);
    const Array image = image_of(attributes, inputs[0]);
    Array result(image_of(attributes, output.shape()));
    convolve(image, weights[0], sliding_window(attributes, "kernel_size", spatial_of(image.shape())).window,
             attributes.integer("groups"), result);
    add_bias_and_activate(result, has_bias(attributes) ? &weights[1] : nullptr, attributes.string("activation"),
                          first ? -2 : -1);
    output = first ? channels_moved_first(result) : result;
}

int lower_convolution(Lowering& lowering) {
    const Attributes& attributes = *lowering.attributes;
    Operation operation{.op = Op::convolution};
    operation.window = sliding_window(attributes, "kernel_size", spatial_of(lowering.inputs[0].shape)).window;
    operation.groups = attributes.integer("groups");
    return lower_with_epilogue(lowering, std::move(operation), lowering.weights[0], lowering.output.shape);
}

}  // namespace halcyon
