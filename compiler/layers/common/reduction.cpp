#include "layers/common/reduction.h"

#include <fmt/format.h>

#include <algorithm>

#include "layers/common/shapes.h"

namespace halcyon {
namespace {

std::vector<int> axes_of(const Attributes& attributes, int rank) {
    std::vector<int> axes;
    for (std::int64_t axis : attributes.integers("axis")) axes.push_back(checked_axis(axis, rank));
    return axes;
}

}  // namespace

std::vector<ArgumentDef> reduction_arguments() {
    return {{"axis", argument::optional(argument::sequence_of(argument::integer(-64, 64))), Value(),
             "one axis or several, counted with the batch as 0"},
            {"keepdims", argument::boolean(), Value(false), "whether these axes stay, with extent 1"}};
}

std::optional<TensorType> infer_reduction(const LayerCall& call) {
    if (call.attributes.is_none("axis")) {
        call.error(Code::bad_axis, "axis", "without 'axis' the items of a batch would be joined: name the axes");
        return std::nullopt;
    }
    Shape shape = call.inputs[0].shape;
    std::vector<int> reduced;
    for (std::int64_t written : call.attributes.integers("axis")) {
        const auto axis = axis_of(call, "axis", written, call.inputs[0].rank());
        if (!axis) return std::nullopt;
        if (std::find(reduced.begin(), reduced.end(), *axis) != reduced.end()) {
            call.error(Code::bad_axis, "axis", fmt::format("axis {} stands twice", written));
            return std::nullopt;
        }
        reduced.push_back(*axis);
    }
    if (reduced.empty()) {
        call.error(Code::bad_axis, "axis", "no axis is named");
        return std::nullopt;
    }
    for (int axis : reduced) shape[static_cast<std::size_t>(axis)] = 1;
    std::sort(reduced.rbegin(), reduced.rend());
    if (!call.attributes.boolean("keepdims")) {
        for (int axis : reduced) shape.erase(shape.begin() + axis);
    }
    return computed(std::move(shape));
}

void reduction_reference(const Attributes& attributes, const Array& input, double first,
                         double (*join)(double joined, double element), bool mean, Array& output) {
    Shape kept = input.shape();
    for (int axis : axes_of(attributes, static_cast<int>(kept.size()))) kept[static_cast<std::size_t>(axis)] = 1;
    Array result(kept, first);
    const std::vector<std::int64_t> strides = result.strides();
    std::int64_t flat = 0;
    for_each_index(input.shape(), [&](const std::vector<std::int64_t>& index) {
        std::int64_t to = 0;
        for (std::size_t i = 0; i < index.size(); ++i) to += kept[i] == 1 ? 0 : index[i] * strides[i];
        result[to] = join(result[to], input[flat++]);
    });
    const double count = static_cast<double>(input.size()) / static_cast<double>(result.size());
    for (double& value : result.values()) value = mean ? value / count : value;
    const Shape shape = output.shape();
    output = result.reshaped(shape);
}

int lower_reduction(Op op, Lowering& lowering) {
    Operation operation{.op = op};
    operation.axes = axes_of(*lowering.attributes, lowering.inputs[0].rank());
    std::sort(operation.axes.begin(), operation.axes.end());
    return lowering.add(std::move(operation), {0}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace halcyon
