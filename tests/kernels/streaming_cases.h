#pragma once

#include "kernels/kernel_harness.h"

namespace halcyon::testing {

/// A float32 task of one operand.
[[nodiscard]] inline Task streaming_task(Op op, const Shape& input, const Shape& output) {
    Task task;
    task.operation.op = op;
    task.inputs = {{ElementType::float32, input}};
    task.output = {ElementType::float32, output};
    return task;
}

/// inputs[0] as the operation sees it.
[[nodiscard]] inline Array source_of(const Task& task, const Operands& operands) {
    Array source = operands.inputs.at(0);
    for (double& value : source.values()) {
        const double element = value;
        value = evaluate(task.prologue, std::span(&element, 1), {});
    }
    return source;
}

/// An element by a list of indices.
[[nodiscard]] inline double element_at(const Array& array, const std::vector<std::int64_t>& at) {
    std::int64_t place = 0;
    for (std::size_t axis = 0; axis < at.size(); ++axis) place = place * array.shape()[axis] + at[axis];
    return array[place];
}

/// The task with another input of the output's shape added to the result, and a ReLU.
[[nodiscard]] inline Task with_residual(Task task) {
    task.inputs.push_back(task.output);
    task.epilogue = max(ScalarExpr::input(0) + ScalarExpr::input(1), 0.0);
    return task;
}

}  // namespace halcyon::testing
