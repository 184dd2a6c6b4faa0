#include "layers/common/pooling.h"

#include <numeric>

#include <fmt/format.h>

#include "layers/common/image.h"
#include "layers/common/shapes.h"

namespace halcyon {

std::vector<ArgumentDef> pooling_arguments(int rank, std::optional<Value> default_size) {
    const ArgumentType sizes = argument::tuple_of(argument::positive_integer(), rank);
    return {
        {"pool_size", sizes, std::move(default_size), "size of the window"},
        {"strides", argument::optional(sizes), Value(), "steps of the window; None: its size"},
        padding_argument(rank),
        data_format_argument(),
    };
}

// A pad as wide as the window would make a window without a single element of the image.
std::optional<TensorType> infer_pooling(const LayerCall& call, std::string_view layer, int rank) {
    if (!is_image(call, layer, rank)) return std::nullopt;
    const bool first = is_channels_first(call.attributes);
    const Shape image = first ? channels_moved_last(call.inputs[0].shape) : call.inputs[0].shape;
    std::optional<SlidingWindow> sliding = fitting_window(call, "pool_size", spatial_of(image));
    if (!sliding) return std::nullopt;
    const Window& window = sliding->window;
    for (std::size_t i = 0; i < window.size.size(); ++i) {
        if (window.pad_before[i] < window.size[i] && window.pad_after[i] < window.size[i]) continue;
        call.error(
            Code::bad_argument, "padding",
            fmt::format(
                "pads of {} before and {} after are not smaller than the window {}: some windows would hold nothing",
                to_text(window.pad_before), to_text(window.pad_after), to_text(window.size)));
        return std::nullopt;
    }
    Shape shape = std::move(sliding->spatial);
    shape.push_back(image.back());
    return computed(first ? channels_moved_first(shape) : shape);
}

void pooling_reference(Pool kind, const Attributes& attributes, const Array& input, Array& output) {
    const bool first = is_channels_first(attributes);
    const Array image = first ? channels_moved_last(input) : input;
    Array result(first ? channels_moved_last(output.shape()) : output.shape());
    pool(kind, image, sliding_window(attributes, "pool_size", spatial_of(image.shape())).window, result);
    output = first ? channels_moved_first(result) : result;
}

int lower_pooling(Op op, Lowering& lowering) {
    Operation operation{.op = op};
    operation.window = sliding_window(*lowering.attributes, "pool_size", spatial_of(lowering.inputs[0].shape)).window;
    return lowering.add(std::move(operation), {0}, {}, ScalarExpr::input(0), lowering.output.shape);
}

std::vector<ArgumentDef> global_pooling_arguments() {
    return {data_format_argument(),
            {"keepdims", argument::boolean(), Value(false), "whether the pooled axes stay, with extent 1"}};
}

std::optional<TensorType> infer_global_pooling(const LayerCall& call, std::string_view layer, int rank) {
    if (!is_image(call, layer, rank)) return std::nullopt;
    const bool first = is_channels_first(call.attributes);
    Shape shape = first ? channels_moved_last(call.inputs[0].shape) : call.inputs[0].shape;
    const bool keep = call.attributes.boolean("keepdims");
    for (int i = 0; i < rank; ++i) shape[static_cast<std::size_t>(i)] = 1;
    if (!keep) shape.erase(shape.begin(), shape.end() - 1);
    return computed(first && keep ? channels_moved_first(shape) : shape);
}

void global_pooling_reference(Pool kind, const Attributes& attributes, const Array& input, Array& output) {
    const Array image = is_channels_first(attributes) ? channels_moved_last(input) : input;
    const std::vector<std::int64_t> ones(image.shape().size() - 1, 1);
    const std::vector<std::int64_t> zeros(image.shape().size() - 1, 0);
    Shape one_window = ones;
    one_window.push_back(image.shape().back());
    Array result(one_window);
    pool(kind, image, {spatial_of(image.shape()), ones, ones, zeros, zeros}, result);
    const Shape shape = output.shape();
    output = result.reshaped(shape);
}

int lower_global_pooling(Op op, Lowering& lowering) {
    Operation operation{.op = op};
    operation.axes.resize(lowering.inputs[0].shape.size() - 1);
    std::iota(operation.axes.begin(), operation.axes.end(), 0);
    return lowering.add(std::move(operation), {0}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace halcyon
