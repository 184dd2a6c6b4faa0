// Operators that move numbers about and compute nothing. Most only change how the file's axes are read.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "importers/onnx_axes.h"
#include "importers/onnx_broadcast.h"
#include "importers/onnx_constants.h"
#include "importers/onnx_operators.h"
#include "importers/onnx_parts.h"

namespace halcyon::importers {
namespace {

OnnxValue with_shape(OnnxCall& call, const Shape& shape) {
    return call.builder.reshaped(call.input(0), shape);
}

void import_reshape(OnnxCall& call) {
    call.give(with_shape(call, reshape_target(call, call.input(0).shape())));
}

void import_flatten(OnnxCall& call) {
    call.give(with_shape(call, flattened(call, call.input(0).shape())));
}

void import_squeeze(OnnxCall& call) {
    call.give(with_shape(call, squeezed(call, call.input(0).shape())));
}

void import_unsqueeze(OnnxCall& call) {
    call.give(with_shape(call, unsqueezed(call, call.input(0).shape())));
}

OnnxValue transposed(const OnnxValue& value, const std::vector<int>& order) {
    OnnxValue result = value;
    for (std::size_t i = 0; i < order.size(); ++i) result.axes[i] = value.axes[static_cast<std::size_t>(order[i])];
    return result;
}

void import_transpose(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    call.give(transposed(value, transposition(call, value.rank())));
}

void import_slice(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    call.give(sliced(call.builder, value, slicing_of(call, value.shape())));
}

void import_split(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    const int axis = OnnxCall::axis(call.integer("axis", 0), value.rank());
    const std::vector<std::int64_t> lengths = split_lengths(call, value.shape()[static_cast<std::size_t>(axis)]);
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        if (call.output_used[i]) call.outputs[i] = part_of(call.builder, value, axis, begin, lengths[i]);
        begin += lengths[i];
    }
}

void import_concat(OnnxCall& call) {
    std::vector<OnnxValue> values;
    for (std::size_t i = 0; i < call.inputs.size(); ++i) values.push_back(call.input(i));
    if (values.empty()) throw Refused{"it joins nothing"};
    const OnnxValue like = *std::find_if(values.begin(), values.end(), [](const auto& each) { return !each.constant; });
    for (OnnxValue& value : values)
        if (value.constant) value = as_value(call.builder, to_array(*value.constant), like);
    call.give(concatenated(call.builder, values, OnnxCall::axis(call.integer("axis", 0), values[0].rank())));
}

/// Elements along an axis, in runs.
void import_gather(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    if (value.constant) throw Refused{"it looks up in a table of constants"};
    const int axis = OnnxCall::axis(call.integer("axis", 0), value.rank());
    const std::int64_t extent = value.shape()[static_cast<std::size_t>(axis)];
    std::vector<std::int64_t> indices = call.integers_in(1, "index");
    const Shape index_shape = call.input(1).shape();
    if (indices.empty()) throw Refused{"nothing is left of its result"};
    for (std::int64_t& index : indices) {
        if (index < -extent || index >= extent) throw Refused{fmt::format("its index {} is beyond {}", index, extent)};
        if (index < 0) index += extent;
    }
    std::vector<OnnxValue> parts;
    constexpr std::size_t most_parts = 64;
    for (std::size_t i = 0; i < indices.size();) {
        std::size_t end = i + 1;
        while (end < indices.size() && indices[end] == indices[end - 1] + 1) ++end;
        parts.push_back(part_of(call.builder, value, axis, indices[i], static_cast<std::int64_t>(end - i)));
        i = end;
        if (parts.size() > most_parts) throw Refused{"it picks more than 64 places, here and there"};
    }
    OnnxValue result = concatenated(call.builder, parts, axis);
    if (index_shape.size() == 1) return call.give(result);
    // The axis becomes those of the indices, or none.
    Shape shape = result.shape();
    shape.insert(shape.erase(shape.begin() + axis), index_shape.begin(), index_shape.end());
    call.give(call.builder.reshaped(result, shape));
}

/// An axis as two: of that extent, and of what is left.
OnnxValue torn(OnnxBuilder& builder, const OnnxValue& value, std::vector<std::int64_t> shape,
               const std::vector<int>& order, const Shape& result) {
    return builder.reshaped(transposed(builder.reshaped(value, shape), order), result);
}

std::int64_t block_size(const OnnxCall& call) {
    const std::int64_t size = call.integer("blocksize", 0);
    if (size < 1 || call.input(0).rank() != 4) throw Refused{fmt::format("its blocks have the size {}", size)};
    return size;
}

void import_depth_to_space(OnnxCall& call) {
    const std::int64_t b = block_size(call);
    const Shape s = call.input(0).shape();
    if (s[1] % b != 0 || s[1] / b % b != 0) throw Refused{fmt::format("{} channels are no blocks of {}", s[1], b)};
    const std::int64_t channels = s[1] / b / b;
    const Shape result{s[0], channels, s[2] * b, s[3] * b};
    call.give(call.text("mode", "DCR") == "DCR"
                  ? torn(call.builder, call.input(0), {s[0], b, b, channels, s[2], s[3]}, {0, 3, 4, 1, 5, 2}, result)
                  : torn(call.builder, call.input(0), {s[0], channels, b, b, s[2], s[3]}, {0, 1, 4, 2, 5, 3}, result));
}

void import_space_to_depth(OnnxCall& call) {
    const std::int64_t b = block_size(call);
    const Shape s = call.input(0).shape();
    if (s[2] % b != 0 || s[3] % b != 0) throw Refused{fmt::format("the image {} is no blocks of {}", to_text(s), b)};
    const bool depth_first = call.text("mode", "DCR") == "DCR";
    const std::vector<int> order = depth_first ? std::vector{0, 3, 5, 1, 2, 4} : std::vector{0, 1, 3, 5, 2, 4};
    call.give(torn(call.builder, call.input(0), {s[0], s[1], s[2] / b, b, s[3] / b, b}, order,
                   {s[0], s[1] * b * b, s[2] / b, s[3] / b}));
}

/// Before and after each axis.
struct Padding {
    std::vector<std::int64_t> before, after;
};

Padding padding_of(const OnnxCall& call, int rank) {
    auto pads = call.integers("pads", 1);
    if (!pads) throw Refused{"it does not say how much"};
    std::vector<std::int64_t> axes(static_cast<std::size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
    if (call.has(3)) axes = call.integers_in(3, "axes");
    if (pads->size() != 2 * axes.size()) throw Refused{"its pads are not two for each axis"};
    Padding padding{Shape(static_cast<std::size_t>(rank), 0), Shape(static_cast<std::size_t>(rank), 0)};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(OnnxCall::axis(axes[i], rank));
        padding.before[axis] = (*pads)[i];
        padding.after[axis] = (*pads)[i + axes.size()];
    }
    return padding;
}

/// An axis with its own elements before and after it: the outermost ones again ("edge"), those from the other end ("wrap"), or
/// its elements backwards without the outermost one ("reflect").
OnnxValue continued(OnnxBuilder& builder, const OnnxValue& value, int axis, const std::string& mode,
                    std::int64_t before, std::int64_t after) {
    const std::int64_t extent = value.shape()[static_cast<std::size_t>(axis)];
    constexpr std::int64_t most_copies = 64;
    const std::int64_t most = mode == "edge" ? most_copies : mode == "wrap" ? extent : extent - 1;
    if (before > most || after > most)
        throw Refused{fmt::format("it pads {} elements by {} of the mode '{}'", extent, std::max(before, after), mode)};
    const auto part = [&](std::int64_t begin, std::int64_t count, std::int64_t step = 1) {
        return part_of(builder, value, axis, begin, count, step);
    };
    std::vector<OnnxValue> parts;
    if (mode == "edge") {
        if (before > 0) parts.assign(static_cast<std::size_t>(before), part(0, 1));
        parts.push_back(value);
        if (after > 0) parts.insert(parts.end(), static_cast<std::size_t>(after), part(extent - 1, 1));
        return concatenated(builder, parts, axis);
    }
    const bool wraps = mode == "wrap";
    if (before > 0) parts.push_back(wraps ? part(extent - before, before) : part(before, before, -1));
    parts.push_back(value);
    if (after > 0) parts.push_back(wraps ? part(0, after) : part(extent - 2, after, -1));
    return concatenated(builder, parts, axis);
}

void import_pad(OnnxCall& call) {
    OnnxBuilder& builder = call.builder;
    OnnxValue value = call.input(0);
    const int rank = value.rank();
    Padding padding = padding_of(call, rank);
    const std::string mode = call.text("mode", "constant");
    const double filling = call.has(2) ? call.number_in(2, "constant") : call.number("value", 0.0);
    if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap")
        throw Refused{fmt::format("it pads by the mode '{}'", mode)};
    // Less than nothing is cut off.
    Shape shape = value.shape();
    Slicing cut{Shape(shape.size(), 0), Shape(shape.size(), 1), shape};
    constexpr std::int64_t most = std::int64_t{1} << 30;
    std::vector<int> also;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        for (std::int64_t* each : {&padding.before[i], &padding.after[i]}) {
            if (*each > most || *each < -most) throw Refused{fmt::format("it pads by {}", *each)};
        }
        cut.begin[i] = std::max<std::int64_t>(-padding.before[i], 0);
        cut.count[i] =
            std::max<std::int64_t>(shape[i] - cut.begin[i] - std::max<std::int64_t>(-padding.after[i], 0), 0);
        padding.before[i] = std::max<std::int64_t>(padding.before[i], 0);
        padding.after[i] = std::max<std::int64_t>(padding.after[i], 0);
        shape[i] = cut.count[i] + padding.before[i] + padding.after[i];
        if (padding.before[i] + padding.after[i] > 0) also.push_back(static_cast<int>(i));
    }
    value = sliced(builder, value, cut);
    if (also.empty()) return call.give(value);
    if (mode != "constant") {
        for (int axis : also) {
            const auto at = static_cast<std::size_t>(axis);
            value = continued(builder, value, axis, mode, padding.before[at], padding.after[at]);
        }
        return call.give(value);
    }
    // An image is brought to its usual order for Keras's own layer.
    const bool image = rank >= 3 && rank <= 5 && also.front() >= 2 && filling == 0.0;
    std::vector<int> order;
    if (image) {
        order.resize(static_cast<std::size_t>(rank) - 2);
        std::iota(order.begin(), order.end(), 2);
        order.push_back(1);
        if (builder.batch_axis(value) > 0 || (builder.batch_axis(value) < 0 && !value.axes[0].empty())) order.clear();
    }
    if (order.empty()) {
        order = builder.order_of(value, also);
        Value::Sequence pairs{Value(Value::Sequence{Value(0), Value(0)})};
        for (int axis : order) {
            const auto at = static_cast<std::size_t>(axis);
            pairs.emplace_back(Value::Sequence{Value(padding.before[at]), Value(padding.after[at])});
        }
        OnnxBuilder::Arguments arguments{{"pad_width", Value(pairs)}};
        if (filling != 0.0) arguments.emplace_back("constant_values", Value(filling));
        return call.give(
            builder.made(builder.layer("Pad", arguments, {builder.arranged(value, order)}), shape, order, value));
    }
    Value::Sequence pairs;
    for (std::size_t i = 2; i < shape.size(); ++i)
        pairs.emplace_back(Value::Sequence{Value(padding.before[i]), Value(padding.after[i])});
    const int id = builder.layer(fmt::format("ZeroPadding{}D", rank - 2),
                                 {{"padding", rank == 3 ? pairs[0] : Value(pairs)}}, {builder.arranged(value, order)});
    call.give(builder.made(id, shape, order, value));
}

/// Copies along axes of extent 1, one beside the other.
void import_expand(OnnxCall& call) {
    OnnxValue value = call.input(0);
    const Shape wanted = call.integers_in(1, "shape");
    const std::optional<Shape> shape = broadcast(value.shape(), wanted);
    if (!shape) throw Refused{fmt::format("{} does not become {}", to_text(value.shape()), to_text(wanted))};
    while (value.axes.size() < shape->size()) value.axes.insert(value.axes.begin(), Axis{});
    constexpr std::int64_t most = 64;
    for (int axis = 0; axis < value.rank(); ++axis) {
        const std::int64_t extent = (*shape)[static_cast<std::size_t>(axis)];
        if (value.shape()[static_cast<std::size_t>(axis)] == extent) continue;
        if (extent > most || extent < 1) throw Refused{fmt::format("it makes {} copies", extent)};
        value = concatenated(call.builder, std::vector<OnnxValue>(static_cast<std::size_t>(extent), value), axis);
    }
    call.give(value);
}

void import_tile(OnnxCall& call) {
    OnnxValue value = call.input(0);
    const std::vector<std::int64_t> repeats = call.integers_in(1, "repeats");
    if (repeats.size() != static_cast<std::size_t>(value.rank()))
        throw Refused{"its repeats are not one for each axis"};
    constexpr std::int64_t most = 64;
    for (int axis = 0; axis < value.rank(); ++axis) {
        const std::int64_t count = repeats[static_cast<std::size_t>(axis)];
        if (count < 1 || count > most) throw Refused{fmt::format("it makes {} copies", count)};
        value = concatenated(call.builder, std::vector<OnnxValue>(static_cast<std::size_t>(count), value), axis);
    }
    call.give(value);
}

}  // namespace

const std::vector<OnnxOperator>& onnx_moves() {
    static const std::vector<OnnxOperator> table = {
        {"Reshape", import_reshape},
        {"Flatten", import_flatten},
        {"Squeeze", import_squeeze},
        {"Unsqueeze", import_unsqueeze},
        {"Transpose", import_transpose},
        {"Slice", import_slice},
        {"Split", import_split},
        {"Concat", import_concat},
        {"Gather", import_gather},
        {"DepthToSpace", import_depth_to_space},
        {"SpaceToDepth", import_space_to_depth},
        {"Pad", import_pad},
        {"Expand", import_expand},
        {"Tile", import_tile},
    };
    return table;
}

}  // namespace halcyon::importers
