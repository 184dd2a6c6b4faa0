#include "layers/common/transposed_convolution.h"

#include <algorithm>

#include <fmt/format.h>

#include "layers/common/arguments.h"
#include "layers/common/convolution.h"
#include "layers/common/epilogue.h"
#include "layers/common/image.h"
#include "layers/common/shapes.h"
#include "layers/common/sliding.h"

namespace halcyon {
namespace {

/// What is cut off before and after all sums of one axis; less than nothing is zeros after them.
struct Cut {
    std::int64_t before, after;
};

/// `pads` is null unless they were written as numbers. No sum here can overflow: arguments stay below 2^31.
Cut cut_of(const std::string* word, const Value* pads, std::int64_t reach, std::int64_t stride,
           const std::int64_t* output_padding) {
    if (word == nullptr) {
        const std::int64_t before = *pads->sequence()->at(0).integer(), after = *pads->sequence()->at(1).integer();
        return {before, after - (output_padding != nullptr ? *output_padding : 0)};
    }
    if (*word == "valid") {
        const std::int64_t further = output_padding != nullptr ? *output_padding : std::max(reach, stride) - reach;
        return {0, -further};
    }
    // Keras counts from the other side: how far the window may stand beyond the first and last input element.
    const std::int64_t total = output_padding == nullptr ? stride + reach - 2 : reach + reach % 2 - 2 + *output_padding;
    const std::int64_t left = std::min((total + 1) / 2, reach - 1);
    return {reach - 1 - left, reach - 1 - (total - left)};
}

/// The window, and the extents of the result, which may be 0 or less.
SlidingWindow transposed_window(const Attributes& attributes, const Shape& spatial) {
    SlidingWindow result;
    Window& window = result.window;
    window.size = attributes.integers("kernel_size");
    window.stride = attributes.integers("strides");
    window.dilation = attributes.integers("dilation_rate");
    const Value& padding = attributes["padding"];
    const bool given = !attributes.is_none("output_padding");
    const std::vector<std::int64_t> further =
        given ? attributes.integers("output_padding") : std::vector<std::int64_t>{};
    for (std::size_t i = 0; i < spatial.size(); ++i) {
        const std::int64_t reach = (window.size[i] - 1) * window.dilation[i] + 1;
        const Value* pads = padding.sequence() != nullptr ? &padding.sequence()->at(i) : nullptr;
        const Cut cut = cut_of(padding.string(), pads, reach, window.stride[i], given ? &further[i] : nullptr);
        window.pad_before.push_back(cut.before);
        window.pad_after.push_back(cut.after);
        result.spatial.push_back((spatial[i] - 1) * window.stride[i] + reach - cut.before - cut.after);
    }
    return result;
}

Shape kernel_shape(const Attributes& attributes, const Shape& image) {
    Shape shape = attributes.integers("kernel_size");
    shape.push_back(attributes.integer("filters"));
    shape.push_back(image.back());
    return shape;
}

/// What Keras's constructor refuses.
bool arguments_agree(const LayerCall& call) {
    const std::vector<std::int64_t> strides = call.attributes.integers("strides");
    const std::vector<std::int64_t> dilation = call.attributes.integers("dilation_rate");
    const auto beyond_one = [](const std::vector<std::int64_t>& numbers) {
        return std::any_of(numbers.begin(), numbers.end(), [](std::int64_t number) { return number > 1; });
    };
    if (beyond_one(strides) && beyond_one(dilation)) {
        call.error(Code::bad_argument, "dilation_rate",
                   fmt::format("strides of {} and a dilation_rate of {} do not go together: one of them must be 1",
                               to_text(strides), to_text(dilation)));
        return false;
    }
    if (call.attributes.is_none("output_padding")) return true;
    const std::vector<std::int64_t> further = call.attributes.integers("output_padding");
    for (std::size_t i = 0; i < further.size(); ++i) {
        if (further[i] < strides[i]) continue;
        call.error(Code::bad_argument, "output_padding",
                   fmt::format("an output_padding of {} must be smaller than strides of {}", further[i], strides[i]));
        return false;
    }
    return true;
}

}  // namespace

std::vector<ArgumentDef> transposed_convolution_arguments(int rank) {
    std::vector<ArgumentDef> arguments = convolution_arguments(rank);
    const auto named = [&](std::string_view name) {
        return std::find_if(arguments.begin(), arguments.end(), [&](const ArgumentDef& a) { return a.name == name; });
    };
    ArgumentDef padding = padding_argument(rank);
    padding.doc = "'valid': nothing is cut off; 'same': so that the result has strides times as many " +
                  std::string(rank == 1 ? "steps" : "rows and columns") + "; or pads by number, as in PyTorch";
    *named("padding") = std::move(padding);
    named("strides")->doc = "distance between the windows of neighbouring elements in the result";
    arguments.erase(named("groups"));
    // In Keras's Conv3DTranspose it comes later.
    arguments.insert(named(rank == 3 ? "dilation_rate" : "data_format"),
                     {"output_padding", argument::optional(argument::tuple_of(argument::integer(0), rank)), Value(),
                      "how much longer the result is than it must be; None: as 'valid' and 'same' have it"});
    return arguments;
}

std::optional<TensorType> infer_transposed_convolution(const LayerCall& call, std::string_view layer, int rank) {
    const Attributes& attributes = call.attributes;
    if (!arguments_agree(call) || !is_image(call, layer, rank)) return std::nullopt;
    const Shape image = image_of(attributes, call.inputs[0].shape);
    SlidingWindow result = transposed_window(attributes, spatial_of(image));
    if (*std::min_element(result.spatial.begin(), result.spatial.end()) < 1) {
        call.error(Code::empty_result, "padding",
                   fmt::format("the pads cut off all that {} elements and a window of {} make: nothing would come out",
                               to_text(spatial_of(image)), to_text(result.window.size)));
        return std::nullopt;
    }
    if (!weight_fits(call, "filters", "kernel", kernel_shape(attributes, image))) return std::nullopt;
    Shape shape = std::move(result.spatial);
    shape.push_back(attributes.integer("filters"));
    return computed(is_channels_first(attributes) ? channels_moved_first(shape) : shape);
}

std::vector<WeightDef> transposed_convolution_weights(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    const Shape image = image_of(attributes, call.inputs[0].shape);
    std::vector<WeightDef> result{{"kernel", kernel_shape(attributes, image), attributes["kernel_initializer"]}};
    if (attributes.boolean("use_bias"))
        result.push_back({"bias", {attributes.integer("filters")}, attributes["bias_initializer"]});
    return result;
}

void transposed_convolution_reference(const Attributes& attributes, std::span<const Array> weights,
                                      std::span<const Array> inputs, Array& output) {
    const bool first = is_channels_first(attributes);
    const Array image = image_of(attributes, inputs[0]);
    Array result(image_of(attributes, output.shape()));
    convolve_transposed(image, weights[0], transposed_window(attributes, spatial_of(image.shape())).window, result);
    add_bias_and_activate(result, attributes.boolean("use_bias") ? &weights[1] : nullptr,
                          attributes.string("activation"), first ? -2 : -1);
    output = first ? channels_moved_first(result) : result;
}

int lower_transposed_convolution(Lowering& lowering) {
    Operation operation{.op = Op::transposed_convolution};
    operation.window = transposed_window(*lowering.attributes, spatial_of(lowering.inputs[0].shape)).window;
    return lower_with_epilogue(lowering, std::move(operation), lowering.weights[0], lowering.output.shape);
}

}  // namespace halcyon
