#include "importers/onnx_window.h"

#include <algorithm>

#include <fmt/format.h>

#include "support/checked.h"

namespace halcyon::importers {
namespace {

constexpr std::int64_t largest = std::int64_t{1} << 30;

/// One number for each spatial axis.
std::vector<std::int64_t> per_axis(const OnnxCall& call, std::string_view name, std::size_t count,
                                   std::int64_t otherwise, std::int64_t least) {
    std::vector<std::int64_t> numbers = call.integers(name).value_or(std::vector<std::int64_t>(count, otherwise));
    for (std::int64_t number : numbers) {
        if (number < least || number > largest) throw Refused{fmt::format("its {} are {}", name, number)};
    }
    if (numbers.size() != count) throw Refused{fmt::format("its {} are not one for each axis", name)};
    return numbers;
}

std::int64_t span_of(const OnnxWindow& window, std::size_t axis) {
    return (window.kernel[axis] - 1) * window.dilations[axis] + 1;
}

}  // namespace

bool OnnxWindow::padded() const {
    const auto some = [](std::int64_t n) { return n != 0; };
    return std::any_of(before.begin(), before.end(), some) || std::any_of(after.begin(), after.end(), some);
}

bool OnnxWindow::dilated() const {
    return std::any_of(dilations.begin(), dilations.end(), [](std::int64_t n) { return n != 1; });
}

OnnxWindow window_of(const OnnxCall& call, const Shape& image, const std::vector<std::int64_t>& kernel) {
    OnnxWindow window;
    window.kernel = kernel;
    const std::size_t count = kernel.size();
    for (std::int64_t extent : kernel) {
        if (extent < 1 || extent > largest) throw Refused{fmt::format("its kernel has the extent {}", extent)};
    }
    window.strides = per_axis(call, "strides", count, 1, 1);
    window.dilations = per_axis(call, "dilations", count, 1, 1);
    const std::string automatic = call.text("auto_pad", "NOTSET");
    window.before.assign(count, 0);
    window.after.assign(count, 0);
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
        for (std::size_t i = 0; i < count; ++i) {
            const std::int64_t extent = image[i + 2], places = (extent - 1) / window.strides[i] + 1;
            if (window.kernel[i] > largest / window.dilations[i]) throw Refused{"its window is too large"};
            const std::int64_t all =
                std::max<std::int64_t>((places - 1) * window.strides[i] + span_of(window, i) - extent, 0);
            window.before[i] = automatic == "SAME_UPPER" ? all / 2 : all - all / 2;
            window.after[i] = all - window.before[i];
        }
    } else if (automatic != "VALID") {
        const std::vector<std::int64_t> pads = per_axis(call, "pads", 2 * count, 0, 0);
        window.before.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(count));
        window.after.assign(pads.begin() + static_cast<std::ptrdiff_t>(count), pads.end());
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (window.kernel[i] > largest / window.dilations[i]) throw Refused{"its window is too large"};
    }
    return window;
}

std::int64_t places_of(const OnnxWindow& window, std::size_t axis, std::int64_t extent, bool ceil) {
    const std::int64_t room = extent + window.before[axis] + window.after[axis] - span_of(window, axis);
    if (room < 0) throw Refused{"its window is larger than the image"};
    const std::int64_t stride = window.strides[axis];
    std::int64_t places = (ceil ? room + stride - 1 : room) / stride + 1;
    // A window that would begin behind the image and the padding before it does not count.
    if (ceil && (places - 1) * stride >= extent + window.before[axis]) --places;
    return places;
}

Value padding_of(const OnnxWindow& window, const Shape& image) {
    if (!window.padded()) return {"valid"};
    bool same = true, symmetric = true;
    Value::Sequence pairs, numbers;
    for (std::size_t i = 0; i < window.rank(); ++i) {
        const std::int64_t extent = image[i + 2], before = window.before[i], after = window.after[i];
        const std::int64_t places = (extent - 1) / window.strides[i] + 1;
        const std::int64_t all =
            std::max<std::int64_t>((places - 1) * window.strides[i] + span_of(window, i) - extent, 0);
        same = same && before == all / 2 && after == all - all / 2;
        symmetric = symmetric && before == after;
        pairs.emplace_back(Value::Sequence{Value(before), Value(after)});
        numbers.emplace_back(before);
    }
    if (same) return {"same"};
    return symmetric ? Value(numbers) : Value(pairs);
}

OnnxImage image_of(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    const int rank = value.rank();
    if (value.constant) throw Refused{"its image is a constant"};
    if (rank < 3 || rank > 5) throw Refused{fmt::format("its input has {} axes, and images have 3 to 5", rank)};
    if (!value.axes[0].empty() && call.builder.batch_axis(value) != 0)
        throw Refused{"it takes several items at once, which are not those of the batch"};
    OnnxImage image{0, {}, value.shape()};
    for (int axis = 2; axis < rank; ++axis) image.order.push_back(axis);
    image.order.push_back(1);
    image.id = call.builder.arranged(value, image.order);
    return image;
}

std::string with_rank(std::string_view type, std::size_t spatial, std::string_view suffix) {
    return fmt::format("{}{}D{}", type, spatial, suffix);
}

}  // namespace halcyon::importers
