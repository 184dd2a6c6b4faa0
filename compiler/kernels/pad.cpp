#include "kernels/kernel_family.h"

#include <algorithm>

#include "kernels/common/collapse_axes.h"
#include "kernels/common/kernel_builder.h"
#include "kernels/common/streaming.h"

// A constant round a tensor, or with negative pads a tensor without its borders. Axes inside the innermost padded one join
// it, so that padding an image's borders copies whole rows; Halide splits the loops into border and middle.

namespace halcyon::kernels {
namespace {

bool matches(const Task& task, const TargetInfo&) {
    return task.operation.op == Op::pad && task.operand_count == 1 && !task.inputs.empty();
}

bool accepts(const Task& task, const Candidate& layouts) {
    return accepts_strided(task, layouts, task.operand_count);
}

bool is_padded(const Task& task, int axis) {
    const std::size_t item_axis = static_cast<std::size_t>(axis) - 1;
    return axis > 0 && (task.operation.pad_before.at(item_axis) != 0 || task.operation.pad_after.at(item_axis) != 0);
}

CollapsedTask collapsed(const Task& task, const Candidate& candidate) {
    return collapse_axes(task, candidate, [&](int outer, int inner) { return outer != 0 && !is_padded(task, inner); });
}

std::size_t vector_axis(const CollapsedTask& view) {
    return static_cast<std::size_t>(fastest_axis(view.task.output.shape, view.candidate.output.strides));
}

std::vector<ParameterSpace> space(const Task&, const Candidate&, const TargetInfo&) {
    return {{"vectors", {{1}, {4}}}};
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const CollapsedTask view = collapsed(task, candidate);
    return vectors_fit(candidate.value("vectors"), view.task.output.shape[vector_axis(view)], target);
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const CollapsedTask view = collapsed(task, candidate);
    const std::int64_t extent = view.task.output.shape[vector_axis(view)];
    const int lanes = fitting_lanes(extent, target), vectors = candidate.value("vectors");
    const std::int64_t tile = std::int64_t{lanes} * vectors;
    const double waste = static_cast<double>((extent + tile - 1) / tile * tile) / static_cast<double>(extent);
    const double elements = static_cast<double>(element_count(task.output.shape));
    return streaming_cost(task, target, elements * waste, 1.0 + 1.0 / vectors, lanes);
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily pad;
const KernelFamily pad{"pad", "A constant round all axes.", matches, accepts, space, legal, cost, build};

namespace {

/// inputs[0] as the output's axes see it: shifted by what is padded before, the pad value outside.
Halide::Expr padded_element(const Task& task, const CollapsedTask& view, const KernelBuilder& builder) {
    Halide::Func inside("inside");
    inside(halide_order(builder.axes())) = builder.input(0, builder.coordinates());
    Halide::Region bounds(view.groups.size());
    Coordinates source = builder.coordinates();
    bool padded = false;
    for (std::size_t axis = 0; axis < view.groups.size(); ++axis) {
        // Only the outermost of the joined axes is padded, by whole rows of the others.
        const int first = view.groups[axis].front();
        if (!is_padded(task, first)) continue;
        padded = true;
        const std::int64_t row =
            view.task.inputs[0].shape[axis] / task.inputs[0].shape[static_cast<std::size_t>(first)];
        source[axis] -= static_cast<int>(task.operation.pad_before[static_cast<std::size_t>(first) - 1] * row);
        bounds[bounds.size() - 1 - axis] = {0, static_cast<int>(view.task.inputs[0].shape[axis])};
    }
    if (!padded) return inside(halide_order(source));
    const Halide::Expr outside = static_cast<float>(task.operation.pad_value);
    return Halide::BoundaryConditions::constant_exterior(inside, outside, bounds)(halide_order(source));
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const CollapsedTask view = collapsed(task, candidate);
    const KernelBuilder builder(view.task, view.candidate, pad);
    Halide::Func output = builder.define_output(padded_element(task, view, builder));

    const Shape& shape = view.task.output.shape;
    const std::size_t vectorized = vector_axis(view);
    const Halide::Var& vector_var = builder.axes()[vectorized];
    std::vector<Loop> loops;  // outermost first
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (axis != vectorized) loops.push_back({builder.axes()[axis], shape[axis]});
    }
    const int lanes = fitting_lanes(shape[vectorized], target);
    loops.push_back(vectorize_axis(output, vector_var, shape[vectorized], lanes, candidate.value("vectors"),
                                   candidate.in_place >= 0));
    std::vector<Halide::VarOrRVar> order{Halide::Var(vector_var.name() + "i")};
    for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) order.emplace_back(loop->var);
    output.reorder(order);
    parallelize(output, loops, task);
    return builder.finish(output);
}

}  // namespace
}  // namespace halcyon::kernels
