#include <algorithm>

#include "layers/common/epilogue.h"
#include "layers/common/normalization.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    if (!has_axes(call)) return std::nullopt;
    return computed(call.inputs[0].shape);
}

/// A tensor seen as [before, all the axes together, behind], after its axes were put in that order.
struct Joined {
    std::vector<int> order, back;
    Shape turned, joined;
};

Joined joined_axes(const Attributes& attributes, const Shape& shape) {
    std::vector<int> axes = sorted_axes(attributes, static_cast<int>(shape.size()));
    std::sort(axes.begin(), axes.end());
    Joined result;
    std::int64_t before = 1, along = 1, behind = 1;
    // Where the axes are neighbours nothing moves: those in front of them stay there.
    for (int axis = 0; axis < axes.front(); ++axis) result.order.push_back(axis);
    for (int axis : axes) result.order.push_back(axis);
    for (int axis = axes.front(); axis < static_cast<int>(shape.size()); ++axis)
        if (std::find(axes.begin(), axes.end(), axis) == axes.end()) result.order.push_back(axis);
    result.back.resize(result.order.size());
    for (std::size_t i = 0; i < result.order.size(); ++i) {
        const std::int64_t extent = shape[static_cast<std::size_t>(result.order[i])];
        result.back[static_cast<std::size_t>(result.order[i])] = static_cast<int>(i);
        result.turned.push_back(extent);
        const std::size_t first = static_cast<std::size_t>(axes.front());
        (i < first ? before : i < first + axes.size() ? along : behind) *= extent;
    }
    result.joined = {before, along, behind};
    return result;
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const Joined view = joined_axes(attributes, inputs[0].shape());
    const Array rows = inputs[0].transposed(view.order).reshaped(view.joined);
    output = softmax_over(rows, 1).reshaped(view.turned).transposed(view.back);
}

int lower(Lowering& lowering) {
    const Attributes& attributes = *lowering.attributes;
    const Shape& shape = lowering.output.shape;
    if (attributes.integers("axis").size() == 1)
        return lower_softmax(lowering, 0, sorted_axes(attributes, lowering.output.rank()).front());
    const Joined view = joined_axes(attributes, shape);
    Operation turn{.op = Op::transpose}, back{.op = Op::transpose};
    turn.axes = view.order;
    back.axes = view.back;
    int value = lowering.add(std::move(turn), {0}, {}, ScalarExpr::input(0), view.turned);
    value = lowering.add({.op = Op::reshape}, {value}, {}, ScalarExpr::input(0), view.joined);
    value = lower_softmax(lowering, value, 1);
    value = lowering.add({.op = Op::reshape}, {value}, {}, ScalarExpr::input(0), view.turned);
    return lowering.add(std::move(back), {value}, {}, ScalarExpr::input(0), shape);
}

}  // namespace

extern const LayerDef softmax;
const LayerDef softmax{
    .name = "Softmax",
    .doc = "exp(x), divided by the sum of it along an axis, or along several together.",
    .arguments = {axes_argument()},
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
