#include "importers/onnx_axes.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "support/checked.h"

namespace halcyon::importers {
namespace {

std::string shape_text(const Shape& shape) {
    return fmt::format("({})", fmt::join(shape, ", "));
}

std::int64_t product(const Shape& shape) {
    const std::optional<std::int64_t> count = checked_product(shape);
    if (!count) throw Refused{fmt::format("its shape {} is too large", shape_text(shape))};
    return *count;
}

/// The axes that Squeeze and Unsqueeze name, each once.
std::set<int> named_axes(const OnnxCall& call, const std::vector<std::int64_t>& written, int rank) {
    std::set<int> axes;
    for (std::int64_t axis : written) axes.insert(OnnxCall::axis(axis, rank));
    if (axes.size() != written.size()) throw Refused{"it names an axis twice"};
    static_cast<void>(call);
    return axes;
}

}  // namespace

Shape reshape_target(const OnnxCall& call, const Shape& from) {
    Shape shape = call.integers_in(1, "shape");
    const bool zero_is_zero = call.integer("allowzero", 0) != 0;
    int open = -1;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 0 && !zero_is_zero) {
            if (i >= from.size())
                throw Refused{fmt::format("its shape {} copies an axis that is not there", shape_text(shape))};
            shape[i] = from[i];
        } else if (shape[i] == -1 && open < 0) {
            open = static_cast<int>(i);
            shape[i] = 1;
        } else if (shape[i] < 0) {
            throw Refused{fmt::format("its shape is {}", shape_text(shape))};
        }
    }
    const std::int64_t count = product(from), known = product(shape);
    if (open >= 0 && known > 0 && count % known == 0) shape[static_cast<std::size_t>(open)] = count / known;
    if (product(shape) != count)
        throw Refused{fmt::format("it makes {} of {}, which has other numbers", shape_text(shape), shape_text(from))};
    return shape;
}

Shape squeezed(const OnnxCall& call, const Shape& from) {
    const auto written = call.integers("axes", 1);
    Shape shape;
    if (!written) {
        std::copy_if(from.begin(), from.end(), std::back_inserter(shape),
                     [](std::int64_t extent) { return extent != 1; });
        return shape;
    }
    const std::set<int> axes = named_axes(call, *written, static_cast<int>(from.size()));
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (!axes.contains(static_cast<int>(i))) {
            shape.push_back(from[i]);
        } else if (from[i] != 1) {
            throw Refused{fmt::format("axis {} of {} is longer than 1", i, shape_text(from))};
        }
    }
    return shape;
}

Shape unsqueezed(const OnnxCall& call, const Shape& from) {
    const auto written = call.integers("axes", 1);
    if (!written) throw Refused{"it names no axes"};
    constexpr std::size_t most = 64;
    if (written->size() > most) throw Refused{"it names more than 64 axes"};
    const std::size_t rank = from.size() + written->size();
    const std::set<int> axes = named_axes(call, *written, static_cast<int>(rank));
    Shape shape;
    auto next = from.begin();
    for (std::size_t i = 0; i < rank; ++i) shape.push_back(axes.contains(static_cast<int>(i)) ? 1 : *next++);
    return shape;
}

Shape flattened(const OnnxCall& call, const Shape& from) {
    const auto rank = static_cast<std::int64_t>(from.size());
    std::int64_t axis = call.integer("axis", 1);
    if (axis < -rank || axis > rank) throw Refused{fmt::format("it speaks of axis {} of {}", axis, shape_text(from))};
    if (axis < 0) axis += rank;
    return {product(Shape(from.begin(), from.begin() + axis)), product(Shape(from.begin() + axis, from.end()))};
}

std::vector<int> transposition(const OnnxCall& call, int rank) {
    std::vector<int> order(static_cast<std::size_t>(rank));
    std::iota(order.rbegin(), order.rend(), 0);
    const auto written = call.integers("perm");
    if (!written) return order;
    std::vector<std::int64_t> sorted = *written;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (sorted.size() != order.size() || sorted[i] != static_cast<std::int64_t>(i))
            throw Refused{fmt::format("its order of axes is {}", shape_text(*written))};
    }
    if (sorted.size() != order.size()) throw Refused{fmt::format("its order of axes is {}", shape_text(*written))};
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>((*written)[i]);
    return order;
}

Slicing slicing_of(const OnnxCall& call, const Shape& from) {
    const auto starts = call.integers("starts", 1), ends = call.integers("ends", 2);
    if (!starts || !ends || starts->size() != ends->size()) throw Refused{"it does not say from where to where"};
    std::vector<std::int64_t> axes(starts->size());
    std::iota(axes.begin(), axes.end(), 0);
    if (const auto written = call.integers("axes", 3)) axes = *written;
    std::vector<std::int64_t> steps(starts->size(), 1);
    if (call.has(4)) steps = call.integers_in(4, "steps");
    if (axes.size() != starts->size() || steps.size() != starts->size())
        throw Refused{"its parts are not equally long"};
    Slicing slicing{Shape(from.size(), 0), Shape(from.size(), 1), from};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(OnnxCall::axis(axes[i], static_cast<int>(from.size())));
        const std::int64_t extent = from[axis], step = steps[i];
        if (step == 0 || step == std::numeric_limits<std::int64_t>::min())
            throw Refused{fmt::format("its step is {}", step)};
        const auto clamped = [&](std::int64_t at) {
            if (at < 0) at = std::max(at, -extent - 1) + extent;
            return step > 0 ? std::clamp<std::int64_t>(at, 0, extent) : std::clamp<std::int64_t>(at, -1, extent - 1);
        };
        const std::int64_t begin = clamped((*starts)[i]), end = clamped((*ends)[i]);
        const std::int64_t length = step > 0 ? end - begin : begin - end, stride = step > 0 ? step : -step;
        slicing.count[axis] = length <= 0 ? 0 : (length - 1) / stride + 1;
        slicing.begin[axis] = slicing.count[axis] == 0 ? 0 : begin;
        slicing.step[axis] = slicing.count[axis] <= 1 ? 1 : step;
    }
    return slicing;
}

std::vector<std::int64_t> split_lengths(const OnnxCall& call, std::int64_t extent) {
    const auto written = call.integers("split", 1);
    std::vector<std::int64_t> lengths;
    if (written) {
        lengths = *written;
    } else {
        const auto parts = static_cast<std::int64_t>(call.node.outputs.size());
        if (parts == 0) throw Refused{"it has no outputs"};
        const std::int64_t part = (extent + parts - 1) / parts;
        for (std::int64_t i = 0; i < parts; ++i)
            lengths.push_back(std::max<std::int64_t>(std::min(part, extent - i * part), 0));
    }
    std::int64_t sum = 0;
    for (std::int64_t length : lengths) {
        if (length < 0 || length > extent - sum)
            throw Refused{fmt::format("its parts {} are not those of {}", shape_text(lengths), extent)};
        sum += length;
    }
    if (sum != extent || lengths.size() != call.node.outputs.size())
        throw Refused{fmt::format("its parts {} are not those of {}", shape_text(lengths), extent)};
    return lengths;
}

}  // namespace halcyon::importers
