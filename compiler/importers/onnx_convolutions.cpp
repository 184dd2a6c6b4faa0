#include <optional>

#include <fmt/format.h>

#include "importers/onnx_operators.h"
#include "importers/onnx_window.h"
#include "support/checked.h"

namespace halcyon::importers {
namespace {

/// The kernel, whose first two axes are channels and filters or the other way round.
Array kernel_of(const OnnxCall& call, const Shape& image) {
    Array kernel = call.constant(1, "kernel");
    if (kernel.shape().size() != image.size())
        throw Refused{fmt::format("its kernel {} does not fit the image {}", to_text(kernel.shape()), to_text(image))};
    if (kernel.size() == 0) throw Refused{"its kernel is empty"};
    return kernel;
}

/// Axes of (filters, channels, spatial...) in another order: the spatial ones first.
std::vector<int> spatial_first(std::size_t rank, int then, int last) {
    std::vector<int> order;
    for (int axis = 2; axis < static_cast<int>(rank); ++axis) order.push_back(axis);
    order.push_back(then);
    order.push_back(last);
    return order;
}

Shape extents_after(const Shape& shape, std::size_t first) {
    return {shape.begin() + static_cast<std::ptrdiff_t>(first), shape.end()};
}

void add_bias(OnnxCall& call, std::int64_t filters) {
    if (!call.has(2)) return;
    const Array bias = call.constant(2, "bias");
    if (bias.size() != filters) throw Refused{"its bias does not fit its kernel"};
    call.builder.weight("bias", bias.reshaped({filters}));
}

OnnxBuilder::Arguments window_arguments(const OnnxWindow& window, const Value& padding) {
    return {{"kernel_size", shape_argument(window.kernel)},
            {"strides", shape_argument(window.strides)},
            {"padding", padding},
            {"dilation_rate", shape_argument(window.dilations)}};
}

void import_convolution(OnnxCall& call) {
    const OnnxImage image = image_of(call);
    const Array kernel = kernel_of(call, image.shape);
    const std::int64_t filters = kernel.shape()[0], groups = call.integer("group", 1), channels = image.shape[1];
    if (groups < 1 || groups > channels || channels % groups != 0 || filters % groups != 0 ||
        kernel.shape()[1] != channels / groups)
        throw Refused{
            fmt::format("its kernel {} does not fit the image {}", to_text(kernel.shape()), to_text(image.shape))};
    const OnnxWindow window = window_of(call, image.shape, extents_after(kernel.shape(), 2));
    Shape shape{image.shape[0], filters};
    for (std::size_t i = 0; i < window.rank(); ++i) shape.push_back(places_of(window, i, image.shape[i + 2], false));

    OnnxBuilder& builder = call.builder;
    OnnxBuilder::Arguments arguments = window_arguments(window, padding_of(window, image.shape));
    arguments.emplace_back("use_bias", Value(call.has(2)));
    int id = 0;
    const bool depthwise = groups == channels && groups > 1 && window.rank() < 3;
    if (depthwise) {
        arguments.emplace_back("depth_multiplier", Value(filters / channels));
        id = builder.layer(with_rank("DepthwiseConv", window.rank()), arguments, {image.id});
        Shape split = extents_after(kernel.shape(), 2);
        split.insert(split.begin(), {channels, filters / channels});
        builder.weight("kernel", kernel.reshaped(split).transposed(spatial_first(split.size(), 0, 1)));
    } else {
        arguments.emplace_back("filters", Value(filters));
        arguments.emplace_back("groups", Value(groups));
        id = builder.layer(with_rank("Conv", window.rank()), arguments, {image.id});
        builder.weight("kernel", kernel.transposed(spatial_first(kernel.shape().size(), 1, 0)));
    }
    add_bias(call, filters);
    call.give(builder.made(id, shape, image.order, call.input(0)));
}

/// `count` elements of the first axis from `begin` on.
Array first_axis(const Array& array, std::int64_t begin, std::int64_t count) {
    Shape shape = array.shape();
    const std::int64_t inner = array.size() / shape[0];
    shape[0] = count;
    const auto from = array.values().begin() + begin * inner;
    return {std::move(shape), std::vector<double>(from, from + count * inner)};
}

/// (channels, filters of a group, ...) -> (channels, all filters, ...), 0 where a channel is of another group.
Array with_zeros_between(OnnxBuilder& builder, const Array& kernel, std::int64_t groups) {
    Shape shape = kernel.shape();
    const std::int64_t channels = shape[0], own = shape[1], window = kernel.size() / channels / own;
    shape[1] = own * groups;
    constexpr std::int64_t most = std::int64_t{1} << 24;
    const std::optional<std::int64_t> size = checked_product(shape);
    if (!size || *size > most) throw Refused{fmt::format("its {} groups are too many", groups)};
    builder.make_room(*size);
    Array result(shape);
    for (std::int64_t channel = 0; channel < channels; ++channel) {
        const std::int64_t first = channel / (channels / groups) * own;
        for (std::int64_t i = 0; i < own * window; ++i)
            result[(channel * own * groups + first) * window + i] = kernel[channel * own * window + i];
    }
    return result;
}

/// How much of the full result is cut off before and after: `pads`, or what auto_pad and output_shape say.
struct Cut {
    std::vector<std::int64_t> before, after, extra;
};

Cut cut_of(const OnnxCall& call, const OnnxWindow& window, const Shape& image) {
    Cut cut{window.before, window.after, std::vector<std::int64_t>(window.rank(), 0)};
    if (const auto extra = call.integers("output_padding")) {
        if (extra->size() != window.rank()) throw Refused{"its output_padding are not one for each axis"};
        cut.extra = *extra;
    }
    const std::string automatic = call.text("auto_pad", "NOTSET");
    auto wanted = call.integers("output_shape");
    if (!wanted && automatic.starts_with("SAME")) {
        wanted.emplace();
        for (std::size_t i = 0; i < window.rank(); ++i) wanted->push_back(image[i + 2] * window.strides[i]);
    }
    if (!wanted) return cut;
    if (wanted->size() != window.rank()) throw Refused{"its output_shape is not one number for each axis"};
    for (std::size_t i = 0; i < window.rank(); ++i) {
        const std::int64_t full =
            (image[i + 2] - 1) * window.strides[i] + cut.extra[i] + (window.kernel[i] - 1) * window.dilations[i] + 1;
        const std::int64_t all = std::max<std::int64_t>(full - (*wanted)[i], 0);
        cut.extra[i] += std::max<std::int64_t>((*wanted)[i] - full, 0);
        cut.before[i] = automatic == "SAME_UPPER" ? all / 2 : all - all / 2;
        cut.after[i] = all - cut.before[i];
    }
    return cut;
}

void import_transposed(OnnxCall& call) {
    const OnnxImage image = image_of(call);
    const Array kernel = kernel_of(call, image.shape);
    const std::int64_t groups = call.integer("group", 1), channels = image.shape[1];
    if (kernel.shape()[0] != channels)
        throw Refused{
            fmt::format("its kernel {} does not fit the image {}", to_text(kernel.shape()), to_text(image.shape))};
    if (groups < 1 || channels % groups != 0)
        throw Refused{fmt::format("its {} channels are in {} groups", channels, groups)};
    const std::int64_t filters = kernel.shape()[1] * groups;
    const OnnxWindow window = window_of(call, image.shape, extents_after(kernel.shape(), 2));
    const Cut cut = cut_of(call, window, image.shape);
    Shape shape{image.shape[0], filters};
    Value::Sequence pairs;
    bool plain = true, extra = false;
    for (std::size_t i = 0; i < window.rank(); ++i) {
        const std::int64_t span = (window.kernel[i] - 1) * window.dilations[i] + 1;
        shape.push_back((image.shape[i + 2] - 1) * window.strides[i] + span + cut.extra[i] - cut.before[i] -
                        cut.after[i]);
        if (shape.back() < 1) throw Refused{"nothing is left of its result"};
        pairs.emplace_back(Value::Sequence{Value(cut.before[i]), Value(cut.after[i])});
        plain = plain && cut.before[i] == 0 && cut.after[i] == 0;
        extra = extra || cut.extra[i] != 0;
    }
    OnnxBuilder& builder = call.builder;
    OnnxBuilder::Arguments arguments = window_arguments(window, plain && !extra ? Value("valid") : Value(pairs));
    arguments.emplace_back("use_bias", Value(call.has(2)));
    if (!plain || extra) arguments.emplace_back("output_padding", shape_argument(cut.extra));
    const auto with_filters = [&](std::int64_t count) {
        OnnxBuilder::Arguments all = arguments;
        all.emplace_back("filters", Value(count));
        return all;
    };
    std::optional<Array> bias;
    if (call.has(2)) bias = call.constant(2, "bias");
    if (bias && bias->size() != filters) throw Refused{"its bias does not fit its kernel"};
    // Keras's has no groups: a layer for each, and their results side by side; of many groups one with zeros between them.
    constexpr std::int64_t most_layers = 16;
    if (groups > most_layers) {
        const int id = builder.layer(with_rank("Conv", window.rank(), "Transpose"), with_filters(filters), {image.id});
        const Array all = with_zeros_between(builder, kernel, groups);
        builder.weight("kernel", all.transposed(spatial_first(all.shape().size(), 1, 0)));
        if (bias) builder.weight("bias", bias->reshaped({filters}));
        return call.give(builder.made(id, shape, image.order, call.input(0)));
    }
    std::vector<int> parts;
    for (std::int64_t group = 0; group < groups; ++group) {
        const std::int64_t share = channels / groups, own = filters / groups;
        int id = image.id;
        if (groups > 1) id = builder.slice(id, fmt::format("..., {}:{}", group * share, (group + 1) * share));
        parts.push_back(builder.layer(with_rank("Conv", window.rank(), "Transpose"), with_filters(own), {id}));
        const Array mine = first_axis(kernel, group * share, share);
        builder.weight("kernel", mine.transposed(spatial_first(kernel.shape().size(), 1, 0)));
        if (bias) builder.weight("bias", first_axis(*bias, group * own, own));
    }
    const int id = groups == 1 ? parts[0] : builder.layer("Concatenate", {}, parts);
    call.give(builder.made(id, shape, image.order, call.input(0)));
}

}  // namespace

const std::vector<OnnxOperator>& onnx_convolutions() {
    static const std::vector<OnnxOperator> table = {{"Conv", import_convolution}, {"ConvTranspose", import_transposed}};
    return table;
}

}  // namespace halcyon::importers
