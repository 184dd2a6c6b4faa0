#include "importers/onnx_parts.h"

#include <algorithm>

#include <fmt/format.h>

namespace halcyon::importers {
namespace {

/// ":, 1:3, ::2" for a value that lies in that order; the first is the batch.
std::string slice_text(const Slicing& slicing, const Shape& shape, const std::vector<int>& order) {
    std::vector<std::string> parts{":"};
    std::size_t needed = 1, sliced = 0;
    for (int each : order) {
        const auto axis = static_cast<std::size_t>(each);
        const std::int64_t begin = slicing.begin[axis], step = slicing.step[axis], count = slicing.count[axis];
        std::string part = ":";
        if (begin != 0 || step != 1 || count != shape[axis]) {
            const std::int64_t last = begin + (count - 1) * step, end = step > 0 ? last + 1 : last - 1;
            const bool from_end = begin == (step > 0 ? 0 : shape[axis] - 1);
            part = from_end ? ":" : fmt::format("{}:", begin);
            if (end >= 0 && end < shape[axis]) part += fmt::format("{}", end);
            if (step != 1) part += fmt::format(":{}", step);
            ++sliced;
        }
        parts.push_back(part);
        if (part != ":") needed = parts.size();
    }
    if (sliced == 1 && needed == parts.size() && parts.size() > 2) return "..., " + parts.back();
    parts.resize(needed);
    return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

OnnxValue sliced(OnnxBuilder& builder, const OnnxValue& value, const Slicing& slicing) {
    const Shape shape = value.shape();
    const int batch = builder.batch_axis(value);
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (slicing.count[i] == 0) throw Refused{"nothing is left of its result"};
        if (static_cast<int>(i) == batch && (slicing.count[i] != shape[i] || slicing.step[i] != 1))
            throw Refused{"it takes some items of the batch"};
    }
    if (slicing.count == shape &&
        std::all_of(slicing.step.begin(), slicing.step.end(), [](std::int64_t s) { return s == 1; }))
        return value;
    const std::vector<int> order = builder.order_of(value);
    const int laid = builder.arranged(value, order);
    return builder.made(builder.slice(laid, slice_text(slicing, shape, order)), slicing.count, order, value);
}

OnnxValue part_of(OnnxBuilder& builder, const OnnxValue& value, int axis, std::int64_t begin, std::int64_t count,
                  std::int64_t step) {
    const Shape shape = value.shape();
    Slicing slicing{Shape(shape.size(), 0), Shape(shape.size(), 1), shape};
    slicing.begin[static_cast<std::size_t>(axis)] = begin;
    slicing.step[static_cast<std::size_t>(axis)] = count > 1 ? step : 1;
    slicing.count[static_cast<std::size_t>(axis)] = count;
    return sliced(builder, value, slicing);
}

OnnxValue concatenated(OnnxBuilder& builder, const std::vector<OnnxValue>& values, int axis) {
    if (values.size() == 1) return values[0];
    const std::vector<int> order = builder.order_of(values[0], {axis});
    Shape shape = values[0].shape();
    std::vector<int> ids;
    shape[static_cast<std::size_t>(axis)] = 0;
    for (const OnnxValue& value : values) {
        Shape each = value.shape();
        if (each.size() != shape.size()) throw Refused{"the shapes of its inputs do not fit"};
        shape[static_cast<std::size_t>(axis)] += each[static_cast<std::size_t>(axis)];
        each[static_cast<std::size_t>(axis)] = shape[static_cast<std::size_t>(axis)];
        if (each != shape) throw Refused{"the shapes of its inputs do not fit"};
        ids.push_back(builder.arranged(value, order));
    }
    const auto place = std::find(order.begin(), order.end(), axis) - order.begin();
    const bool last = place + 1 == static_cast<std::ptrdiff_t>(order.size());
    const int id =
        builder.layer("Concatenate", {{"axis", last ? Value(-1) : Value(static_cast<std::int64_t>(place) + 1)}}, ids);
    return builder.made(id, shape, order, values[0]);
}

}  // namespace halcyon::importers
