#include "kernels/common/product_of_rows.h"

#include <algorithm>
#include <optional>

#include "kernels/common/convolution_geometry.h"
#include "support/check.h"

namespace halcyon {
namespace {

bool all_are(const std::vector<std::int64_t>& numbers, std::int64_t value) {
    return std::all_of(numbers.begin(), numbers.end(), [&](std::int64_t number) { return number == value; });
}

std::int64_t row_count(const Shape& shape) {
    return element_count(shape) / shape.back();
}

/// Whether all axes but the last are of extent 1.
bool is_one_row(const Shape& shape) {
    return shape.empty() || row_count(shape) == 1;
}

/// Whether the axes but the last are one axis with one stride; that stride.
std::optional<std::int64_t> row_stride(const Layout& layout, const Shape& shape) {
    std::optional<std::int64_t> stride;
    std::int64_t next = 0;
    for (std::size_t axis = shape.size() - 1; axis-- > 0;) {
        if (shape[axis] == 1) continue;
        if (!stride)
            stride = layout.strides[axis];
        else if (layout.strides[axis] != next)
            return std::nullopt;
        next = layout.strides[axis] * shape[axis];
    }
    return stride.value_or(shape.back());
}

Shape flat_shape(const Shape& shape) {
    return {1, row_count(shape), shape.back()};
}

Layout flat_layout(const Layout& layout, const Shape& shape) {
    const std::optional<std::int64_t> stride = row_stride(layout, shape);
    CHECK_INTERNAL(stride.has_value());
    return {{*stride * row_count(shape), *stride, layout.strides.back()}};
}

}  // namespace

bool is_product_of_rows(const Task& task, const TargetInfo&) {
    const Operation& operation = task.operation;
    if (operation.op == Op::dense) return row_count(task.output.shape) > 1;
    if (operation.op != Op::convolution || operation.groups != 1 || !operation.pooled.empty()) return false;
    return all_are(operation.window.size, 1) && all_are(operation.window.stride, 1) &&
           all_are(operation.window.pad_before, 0) && all_are(operation.window.pad_after, 0);
}

bool has_flat_layouts(const Task& task, const Candidate& layouts) {
    if (!plain_layouts(layouts) || !row_stride(layouts.output, task.output.shape)) return false;
    for (std::size_t i = 0; i < task.inputs.size(); ++i) {
        const Shape& shape = task.inputs[i].shape;
        const bool per_row = row_count(shape) == row_count(task.output.shape);
        if (!(per_row || is_one_row(shape)) || !row_stride(layouts.inputs.at(i), shape)) return false;
    }
    for (std::size_t k = 1; k < task.constants.size(); ++k) {
        if (!is_one_row(task.constants[k])) return false;
    }
    return true;
}

Task flat_task(const Task& task) {
    Task flat = task;
    flat.operation = Operation{};
    flat.operation.op = Op::convolution;
    flat.operation.window = {{1}, {1}, {1}, {0}, {0}};
    for (TensorType& input : flat.inputs) input.shape = flat_shape(input.shape);
    flat.output.shape = flat_shape(task.output.shape);
    const Shape& weights = task.constants.at(0);
    flat.constants[0] = {1, weights.at(weights.size() - 2), weights.back()};
    for (std::size_t k = 1; k < flat.constants.size(); ++k) {
        flat.constants[k] = {task.constants[k].empty() ? 1 : task.constants[k].back()};
    }
    return flat;
}

Candidate flat_candidate(const Task& task, const Candidate& candidate) {
    Candidate flat = candidate;
    for (std::size_t i = 0; i < task.inputs.size(); ++i)
        flat.inputs[i] = flat_layout(candidate.inputs[i], task.inputs[i].shape);
    flat.output = flat_layout(candidate.output, task.output.shape);
    return flat;
}

}  // namespace halcyon
