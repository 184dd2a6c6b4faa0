#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "importers/onnx_broadcast.h"
#include "importers/onnx_operators.h"
#include "importers/onnx_window.h"
#include "support/checked.h"

namespace halcyon::importers {
namespace {

/// How one axis is resized.
struct AxisResize {
    std::int64_t from, to;
    double scale;
    double begin = 0.0, end = 1.0;  ///< what tf_crop_and_resize takes of it
};

struct Resize {
    std::vector<AxisResize> axes;  ///< of the file
    std::string mode, coordinates, nearest;
    double cubic = -0.75;
    bool exclude_outside = false, smooths = false;
    double extrapolation = 0.0;  ///< what lies beyond the source where it is cropped

    [[nodiscard]] Shape shape() const {
        Shape shape;
        for (const AxisResize& axis : axes) shape.push_back(axis.to);
        return shape;
    }
};

std::int64_t checked_extent(double extent) {
    constexpr double most = 1 << 24;
    if (!(extent >= 1.0) || extent > most) throw Refused{fmt::format("it makes an axis of {} elements", extent)};
    return static_cast<std::int64_t>(extent);
}

/// Sizes or scales, for those axes that are named.
Resize resize_of(OnnxCall& call, std::size_t scales_at, std::size_t sizes_at) {
    const Shape from = call.input(0).shape();
    Resize resize;
    for (std::int64_t extent : from) resize.axes.push_back({extent, extent, 1.0});
    std::vector<std::int64_t> axes(from.size());
    std::iota(axes.begin(), axes.end(), 0);
    if (const auto written = call.integers("axes")) axes = *written;
    const bool has_sizes = call.has(sizes_at) && call.input(sizes_at).shape() != Shape{0};
    const Array numbers = has_sizes ? call.constant(sizes_at, "sizes") : call.constant(scales_at, "scales");
    if (numbers.size() != static_cast<std::int64_t>(axes.size())) throw Refused{"its scales are not one for each axis"};
    const std::string policy = call.text("keep_aspect_ratio_policy", "stretch");
    double shared = policy == "not_larger" ? INFINITY : 0.0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        AxisResize& axis =
            resize.axes[static_cast<std::size_t>(OnnxCall::axis(axes[i], static_cast<int>(from.size())))];
        const double number = numbers[static_cast<std::int64_t>(i)];
        axis.scale = has_sizes ? number / static_cast<double>(axis.from) : number;
        axis.to = checked_extent(has_sizes ? number : std::floor(number * static_cast<double>(axis.from)));
        shared = policy == "not_larger" ? std::min(shared, axis.scale) : std::max(shared, axis.scale);
    }
    if (has_sizes && policy != "stretch") {
        for (std::int64_t written : axes) {
            AxisResize& axis =
                resize.axes[static_cast<std::size_t>(OnnxCall::axis(written, static_cast<int>(from.size())))];
            axis.scale = shared;
            axis.to = checked_extent(std::floor(shared * static_cast<double>(axis.from) + 0.5));
        }
    }
    return resize;
}

/// Where an element of the result lies in the source.
double source_of(const Resize& resize, const AxisResize& axis, std::int64_t at) {
    const auto x = static_cast<double>(at), from = static_cast<double>(axis.from), to = static_cast<double>(axis.to);
    if (resize.coordinates == "asymmetric") return x / axis.scale;
    if (resize.coordinates == "tf_half_pixel_for_nn") return (x + 0.5) / axis.scale;
    if (resize.coordinates == "tf_crop_and_resize") {
        const double part = axis.to == 1 ? 0.5 : x / (to - 1.0);
        return (axis.begin + part * (axis.end - axis.begin)) * (from - 1.0);
    }
    if (resize.coordinates == "align_corners") return axis.to == 1 ? 0.0 : x * (from - 1.0) / (to - 1.0);
    if (resize.coordinates == "pytorch_half_pixel" && axis.to == 1) return 0.0;
    if (resize.coordinates == "half_pixel_symmetric") {
        const double adjustment = to / (axis.scale * from), center = from / 2.0;
        return center * (1.0 - adjustment) + (x + 0.5) / axis.scale - 0.5;
    }
    return (x + 0.5) / axis.scale - 0.5;
}

double nearest_of(const std::string& mode, double x) {
    if (mode == "floor") return std::floor(x);
    if (mode == "ceil") return std::ceil(x);
    return mode == "round_prefer_ceil" ? std::floor(x + 0.5) : std::ceil(x - 0.5);
}

/// Keys's cubic with coefficient a, at a distance from 0 to 2.
double cubic_weight(double a, double x) {
    x = std::abs(x);
    if (x <= 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    return x < 2.0 ? ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a : 0.0;
}

/// Whether an element of the result lies beyond the source, where a cropped one has no others.
bool is_beyond(const Resize& resize, const AxisResize& axis, std::int64_t to) {
    const double x = source_of(resize, axis, to);
    return resize.coordinates == "tf_crop_and_resize" && (x < 0.0 || x > static_cast<double>(axis.from - 1));
}

/// (from, to): each element of the result as a sum of elements of the source. Definition: ONNX's own of Resize.
Array matrix_of(OnnxBuilder& builder, const Resize& resize, const AxisResize& axis) {
    constexpr std::int64_t most = std::int64_t{1} << 24;
    if (axis.from > most / axis.to) throw Refused{fmt::format("it resizes {} elements to {}", axis.from, axis.to)};
    builder.make_room(axis.from * axis.to);
    Array matrix(Shape{axis.from, axis.to});
    const auto last = static_cast<double>(axis.from - 1);
    const auto add = [&](double source, std::int64_t to, double weight) {
        const auto from = static_cast<std::int64_t>(std::clamp(source, 0.0, last));
        matrix[from * axis.to + to] += weight;
    };
    const bool cubic = resize.mode == "cubic";
    // How far an element's weight reaches; one that smooths sees all that becomes one.
    const double shrink = resize.smooths ? std::min(axis.scale, 1.0) : 1.0, reach = (cubic ? 2.0 : 1.0) / shrink;
    if (!(reach <= static_cast<double>(most) / static_cast<double>(axis.to))) throw Refused{"it smooths over too much"};
    for (std::int64_t to = 0; to < axis.to; ++to) {
        const double x = source_of(resize, axis, to);
        if (is_beyond(resize, axis, to)) continue;
        if (resize.mode == "nearest") {
            add(nearest_of(resize.nearest, x), to, 1.0);
            continue;
        }
        const auto weight = [&](double place) {
            if (resize.exclude_outside && (place < 0.0 || place > last)) return 0.0;
            const double distance = std::abs(place - x) * shrink;
            return cubic ? cubic_weight(resize.cubic, distance) : std::max(1.0 - distance, 0.0);
        };
        const double first = std::ceil(x - reach), end = x + reach;
        double sum = 0.0;
        for (double place = first; place <= end; ++place) sum += weight(place);
        if (!resize.exclude_outside && !resize.smooths) sum = 1.0;
        for (double place = first; place <= end; ++place) add(place, to, weight(place) / sum);
    }
    return matrix;
}

/// Whether rows and columns become whole multiples.
bool is_whole(const Resize& resize) {
    return std::all_of(resize.axes.begin(), resize.axes.end(), [](const AxisResize& axis) {
        const std::int64_t times = axis.to / axis.from;
        return axis.to % axis.from == 0 && axis.scale == static_cast<double>(times);
    });
}

/// Whether each element is repeated as often as the scale says.
bool is_repetition(const Resize& resize) {
    return resize.mode == "nearest" && std::all_of(resize.axes.begin(), resize.axes.end(), [&](const AxisResize& axis) {
               const std::int64_t times = axis.to / axis.from;
               for (std::int64_t to = 0; to < axis.to && times > 1; ++to) {
                   const double source = nearest_of(resize.nearest, source_of(resize, axis, to));
                   const std::int64_t wanted = to / times;
                   if (std::clamp(source, 0.0, static_cast<double>(axis.from - 1)) != static_cast<double>(wanted))
                       return false;
               }
               return true;
           });
}

/// Keras's own layers, where they compute the same; -1 where they do not.
int keras_layer(OnnxBuilder& builder, const Resize& resize, int image) {
    const AxisResize &rows = resize.axes[2], &columns = resize.axes[3];
    const bool repeats = is_whole(resize) && is_repetition(resize);
    const bool halves = resize.coordinates == "half_pixel" ||
                        (resize.coordinates == "pytorch_half_pixel" && rows.to > 1 && columns.to > 1);
    if (resize.smooths || resize.coordinates == "tf_crop_and_resize") return -1;
    const auto exact = [](const AxisResize& axis) {
        return std::abs(axis.scale * static_cast<double>(axis.from) - static_cast<double>(axis.to)) < 1e-3;
    };
    const bool linear = resize.mode == "linear" && halves && exact(rows) && exact(columns);
    if (is_whole(resize) && (repeats || linear)) {
        return builder.layer("UpSampling2D",
                             {{"size", shape_argument({rows.to / rows.from, columns.to / columns.from})},
                              {"interpolation", Value(linear ? "bilinear" : "nearest")}},
                             {image});
    }
    if (linear) return builder.layer("Resizing", {{"height", Value(rows.to)}, {"width", Value(columns.to)}}, {image});
    return -1;
}

/// The value with the extrapolation's in those places that lie beyond the source, and are 0.
OnnxValue with_surroundings(OnnxCall& call, const Resize& resize, const OnnxValue& value) {
    if (resize.extrapolation == 0.0) return value;
    Shape extents;
    for (const AxisResize& axis : resize.axes) {
        const bool resized = axis.begin != 0.0 || axis.end != 1.0 || axis.from != axis.to;
        extents.push_back(resized ? axis.to : 1);
    }
    const std::optional<std::int64_t> count = checked_product(extents);
    if (!count || *count > max_elements) throw Refused{"it makes too large an image"};
    call.builder.make_room(*count);
    Array added(extents);
    std::int64_t flat = 0;
    for_each_index(extents, [&](const std::vector<std::int64_t>& index) {
        bool beyond = false;
        for (std::size_t i = 0; i < index.size(); ++i)
            beyond = beyond || (extents[i] > 1 && is_beyond(resize, resize.axes[i], index[i]));
        added[flat++] = beyond ? resize.extrapolation : 0.0;
    });
    const ConstantOperand operand = constant_beside(call.builder, value, added);
    const int id = call.builder.layer("Affine", {{"offset", shape_argument(operand.array.shape())}}, {operand.id});
    call.builder.weight("offset", operand.array);
    return call.builder.made(id, operand.shape, operand.order, operand.value);
}

void give_resized(OnnxCall& call, const Resize& resize) {
    OnnxBuilder& builder = call.builder;
    OnnxValue value = call.input(0);
    const Shape shape = resize.shape();
    const bool image = resize.axes.size() == 4 && resize.axes[0].to == resize.axes[0].from &&
                       resize.axes[1].to == resize.axes[1].from &&
                       (value.axes[0].empty() || builder.batch_axis(value) == 0);
    if (image && (is_whole(resize) || resize.mode == "linear")) {
        const OnnxImage laid = image_of(call);
        const int id = keras_layer(builder, resize, laid.id);
        if (id >= 0) return call.give(builder.made(id, shape, laid.order, value));
    }
    // Along each axis a matrix.
    for (int axis = 0; axis < value.rank(); ++axis) {
        const AxisResize& each = resize.axes[static_cast<std::size_t>(axis)];
        const bool whole = each.begin == 0.0 && each.end == 1.0;
        if (each.from == each.to && each.scale == 1.0 && whole) continue;
        std::vector<int> order = builder.order_of(value, {axis});
        std::erase(order, axis);
        order.push_back(axis);
        Shape result = value.shape();
        result[static_cast<std::size_t>(axis)] = each.to;
        const int laid = builder.arranged(value, order);
        const int id = builder.layer("Dense", {{"units", Value(each.to)}, {"use_bias", Value(false)}}, {laid});
        builder.weight("kernel", matrix_of(builder, resize, each));
        value = builder.made(id, result, order, value);
    }
    call.give(with_surroundings(call, resize, value));
}

/// From where to where each axis is taken, as shares of it.
void take_region(const OnnxCall& call, Resize& resize) {
    const int rank = static_cast<int>(resize.axes.size());
    std::vector<std::int64_t> axes(resize.axes.size());
    std::iota(axes.begin(), axes.end(), 0);
    if (const auto written = call.integers("axes")) axes = *written;
    const Array region = call.constant(1, "region");
    const auto count = static_cast<std::int64_t>(axes.size());
    if (region.size() != 2 * count) throw Refused{"its region is not two numbers for each axis"};
    for (std::int64_t i = 0; i < count; ++i) {
        AxisResize& axis =
            resize.axes[static_cast<std::size_t>(OnnxCall::axis(axes[static_cast<std::size_t>(i)], rank))];
        axis.begin = region[i];
        axis.end = region[i + count];
        constexpr double most = 1 << 20;
        if (!(std::abs(axis.begin) < most) || !(std::abs(axis.end) < most))
            throw Refused{fmt::format("its region goes from {} to {}", axis.begin, axis.end)};
    }
    resize.extrapolation = call.number("extrapolation_value", 0.0);
}

void import_resize(OnnxCall& call) {
    Resize resize = resize_of(call, 2, 3);
    resize.mode = call.text("mode", "nearest");
    resize.coordinates = call.text("coordinate_transformation_mode", "half_pixel");
    resize.nearest = call.text("nearest_mode", "round_prefer_floor");
    resize.cubic = call.number("cubic_coeff_a", -0.75);
    resize.exclude_outside = call.integer("exclude_outside", 0) != 0;
    if (resize.mode != "nearest" && resize.mode != "linear" && resize.mode != "cubic")
        throw Refused{fmt::format("its mode is '{}'", resize.mode)};
    resize.smooths = call.integer("antialias", 0) != 0 && resize.mode != "nearest";
    if (resize.coordinates == "tf_crop_and_resize") {
        take_region(call, resize);
    } else {
        static constexpr std::string_view known[] = {"half_pixel",    "half_pixel_symmetric", "pytorch_half_pixel",
                                                     "align_corners", "asymmetric",           "tf_half_pixel_for_nn"};
        if (std::find(std::begin(known), std::end(known), resize.coordinates) == std::end(known))
            throw Refused{fmt::format("its coordinates are '{}'", resize.coordinates)};
    }
    give_resized(call, resize);
}

void import_upsample(OnnxCall& call) {
    Resize resize = resize_of(call, 1, 9);
    resize.mode = call.text("mode", "nearest");
    if (resize.mode == "bilinear") resize.mode = "linear";
    if (resize.mode != "nearest" && resize.mode != "linear")
        throw Refused{fmt::format("its mode is '{}'", resize.mode)};
    resize.coordinates = "asymmetric";
    resize.nearest = "floor";
    give_resized(call, resize);
}

}  // namespace

const std::vector<OnnxOperator>& onnx_resizes() {
    static const std::vector<OnnxOperator> table = {{"Resize", import_resize}, {"Upsample", import_upsample}};
    return table;
}

}  // namespace halcyon::importers
