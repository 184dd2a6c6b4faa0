#include "importers/onnx_broadcast.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "importers/onnx_call.h"
#include "importers/onnx_parts.h"

namespace halcyon::importers {
namespace {

Shape broadcast_of(const Shape& a, const Shape& b) {
    const std::optional<Shape> shape = broadcast(a, b);
    if (!shape) throw Refused{fmt::format("the shapes {} and {} do not fit", to_text(a), to_text(b))};
    return *shape;
}

void pad_axes(OnnxValue& value, std::size_t rank) {
    if (value.axes.size() < rank) value.axes.insert(value.axes.begin(), rank - value.axes.size(), Axis{});
}

bool has_atom(const std::vector<Axis>& axes, const Atom& atom) {
    return std::any_of(axes.begin(), axes.end(),
                       [&](const Axis& axis) { return std::find(axis.begin(), axis.end(), atom) != axis.end(); });
}

/// How `other` has to lie to broadcast with `main`; nothing where one axis of main's is only there in part.
std::optional<std::vector<Axis>> beside(const OnnxValue& main, const OnnxValue& other) {
    std::vector<Axis> wanted;
    std::size_t found = 0, needed = 0;
    for (const Axis& axis : other.lies) needed += axis.size();
    for (const Axis& axis : main.lies) {
        const auto shared =
            std::count_if(axis.begin(), axis.end(), [&](const Atom& atom) { return has_atom(other.lies, atom); });
        if (shared != 0 && shared != static_cast<std::ptrdiff_t>(axis.size())) return std::nullopt;
        wanted.push_back(shared == 0 ? Axis{} : axis);
        found += static_cast<std::size_t>(shared);
    }
    return found == needed ? std::optional(wanted) : std::nullopt;
}

/// The same without leading axes of 1, as far as `lies` has none either.
std::vector<Axis> shortened(const std::vector<Axis>& wanted, const std::vector<Axis>& lies) {
    std::vector<Axis> result = wanted;
    while (result.size() > 1 && result.front().empty() && result != lies) result.erase(result.begin());
    return result;
}

/// How all others have to lie to broadcast with one of them; nothing where their axes are torn apart too differently.
std::optional<std::vector<std::vector<Axis>>> all_beside(OnnxBuilder& builder, std::vector<OnnxValue>& values,
                                                         std::size_t main) {
    // Twice: what the last ones tear apart, the first ones have to follow.
    for (int pass = 0; pass < 2; ++pass) {
        for (std::size_t i = 0; i < values.size(); ++i)
            if (i != main) builder.unify(values[main], values[i]);
    }
    std::vector<std::vector<Axis>> all;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::optional<std::vector<Axis>> wanted = i == main ? values[i].lies : beside(values[main], values[i]);
        if (!wanted) return std::nullopt;
        all.push_back(*wanted);
    }
    return all;
}

}  // namespace

OnnxValue joined(OnnxBuilder& builder, std::vector<OnnxValue> values,
                 const std::function<int(const std::vector<int>&)>& join) {
    Shape shape;
    for (const OnnxValue& value : values) {
        if (value.constant) throw Refused{"one of its inputs is a constant"};
        shape = broadcast_of(shape, value.shape());
    }
    for (OnnxValue& value : values) pad_axes(value, shape.size());
    std::vector<int> ids;
    const auto largest = std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.shape() == shape; });
    if (largest != values.end()) {
        const auto main = static_cast<std::size_t>(largest - values.begin());
        auto wanted = all_beside(builder, values, main);
        if (!wanted) {
            const std::vector<int> order = builder.order_of(values[main]);
            values[main] = builder.made(builder.arranged(values[main], order), shape, order, values[main]);
            wanted = all_beside(builder, values, main);
        }
        if (wanted) {
            for (std::size_t i = 0; i < values.size(); ++i)
                ids.push_back(i == main ? values[i].id
                                        : builder.lay(values[i], shortened((*wanted)[i], values[i].lies)));
            OnnxValue result = values[main];
            result.whole = false;
            result.id = join(ids);
            return result;
        }
    }
    // All grow, or lie too differently: all axes of the result, as the file has them.
    const auto like = std::find_if(values.begin(), values.end(),
                                   [&](const OnnxValue& value) { return builder.batch_axis(value) >= 0; });
    const OnnxValue& first = like == values.end() ? values[0] : *like;
    const int batch = builder.batch_axis(first);
    std::vector<int> order;
    for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis)
        if (axis != batch) order.push_back(axis);
    for (const OnnxValue& value : values) ids.push_back(builder.arranged(value, order));
    return builder.made(join(ids), shape, order, first);
}

OnnxValue joined(OnnxBuilder& builder, const OnnxValue& a, const OnnxValue& b,
                 const std::function<int(int, int)>& join) {
    return joined(builder, std::vector{a, b}, [&](const std::vector<int>& ids) { return join(ids[0], ids[1]); });
}

ConstantOperand constant_beside(OnnxBuilder& builder, const OnnxValue& value, const Array& constant) {
    ConstantOperand operand{0, {}, broadcast_of(value.shape(), constant.shape()), value, {}, false, 1};
    const std::size_t rank = operand.shape.size();
    pad_axes(operand.value, rank);
    Shape aligned(rank - constant.shape().size(), 1);
    aligned.insert(aligned.end(), constant.shape().begin(), constant.shape().end());
    const Shape own = operand.value.shape();
    std::vector<int> also;
    for (std::size_t i = 0; i < rank; ++i) {
        if (aligned[i] > 1 && own[i] == 1) also.push_back(static_cast<int>(i));
    }
    operand.expands = !also.empty();
    operand.order = builder.order_of(operand.value, also);
    operand.id = builder.arranged(operand.value, operand.order);
    std::vector<int> turned;
    Shape extents;
    for (int axis : operand.order) {
        turned.push_back(axis);
        extents.push_back(aligned[static_cast<std::size_t>(axis)]);
        operand.last_extent = operand.shape[static_cast<std::size_t>(axis)];
    }
    for (int axis = 0; axis < static_cast<int>(rank); ++axis) {
        if (std::find(operand.order.begin(), operand.order.end(), axis) != operand.order.end()) continue;
        if (aligned[static_cast<std::size_t>(axis)] != 1)
            throw Refused{"its constant differs from item to item of the batch"};
        turned.push_back(axis);
    }
    while (extents.size() > 1 && extents.front() == 1) extents.erase(extents.begin());
    operand.array = constant.reshaped(aligned).transposed(turned).reshaped(extents);
    return operand;
}

OnnxValue as_value(OnnxBuilder& builder, const Array& constant, OnnxValue like) {
    const std::size_t rank = std::max(like.axes.size(), constant.shape().size());
    pad_axes(like, rank);
    const int batch = builder.batch_axis(like);
    Shape aligned(rank - constant.shape().size(), 1);
    aligned.insert(aligned.end(), constant.shape().begin(), constant.shape().end());
    Slicing slicing{Shape(rank, 0), Shape(rank, 1), Shape(rank, 1)};
    std::vector<int> also;
    for (int axis = 0; axis < static_cast<int>(rank); ++axis) {
        const auto at = static_cast<std::size_t>(axis);
        if (axis == batch) {
            if (aligned[at] != 1) throw Refused{"its constant differs from item to item of the batch"};
            slicing.count[at] = like.shape()[at];
        } else if (aligned[at] > 1) {
            also.push_back(axis);
        }
    }
    const std::vector<int> order = builder.order_of(like, also);
    const OnnxValue element = sliced(builder, like, slicing);
    const int zero =
        builder.layer("Clip", {{"x_min", Value(0.0)}, {"x_max", Value(0.0)}}, {builder.arranged(element, order)});
    Shape shape = aligned, extents;
    if (batch >= 0) shape[static_cast<std::size_t>(batch)] = slicing.count[static_cast<std::size_t>(batch)];
    std::vector<int> turned = order;
    for (int axis : order) extents.push_back(aligned[static_cast<std::size_t>(axis)]);
    for (int axis = 0; axis < static_cast<int>(rank); ++axis)
        if (std::find(order.begin(), order.end(), axis) == order.end()) turned.push_back(axis);
    int id = 0;
    if (constant.size() == 1 && std::isfinite(constant[0])) {
        id = constant[0] == 0.0 ? zero : builder.arithmetic('+', zero, as_written(constant[0]));
    } else {
        id = builder.layer("Affine", {{"offset", shape_argument(extents)}}, {zero});
        builder.weight("offset", constant.reshaped(aligned).transposed(turned).reshaped(extents));
    }
    return builder.made(id, shape, order, like);
}

}  // namespace halcyon::importers
