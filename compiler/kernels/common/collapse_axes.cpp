#include "kernels/common/collapse_axes.h"

#include <algorithm>

#include "support/check.h"

namespace halcyon {
namespace {

/// One operand's axes, and those that they are being joined into.
struct Axes {
    Shape shape;
    std::vector<std::int64_t> strides;
    Shape joined_shape;
    std::vector<std::int64_t> joined_strides;

    [[nodiscard]] bool can_join(std::size_t inner) const {
        const bool outer_is_one = joined_shape.back() == 1, inner_is_one = shape[inner] == 1;
        if (outer_is_one || inner_is_one) return outer_is_one && inner_is_one;
        return joined_strides.back() == shape[inner] * strides[inner];
    }
    void append(std::size_t axis) {
        joined_shape.push_back(shape[axis]);
        joined_strides.push_back(strides[axis]);
    }
    void join(std::size_t inner) {
        joined_shape.back() *= shape[inner];
        joined_strides.back() = strides[inner];
    }
};

/// A constant with axes of 1 in front, as NumPy's rule reads it.
Axes raised(const Shape& shape, std::size_t rank) {
    CHECK_INTERNAL(shape.size() <= rank);
    Shape full(rank - shape.size(), 1);
    full.insert(full.end(), shape.begin(), shape.end());
    return {full, dense_layout(full).strides, {}, {}};
}

}  // namespace

int CollapsedTask::axis_of(int original) const {
    for (std::size_t axis = 0; axis < groups.size(); ++axis) {
        if (std::find(groups[axis].begin(), groups[axis].end(), original) != groups[axis].end())
            return static_cast<int>(axis);
    }
    return -1;
}

CollapsedTask collapse_axes(const Task& task, const Candidate& candidate,
                            const std::function<bool(int outer, int inner)>& may_join) {
    const std::size_t rank = task.output.shape.size();
    std::vector<Axes> operands{{task.output.shape, candidate.output.strides, {}, {}}};
    for (std::size_t i = 0; i < task.inputs.size(); ++i) {
        CHECK_INTERNAL(task.inputs[i].shape.size() == rank);
        operands.push_back({task.inputs[i].shape, candidate.inputs[i].strides, {}, {}});
    }
    for (const Shape& constant : task.constants) operands.push_back(raised(constant, rank));

    CollapsedTask result{task, candidate, {}};
    const auto all = [&](const auto& holds) { return std::all_of(operands.begin(), operands.end(), holds); };
    for (std::size_t axis = 0; axis < rank; ++axis) {
        const bool last_chance = axis + 1 == rank && result.groups.empty();
        if (!last_chance && all([&](const Axes& operand) { return operand.shape[axis] == 1; })) continue;
        const bool joins = !result.groups.empty() && may_join(result.groups.back().back(), static_cast<int>(axis)) &&
                           all([&](const Axes& operand) { return operand.can_join(axis); });
        for (Axes& operand : operands) joins ? operand.join(axis) : operand.append(axis);
        if (joins) {
            result.groups.back().push_back(static_cast<int>(axis));
        } else {
            result.groups.push_back({static_cast<int>(axis)});
        }
    }

    result.task.output.shape = operands[0].joined_shape;
    result.candidate.output.strides = operands[0].joined_strides;
    for (std::size_t i = 0; i < task.inputs.size(); ++i) {
        result.task.inputs[i].shape = operands[1 + i].joined_shape;
        result.candidate.inputs[i].strides = operands[1 + i].joined_strides;
    }
    for (std::size_t k = 0; k < task.constants.size(); ++k) {
        result.task.constants[k] = operands[1 + task.inputs.size() + k].joined_shape;
    }
    return result;
}

}  // namespace halcyon
