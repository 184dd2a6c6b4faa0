#include "importers/onnx_broadcast.h"

#include <algorithm>

#include <fmt/format.h>

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
    for (const Axis& axis : main.lies) {
        const auto shared =
            std::count_if(axis.begin(), axis.end(), [&](const Atom& atom) { return has_atom(other.lies, atom); });
        if (shared != 0 && shared != static_cast<std::ptrdiff_t>(axis.size())) return std::nullopt;
        wanted.push_back(shared == 0 ? Axis{} : axis);
    }
    return wanted;
}

/// The same without leading axes of 1, as far as `lies` has none either.
std::vector<Axis> shortened(const std::vector<Axis>& wanted, const std::vector<Axis>& lies) {
    std::vector<Axis> result = wanted;
    while (result.size() > 1 && result.front().empty() && result != lies) result.erase(result.begin());
    return result;
}

}  // namespace

OnnxValue joined(OnnxBuilder& builder, const OnnxValue& a, const OnnxValue& b,
                 const std::function<int(int, int)>& join) {
    if (a.constant || b.constant) throw Refused{"one of its inputs is a constant"};
    OnnxValue x = a, y = b;
    const Shape shape = broadcast_of(a.shape(), b.shape());
    pad_axes(x, shape.size());
    pad_axes(y, shape.size());
    builder.unify(x, y);
    const bool x_is_main = x.shape() == shape;
    if (x_is_main || y.shape() == shape) {
        OnnxValue& main = x_is_main ? x : y;
        OnnxValue& other = x_is_main ? y : x;
        std::optional<std::vector<Axis>> wanted = beside(main, other);
        if (!wanted) {
            const std::vector<int> order = builder.order_of(main);
            main = builder.made(builder.arranged(main, order), shape, order, main);
            builder.unify(main, other);
            wanted = beside(main, other);
        }
        if (wanted) {
            const int laid = builder.lay(other, shortened(*wanted, other.lies));
            OnnxValue result = main;
            result.whole = false;
            result.id = x_is_main ? join(main.id, laid) : join(laid, main.id);
            return result;
        }
    }
    // Both grow, or lie too differently: all axes of the result, as the file has them.
    const OnnxValue& like = builder.batch_axis(x) >= 0 ? x : y;
    const int batch = builder.batch_axis(like);
    std::vector<int> order;
    for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis)
        if (axis != batch) order.push_back(axis);
    const int left = builder.arranged(x, order), right = builder.arranged(y, order);
    return builder.made(join(left, right), shape, order, like);
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

}  // namespace halcyon::importers
