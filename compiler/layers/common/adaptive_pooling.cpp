#include "layers/common/adaptive_pooling.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "layers/common/arguments.h"
#include "layers/common/image.h"
#include "layers/common/shapes.h"

namespace halcyon {
namespace {

/// Every place along an axis with uneven windows becomes operations of its own.
constexpr std::int64_t most_pieces = 256;

struct Range {
    std::int64_t begin, end;
};

Range range_of(std::int64_t place, std::int64_t in, std::int64_t out) {
    return {place * in / out, ((place + 1) * in + out - 1) / out};
}

Array pooled_along(Pool kind, const Array& image, std::size_t axis, std::int64_t out) {
    const std::int64_t in = image.shape()[axis], run = image.strides()[axis];
    Shape shape = image.shape();
    shape[axis] = out;
    Array result(shape, kind == Pool::max ? -std::numeric_limits<double>::infinity() : 0.0);
    for (std::int64_t i = 0; i < result.size(); ++i) {
        const Range range = range_of(i / run % out, in, out);
        for (std::int64_t at = range.begin; at < range.end; ++at) {
            const double element = image[(i / run / out * in + at) * run + i % run];
            result[i] = kind == Pool::max ? std::max(result[i], element) : result[i] + element;
        }
        if (kind == Pool::average) result[i] /= static_cast<double>(range.end - range.begin);
    }
    return result;
}

int lower_along(Pool kind, Lowering& lowering, int value, int axis, std::int64_t out) {
    const Shape shape = lowering.type_of(value).shape;
    const std::size_t a = static_cast<std::size_t>(axis);
    std::vector<int> pieces;
    Shape one = shape;
    one[a] = 1;
    for (std::int64_t place = 0; place < out; ++place) {
        const Range range = range_of(place, shape[a], out);
        Operation cut{.op = Op::slice};
        cut.begin.assign(shape.size(), 0);
        cut.step.assign(shape.size(), 1);
        cut.begin[a] = range.begin;
        Shape extent = shape;
        extent[a] = range.end - range.begin;
        const int piece = lowering.add(std::move(cut), {value}, {}, ScalarExpr::input(0), std::move(extent));
        Operation reduction{.op = kind == Pool::max ? Op::reduce_max : Op::reduce_mean};
        reduction.axes = {axis};
        pieces.push_back(lowering.add(std::move(reduction), {piece}, {}, ScalarExpr::input(0), one));
    }
    if (pieces.size() == 1) return pieces[0];
    Operation joined{.op = Op::concatenate};
    joined.axes = {axis};
    one[a] = out;
    return lowering.add(std::move(joined), std::move(pieces), {}, ScalarExpr::input(0), std::move(one));
}

}  // namespace

std::vector<ArgumentDef> adaptive_pooling_arguments(int rank) {
    return {
        {"output_size", argument::tuple_of(argument::positive_integer(), rank), std::nullopt, "extents of the result"},
        data_format_argument()};
}

std::optional<TensorType> infer_adaptive_pooling(const LayerCall& call, std::string_view layer, int rank) {
    if (!is_image(call, layer, rank)) return std::nullopt;
    const Shape image = image_of(call.attributes, call.inputs[0].shape);
    Shape shape = call.attributes.integers("output_size");
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (image[axis] % shape[axis] == 0 || shape[axis] <= most_pieces) continue;
        call.error(Code::not_supported, "output_size",
                   fmt::format("{} elements do not divide into {} windows alike, and more than {} uneven ones are not "
                               "supported",
                               image[axis], shape[axis], most_pieces));
        return std::nullopt;
    }
    shape.push_back(image.back());
    return computed(is_channels_first(call.attributes) ? channels_moved_first(shape) : shape);
}

// A mean over a box is the mean of the means along its axes.
void adaptive_pooling_reference(Pool kind, const Attributes& attributes, const Array& input, Array& output) {
    const std::vector<std::int64_t> size = attributes.integers("output_size");
    Array image = image_of(attributes, input);
    for (std::size_t axis = 0; axis < size.size(); ++axis) image = pooled_along(kind, image, axis, size[axis]);
    output = is_channels_first(attributes) ? channels_moved_first(image) : image;
}

int lower_adaptive_pooling(Pool kind, Lowering& lowering) {
    const std::vector<std::int64_t> size = lowering.attributes->integers("output_size");
    const Shape& image = lowering.inputs[0].shape;
    Operation pool{.op = kind == Pool::max ? Op::max_pool : Op::average_pool};
    Window& window = pool.window;
    bool even = true;
    for (std::size_t axis = 0; axis < size.size(); ++axis) {
        even = even && image[axis] % size[axis] == 0;
        window.size.push_back(image[axis] / size[axis]);
    }
    if (even) {
        window.stride = window.size;
        window.dilation.assign(size.size(), 1);
        window.pad_before.assign(size.size(), 0);
        window.pad_after = window.pad_before;
        return lowering.add(std::move(pool), {0}, {}, ScalarExpr::input(0), lowering.output.shape);
    }
    int value = 0;
    for (std::size_t axis = 0; axis < size.size(); ++axis)
        if (image[axis] != size[axis]) value = lower_along(kind, lowering, value, static_cast<int>(axis), size[axis]);
    return value;
}

}  // namespace halcyon
