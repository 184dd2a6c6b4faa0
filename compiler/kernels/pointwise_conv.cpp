// A 1x1 convolution and a product of many rows with a matrix are the same: every pixel of the batch is a row. Batch and
// spatial axes become one axis of rows, so that tiles need not end where an image's row ends.
#include <algorithm>
#include <optional>

#include "kernels/common/convolution_geometry.h"
#include "kernels/common/tiled_convolution.h"
#include "support/check.h"

namespace halcyon::kernels {
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

bool matches(const Task& task, const TargetInfo&) {
    const Operation& operation = task.operation;
    if (operation.op == Op::dense) return row_count(task.output.shape) > 1;
    if (operation.op != Op::convolution || operation.groups != 1 || !operation.pooled.empty()) return false;
    return all_are(operation.window.size, 1) && all_are(operation.window.stride, 1) &&
           all_are(operation.window.pad_before, 0) && all_are(operation.window.pad_after, 0);
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

bool accepts(const Task& task, const Candidate& layouts) {
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

Shape flat_shape(const Shape& shape) {
    return {1, row_count(shape), shape.back()};
}

/// The task as a convolution over one axis of rows.
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

Layout flat_layout(const Layout& layout, const Shape& shape) {
    const std::optional<std::int64_t> stride = row_stride(layout, shape);
    CHECK_INTERNAL(stride.has_value());
    return {{*stride * row_count(shape), *stride, layout.strides.back()}};
}

Candidate flat_candidate(const Task& task, const Candidate& candidate) {
    Candidate flat = candidate;
    for (std::size_t i = 0; i < task.inputs.size(); ++i)
        flat.inputs[i] = flat_layout(candidate.inputs[i], task.inputs[i].shape);
    flat.output = flat_layout(candidate.output, task.output.shape);
    return flat;
}

std::vector<ParameterSpace> space(const Task& task, const Candidate& layouts, const TargetInfo& target) {
    return tiled_space(flat_task(task), flat_candidate(task, layouts), target);
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    return tiled_legal(flat_task(task), flat_candidate(task, candidate), target);
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    return tiled_cost(flat_task(task), flat_candidate(task, candidate), target);
}

Shape packed_shape(const Task& task, const Candidate& candidate, int constant) {
    return tiled_packed_shape(flat_task(task), candidate, constant);
}

Array pack(const Task& task, const Candidate& candidate, int constant, const Array& value) {
    const Task flat = flat_task(task);
    return tiled_pack(flat, candidate, constant, value.reshaped(flat.constants.at(static_cast<std::size_t>(constant))));
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily pointwise_conv;
const KernelFamily pointwise_conv{
    "pointwise_conv",
    "1x1 convolution, and dense over many rows, with batch and spatial axes as one axis of rows.",
    matches,
    accepts,
    space,
    legal,
    cost,
    build,
    packed_shape,
    pack};

namespace {

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    KernelFamily flat = pointwise_conv;
    flat.packed_shape = tiled_packed_shape;
    return build_tiled(flat_task(task), flat_candidate(task, candidate), target, flat);
}

}  // namespace
}  // namespace halcyon::kernels
