#include "layers/common/resize.h"

#include <algorithm>

#include <fmt/format.h>

#include "layers/common/image.h"

namespace halcyon {
namespace {

/// Where place `o` of `out` lies among `in`: between the element `first` and the next, `share` of the way.
struct Place {
    std::int64_t first, next;
    double share;
};

Place place_of(Op op, std::int64_t o, std::int64_t in, std::int64_t out) {
    if (op == Op::resize_nearest) {
        const std::int64_t nearest = std::min((2 * o + 1) * in / (2 * out), in - 1);
        return {nearest, nearest, 0.0};
    }
    // ((2 o + 1) in - out) / (2 out), where the outermost elements go on beyond their centres.
    const std::int64_t place = std::clamp((2 * o + 1) * in - out, std::int64_t{0}, 2 * out * (in - 1));
    const std::int64_t first = place / (2 * out);
    return {first, std::min(first + 1, in - 1),
            static_cast<double>(place - first * 2 * out) / static_cast<double>(2 * out)};
}

Array resized_along(Op op, const Array& image, std::size_t axis, std::int64_t out) {
    const std::int64_t in = image.shape()[axis];
    Shape shape = image.shape();
    shape[axis] = out;
    Array result(shape);
    const std::int64_t run = image.strides()[axis];
    const std::int64_t outer = image.size() / run / in;
    for (std::int64_t i = 0; i < outer; ++i) {
        for (std::int64_t o = 0; o < out; ++o) {
            const Place place = place_of(op, o, in, out);
            for (std::int64_t k = 0; k < run; ++k) {
                const double a = image[(i * in + place.first) * run + k], b = image[(i * in + place.next) * run + k];
                result[(i * out + o) * run + k] = place.share == 0.0 ? a : a + place.share * (b - a);
            }
        }
    }
    return result;
}

/// Rows and columns that the image needs to have the wanted aspect ratio: what Keras computes in floating point and rounds
/// down, exactly.
Shape at_aspect(const Shape& image, const Shape& wanted) {
    return {image[1] * wanted[0] / wanted[1], image[0] * wanted[1] / wanted[0]};
}

}  // namespace

std::optional<Op> resize_operation(std::string_view interpolation) {
    if (interpolation == "nearest") return Op::resize_nearest;
    if (interpolation == "bilinear") return Op::resize_bilinear;
    return std::nullopt;
}

ArgumentDef interpolation_argument(std::string by_default) {
    return {"interpolation", argument::choice({"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"}),
            Value(std::move(by_default)), "'nearest' repeats pixels, 'bilinear' goes evenly from one to the next"};
}

bool can_interpolate(const LayerCall& call) {
    const std::string& interpolation = call.attributes.string("interpolation");
    if (resize_operation(interpolation)) return true;
    call.error(Code::not_supported, "interpolation",
               fmt::format("interpolation '{}' is not supported, only 'nearest' and 'bilinear'", interpolation));
    return false;
}

Array resized(Op op, const Array& image, const Shape& spatial) {
    Array result = image;
    for (std::size_t axis = 0; axis < spatial.size(); ++axis)
        if (result.shape()[axis] != spatial[axis]) result = resized_along(op, result, axis, spatial[axis]);
    return result;
}

int lower_resize(Lowering& lowering, Op op, int value, Shape spatial) {
    const Shape image = lowering.type_of(value).shape;
    spatial.push_back(image.back());
    if (spatial == image) return value;
    return lowering.add({.op = op}, {value}, {}, ScalarExpr::input(0), std::move(spatial));
}

AspectCut cropped_to_aspect(const Shape& image, const Shape& wanted) {
    const Shape at = at_aspect(image, wanted);
    AspectCut cut;
    for (std::size_t i = 0; i < 2; ++i) {
        const std::int64_t kept = std::max<std::int64_t>(std::min(image[i], at[i]), 1);
        cut.before.push_back((image[i] - kept) / 2);
        cut.after.push_back(image[i] - kept - cut.before.back());
    }
    return cut;
}

// Keras gives as many rows after the image as before it, and pads one axis only.
AspectCut padded_to_aspect(const Shape& image, const Shape& wanted) {
    const Shape at = at_aspect(image, wanted);
    AspectCut cut{{0, 0}, {0, 0}};
    for (std::size_t i = 0; i < 2; ++i) {
        const std::int64_t border = (std::max(image[i], at[i]) - image[i]) / 2;
        if (border == 0) continue;
        cut.before[i] = cut.after[i] = -border;
        break;
    }
    return cut;
}

Array cut_away(const Array& image, const AspectCut& cut, double outside) {
    const Shape& in = image.shape();
    Array result({in[0] - cut.before[0] - cut.after[0], in[1] - cut.before[1] - cut.after[1], in[2]}, outside);
    for_each_index(result.shape(), [&](const std::vector<std::int64_t>& at) {
        const std::int64_t y = at[0] + cut.before[0], x = at[1] + cut.before[1];
        if (y >= 0 && y < in[0] && x >= 0 && x < in[1]) result.at(at[0], at[1], at[2]) = image.at(y, x, at[2]);
    });
    return result;
}

int lower_cut(Lowering& lowering, int value, const AspectCut& cut, double outside) {
    Shape shape = lowering.type_of(value).shape;
    Operation operation{.op = Op::pad};
    for (std::size_t i = 0; i < 2; ++i) {
        operation.pad_before.push_back(-cut.before[i]);
        operation.pad_after.push_back(-cut.after[i]);
        shape[i] -= cut.before[i] + cut.after[i];
    }
    if (shape == lowering.type_of(value).shape) return value;
    operation.pad_before.push_back(0);
    operation.pad_after.push_back(0);
    operation.pad_value = outside;
    return lowering.add(std::move(operation), {value}, {}, ScalarExpr::input(0), std::move(shape));
}

}  // namespace halcyon
