#include "layers/common/normalization.h"

#include <algorithm>

#include <fmt/format.h>

#include "layers/common/shapes.h"

namespace halcyon {

ArgumentDef axes_argument() {
    return {"axis", argument::sequence_of(argument::integer(-64, 64)), Value(Value::Sequence{Value(-1)}),
            "counted with the batch as 0"};
}

bool has_axes(const LayerCall& call) {
    const int rank = call.inputs[0].rank();
    std::vector<int> seen;
    for (std::int64_t written : call.attributes.integers("axis")) {
        const std::optional<int> axis = axis_of(call, "axis", written, rank);
        if (!axis) return false;
        if (std::find(seen.begin(), seen.end(), *axis) != seen.end()) {
            call.error(Code::bad_axis, "axis", fmt::format("axis {} stands twice", written));
            return false;
        }
        seen.push_back(*axis);
    }
    if (!seen.empty()) return true;
    call.error(Code::bad_axis, "axis", "no axis is named");
    return false;
}

std::vector<int> sorted_axes(const Attributes& attributes, int rank) {
    std::vector<std::int64_t> written = attributes.integers("axis");
    std::sort(written.begin(), written.end());
    std::vector<int> axes;
    for (std::int64_t axis : written) axes.push_back(checked_axis(axis, rank));
    return axes;
}

Shape extents_of(const std::vector<int>& axes, const Shape& input) {
    Shape shape;
    for (int axis : axes) shape.push_back(input[static_cast<std::size_t>(axis)]);
    return shape;
}

Shape ones_but(const std::vector<int>& axes, const Shape& input) {
    Shape shape(input.size(), 1);
    for (int axis : axes) shape[static_cast<std::size_t>(axis)] = input[static_cast<std::size_t>(axis)];
    return shape;
}

Shape ones_at(const std::vector<int>& axes, Shape shape) {
    for (int axis : axes) shape[static_cast<std::size_t>(axis)] = 1;
    return shape;
}

Array mean_over(const Array& array, const std::vector<int>& axes, bool sum) {
    Array result(ones_at(axes, array.shape()));
    std::vector<std::int64_t> strides = result.strides();
    for (int axis : axes) strides[static_cast<std::size_t>(axis)] = 0;
    std::int64_t flat = 0;
    for_each_index(array.shape(), [&](const std::vector<std::int64_t>& index) {
        std::int64_t to = 0;
        for (std::size_t i = 0; i < index.size(); ++i) to += index[i] * strides[i];
        result[to] += array[flat++];
    });
    if (sum) return result;
    const double count = static_cast<double>(array.size()) / static_cast<double>(result.size());
    for (double& value : result.values()) value /= count;
    return result;
}

int lower_reduction(Lowering& lowering, Op op, int value, const std::vector<int>& axes, ScalarExpr epilogue) {
    Operation operation{.op = op};
    operation.axes = axes;
    std::sort(operation.axes.begin(), operation.axes.end());
    return lowering.add(std::move(operation), {value}, {}, std::move(epilogue),
                        ones_at(axes, lowering.type_of(value).shape));
}

ScalarExpr squared_distance() {
    const ScalarExpr distance = ScalarExpr::input(0) - ScalarExpr::input(1);
    return distance * distance;
}

ScalarExpr inverse_deviation(double epsilon) {
    return 1.0 / sqrt(ScalarExpr::input(0) + epsilon);
}

}  // namespace halcyon
