#include "kernels/kernel_family.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <string>

#include "kernels/common/collapse_axes.h"
#include "kernels/common/kernel_builder.h"
#include "kernels/common/streaming.h"

// exp(x - max) / sum, row by row in the cache: the largest element, the exponentials and their sum, the quotients. Along the
// fastest axis in memory each lane takes every W-th element of the row; along another axis each lane is a row of its own.

namespace halcyon::kernels {
namespace {

bool matches(const Task& task, const TargetInfo&) {
    return task.operation.op == Op::softmax && task.operand_count == 1 && !task.inputs.empty();
}

bool accepts(const Task& task, const Candidate& layouts) {
    return accepts_strided(task, layouts, task.operand_count);
}

int softmax_axis(const Task& task) {
    return task.operation.axes.at(0) + 1;
}

CollapsedTask collapsed(const Task& task, const Candidate& candidate) {
    const int axis = softmax_axis(task);
    return collapse_axes(task, candidate,
                         [=](int outer, int inner) { return outer != 0 && outer != axis && inner != axis; });
}

std::size_t vector_axis(const CollapsedTask& view) {
    return static_cast<std::size_t>(fastest_axis(view.task.output.shape, view.candidate.output.strides));
}

std::vector<ParameterSpace> space(const Task&, const Candidate&, const TargetInfo&) {
    return {{"vectors", {{1}, {2}, {4}}}};
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
    const double elements = static_cast<double>(element_count(task.output.shape));
    const double waste = static_cast<double>((extent + tile - 1) / tile * tile) / static_cast<double>(extent);
    // Maximum and sum wait for themselves if there is only one of each; then each row joins its lanes.
    const double rows = view.axis_of(softmax_axis(task)) == static_cast<int>(vector_axis(view))
                            ? elements / static_cast<double>(extent)
                            : 0.0;
    return streaming_cost(task, target, elements * waste, 20.0 + 8.0 / vectors, lanes) +
           (20.0 + 20.0 * vectors) * rows / 1e9;
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily softmax;
const KernelFamily softmax{
    "softmax", "Exponentials that add up to 1 along an axis.", matches, accepts, space, legal, cost, build};

namespace {

using Halide::Expr;
using Halide::Func;
using Halide::Var;

/// The largest element or the sum of a function along one axis, as a function of the other axes. With a width beyond 1 that
/// many lanes each combine every width-th element before they are combined.
struct Combination {
    Func lanes, whole;
    Halide::RDom steps, all_lanes;
};

/// `along` is a position in `axes`, which are in Halide's order.
Combination combine(const std::string& name, bool largest, const std::vector<Var>& axes, std::size_t along, int extent,
                    int width, const Var& lane, const std::function<Expr(const std::vector<Expr>&)>& f) {
    Combination result{Func(name + "_lanes"), Func(name), Halide::RDom(0, extent / width, name + "_steps"),
                       Halide::RDom(0, width, name + "_all")};
    const auto combined = [&](const Expr& a, const Expr& b) { return largest ? Halide::max(a, b) : a + b; };
    const Expr neutral = largest ? std::numeric_limits<float>::lowest() : 0.0f;
    std::vector<Expr> at(axes.begin(), axes.end());
    std::vector<Var> others = axes;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(along));
    std::vector<Var> lane_axes = others;
    lane_axes.insert(lane_axes.begin(), lane);

    // What is left over goes to the first lanes, before anything else.
    const int whole_steps = extent / width * width;
    at[along] = Halide::min(whole_steps + lane, extent - 1);
    result.lanes(lane_axes) =
        whole_steps < extent ? Halide::select(whole_steps + lane < extent, f(at), neutral) : neutral;
    at[along] = result.steps * width + lane;
    result.lanes(lane_axes) = combined(result.lanes(lane_axes), f(at));

    std::vector<Expr> joined(others.begin(), others.end());
    joined.insert(joined.begin(), Expr(result.all_lanes));
    result.whole(others) = neutral;
    result.whole(others) = combined(result.whole(others), result.lanes(joined));
    return result;
}

void schedule(Combination& combination, const Func& output, const Var& at, const Var& axis, int lanes) {
    combination.lanes.compute_at(output, at);
    combination.whole.compute_at(output, at);
    const auto vectorized = [&](Halide::Stage stage) {
        if (lanes > 1) stage.vectorize(axis, lanes, Halide::TailStrategy::GuardWithIf);
    };
    vectorized(combination.lanes);
    vectorized(combination.lanes.update());
    combination.lanes.update().reorder(axis, combination.steps.x);
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const CollapsedTask view = collapsed(task, candidate);
    const KernelBuilder builder(view.task, view.candidate, softmax);
    const std::vector<Var> axes = halide_order(builder.axes());
    const Shape& shape = view.task.output.shape;
    const std::size_t vectorized = vector_axis(view);
    const int own_axis = view.axis_of(softmax_axis(task));
    const bool alone = own_axis < 0 || shape[static_cast<std::size_t>(own_axis)] == 1;

    const int vectors = candidate.value("vectors");
    const int lanes = fitting_lanes(shape[vectorized], target);
    const Var lane("lane"), vector_var = builder.axes()[vectorized];
    Combination largest, sum;
    Func exponential("exponential");
    bool along_lanes = false;
    int width = 1;
    Expr result = 1.0f;
    if (!alone) {
        const std::size_t along = shape.size() - 1 - static_cast<std::size_t>(own_axis);
        const int extent = static_cast<int>(shape[static_cast<std::size_t>(own_axis)]);
        along_lanes = static_cast<std::size_t>(own_axis) == vectorized;
        if (along_lanes) width = (lanes > extent ? lanes / 2 : lanes) * vectors;
        std::vector<Expr> here(axes.begin(), axes.end()), others = here;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(along));
        largest = combine("largest", true, axes, along, extent, width, lane, [&](const std::vector<Expr>& at) {
            return builder.input(0, Coordinates(at.rbegin(), at.rend()));
        });
        exponential(axes) = Halide::exp(builder.input(0, builder.coordinates()) - largest.whole(others));
        sum = combine("sum", false, axes, along, extent, width, lane,
                      [&](const std::vector<Expr>& at) { return exponential(at); });
        result = exponential(here) * (1.0f / sum.whole(others));
    }
    Func output = builder.define_output(result);

    std::vector<Loop> rows;  // outermost first
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (axis != vectorized && static_cast<int>(axis) != own_axis)
            rows.push_back({builder.axes()[axis], shape[axis]});
    }
    const Loop vector_loop =
        vectorize_axis(output, vector_var, shape[vectorized], lanes, vectors, candidate.in_place >= 0);
    std::vector<Halide::VarOrRVar> inside{Var(vector_var.name() + "i")};
    if (along_lanes) {
        inside.emplace_back(vector_loop.var);
    } else {
        if (!alone) inside.emplace_back(builder.axes()[static_cast<std::size_t>(own_axis)]);
        rows.push_back(vector_loop);
    }
    // A row alone in its kernel still needs a loop to be computed in.
    const Var single("single");
    if (rows.empty()) {
        output.split(vector_loop.var, single, vector_loop.var, static_cast<int>(vector_loop.extent));
        rows.push_back({single, 1});
    }
    for (const Loop& row : rows) inside.emplace_back(row.var);
    std::reverse(inside.end() - static_cast<std::ptrdiff_t>(rows.size()), inside.end());
    output.reorder(inside);
    const Var innermost = parallelize(output, rows, task);
    if (alone) return builder.finish(output);

    const Var& lanes_axis = along_lanes ? lane : vector_var;
    const int row_lanes = along_lanes ? width / vectors : lanes;
    schedule(largest, output, innermost, lanes_axis, row_lanes);
    schedule(sum, output, innermost, lanes_axis, row_lanes);
    exponential.compute_at(output, innermost).vectorize(vector_var, lanes, Halide::TailStrategy::GuardWithIf);
    if (along_lanes) {
        largest.whole.update().atomic().vectorize(largest.all_lanes.x, width);
        sum.whole.update().atomic().vectorize(sum.all_lanes.x, width);
    } else {
        for (Combination* combination : {&largest, &sum}) {
            combination->whole.vectorize(vector_var, lanes, Halide::TailStrategy::GuardWithIf);
            combination->whole.update().vectorize(vector_var, lanes, Halide::TailStrategy::GuardWithIf);
        }
    }
    return builder.finish(output);
}

}  // namespace
}  // namespace halcyon::kernels
