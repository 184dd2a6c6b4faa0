#include "kernels/kernel_family.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "kernels/common/collapse_axes.h"
#include "kernels/common/kernel_builder.h"
#include "kernels/common/streaming.h"

// Means, sums and extremes over some axes. Sums go in two steps, pieces of the innermost reduced axis and then the pieces, so
// that as few numbers as possible are rounded to the precision of the whole. Where neighbours in memory survive (channels last), vectors of them are
// accumulated while the image streams by; where they are reduced, each lane takes an equal share of the elements.

namespace halcyon::kernels {
namespace {

bool is_reduced(const Task& task, int axis) {
    return std::find(task.operation.axes.begin(), task.operation.axes.end(), axis - 1) != task.operation.axes.end();
}

bool matches(const Task& task, const TargetInfo&) {
    switch (task.operation.op) {
    case Op::reduce_mean:
    case Op::reduce_max:
    case Op::reduce_min:
    case Op::reduce_sum: return task.operand_count == 1 && !task.inputs.empty();
    default: return false;
    }
}

bool accepts(const Task& task, const Candidate& layouts) {
    return accepts_strided(task, layouts, task.operand_count);
}

/// The shape and strides of an operand of the output's rank, with an extent of 1 for each reduced axis that it dropped.
void keep_axes(const Task& task, Shape& shape, std::vector<std::int64_t>& strides) {
    for (std::size_t axis = 0; axis < task.inputs[0].shape.size(); ++axis) {
        if (!is_reduced(task, static_cast<int>(axis))) continue;
        shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
        strides.insert(strides.begin() + static_cast<std::ptrdiff_t>(axis), 0);
    }
}

/// The task with reduced axes kept as extents of 1, in as few axes as its layouts allow.
CollapsedTask collapsed(const Task& task, const Candidate& candidate) {
    Task kept = task;
    Candidate layouts = candidate;
    if (task.output.shape.size() != task.inputs[0].shape.size()) {
        keep_axes(task, kept.output.shape, layouts.output.strides);
        for (std::size_t i = 1; i < kept.inputs.size(); ++i)
            keep_axes(task, kept.inputs[i].shape, layouts.inputs[i].strides);
        for (Shape& constant : kept.constants) {
            // The batch stands for itself in front of the item's axes while those are being widened.
            const std::size_t missing = task.output.shape.size() - constant.size();
            constant.insert(constant.begin(), missing, 1);
            std::vector<std::int64_t> unused(constant.size());
            keep_axes(task, constant, unused);
        }
    }
    return collapse_axes(kept, layouts, [&](int outer, int inner) {
        return outer != 0 && is_reduced(task, outer) == is_reduced(task, inner);
    });
}

/// The axes of a collapsed task by what happens to them.
struct Axes {
    std::vector<std::size_t> reduced;  ///< the one that is fastest in memory last
    int lanes_axis = 0;                ///< the axis that is vectorized
    bool lanes_reduced = false;
};

Axes axes_of(const Task& task, const CollapsedTask& view) {
    Axes axes;
    const std::vector<std::int64_t>& strides = view.candidate.inputs[0].strides;
    for (std::size_t axis = 0; axis < view.groups.size(); ++axis) {
        if (is_reduced(task, view.groups[axis].front()) && view.task.inputs[0].shape[axis] > 1)
            axes.reduced.push_back(axis);
    }
    std::stable_sort(axes.reduced.begin(), axes.reduced.end(),
                     [&](std::size_t a, std::size_t b) { return std::abs(strides[a]) > std::abs(strides[b]); });
    axes.lanes_axis = fastest_axis(view.task.inputs[0].shape, strides);
    axes.lanes_reduced = !axes.reduced.empty() && axes.reduced.back() == static_cast<std::size_t>(axes.lanes_axis);
    return axes;
}

std::vector<ParameterSpace> space(const Task&, const Candidate&, const TargetInfo&) {
    return {{"vectors", {{1}, {2}, {4}, {8}}}};
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const CollapsedTask view = collapsed(task, candidate);
    const Axes axes = axes_of(task, view);
    const std::int64_t extent = view.task.inputs[0].shape[static_cast<std::size_t>(axes.lanes_axis)];
    const int vectors = candidate.value("vectors");
    return vectors_fit(vectors, extent, target);
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const CollapsedTask view = collapsed(task, candidate);
    const Axes axes = axes_of(task, view);
    const std::int64_t extent = view.task.inputs[0].shape[static_cast<std::size_t>(axes.lanes_axis)];
    const int lanes = fitting_lanes(extent, target), vectors = candidate.value("vectors");
    const std::int64_t tile = std::int64_t{lanes} * vectors;
    const double waste = static_cast<double>((extent + tile - 1) / tile * tile) / static_cast<double>(extent);
    const double elements = static_cast<double>(element_count(task.inputs[0].shape)) * waste;
    // One accumulator alone waits for itself, four cycles an addition.
    const double operations = 1.0 + 8.0 / vectors;
    return streaming_cost(task, target, elements, operations, lanes);
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily reduce;
const KernelFamily reduce{
    "reduce", "Mean, sum, largest or smallest element over axes.", matches, accepts, space, legal, cost, build};

namespace {

using Halide::Expr;
using Halide::Func;

double neutral_element(Op op) {
    if (op == Op::reduce_max) return std::numeric_limits<float>::lowest();
    return op == Op::reduce_min ? std::numeric_limits<float>::max() : 0.0;
}

Expr combined(Op op, const Expr& a, const Expr& b) {
    if (op == Op::reduce_max) return Halide::max(a, b);
    return op == Op::reduce_min ? Halide::min(a, b) : a + b;
}

/// How long the pieces are that so many steps are added up in: near the square root, which adds fewest numbers one after the
/// other, and a divisor where there is one.
int piece_of(Op op, int steps) {
    const bool rounds = op == Op::reduce_sum || op == Op::reduce_mean;
    if (!rounds || steps <= 16) return steps;
    const int root = static_cast<int>(std::ceil(std::sqrt(steps)));
    for (int length = root; length <= 2 * root; ++length) {
        if (steps % length == 0) return length;
    }
    return root;
}

/// The loops over reduced axes: `row` runs along a piece of the innermost one and has an axis for each of `outer`'s;
/// `whole` adds up the rows. Where lanes are reduced both have an axis of lanes in front.
struct Accumulation {
    Func row{"row"}, whole{"whole"};
    Halide::RDom steps, outer;
};

struct Lanes {
    bool reduced = false;
    int width = 1;  ///< if reduced: how many accumulators lie side by side
    Halide::Var var{"lane"};
};

Accumulation accumulate(const KernelBuilder& builder, const Axes& axes, const Lanes& lanes) {
    const Task& task = builder.task();
    const Op op = task.operation.op;
    const Expr neutral = static_cast<float>(neutral_element(op));
    const auto extent_of = [&](std::size_t axis) { return static_cast<int>(task.inputs[0].shape[axis]); };
    const std::size_t inner = axes.reduced.back();
    const int steps = extent_of(inner) / lanes.width, rest = extent_of(inner) % lanes.width;
    const int length = piece_of(op, steps), pieces = steps == 0 ? 0 : (steps + length - 1) / length;
    Accumulation result;

    // Pieces of the innermost axis come first, then the other axes outwards.
    Halide::Region bounds;
    if (pieces > 1) bounds.push_back({0, pieces});
    for (std::size_t i = axes.reduced.size() - 1; i-- > 0;) bounds.push_back({0, extent_of(axes.reduced[i])});
    if (!bounds.empty()) result.outer = Halide::RDom(bounds, "rows");
    result.steps = Halide::RDom(0, length, "steps");

    std::vector<Halide::Var> whole_axes = halide_order(builder.axes());
    if (lanes.reduced) whole_axes.insert(whole_axes.begin(), lanes.var);
    std::vector<Halide::Var> row_axes = whole_axes;
    std::vector<Expr> row_at(whole_axes.begin(), whole_axes.end());
    for (int i = 0; i < static_cast<int>(bounds.size()); ++i) {
        row_axes.emplace_back(fmt::format("row{}", i));
        row_at.emplace_back(result.outer[i]);
    }

    const Expr piece = pieces > 1 ? Expr(row_axes[whole_axes.size()]) : Expr(0);
    Coordinates source = builder.coordinates();
    for (std::size_t i = axes.reduced.size() - 1, next = whole_axes.size() + (pieces > 1 ? 1 : 0); i-- > 0; ++next) {
        source[axes.reduced[i]] = row_axes[next];
    }
    const Expr step = piece * length + result.steps;
    if (pieces * length > steps) result.steps.where(step < steps);
    Expr start = neutral;
    if (rest > 0) {
        // What is left over of the innermost axis goes to the first lanes, before anything else.
        source[inner] = Halide::min(steps * lanes.width + lanes.var, extent_of(inner) - 1);
        start = Halide::select(lanes.var < rest && piece == 0, builder.input(0, source), neutral);
    }
    source[inner] = lanes.reduced ? step * lanes.width + lanes.var : step;
    result.row(row_axes) = start;
    result.row(row_axes) = combined(op, result.row(row_axes), builder.input(0, source));
    if (bounds.empty()) {
        result.whole = result.row;
    } else {
        result.whole(whole_axes) = neutral;
        result.whole(whole_axes) = combined(op, result.whole(whole_axes), result.row(row_at));
    }
    return result;
}

/// Keeps the accumulators of one vectorized tile together while the reduced axes pass.
void schedule(Accumulation& sums, const Halide::Var& axis, int lanes, bool unrolled) {
    const auto vectorized = [&](Halide::Stage stage) {
        if (lanes > 1) stage.vectorize(axis, lanes, Halide::TailStrategy::GuardWithIf);
        if (unrolled) stage.unroll(axis);
    };
    const auto accumulated = [&](Func stage, const Halide::RDom& domain) {
        vectorized(stage);
        vectorized(stage.update());
        std::vector<Halide::VarOrRVar> order{axis};
        for (int i = 0; i < domain.dimensions(); ++i) order.emplace_back(domain[i]);
        stage.update().reorder(order);
    };
    if (sums.outer.defined()) {
        accumulated(sums.whole, sums.outer);
        sums.row.compute_at(sums.whole, sums.outer[0]);
    }
    accumulated(sums.row, sums.steps);
}

/// Threads share out the rows, which are parts of the image as the kernel before this one shared them out: each adds up what lies
/// in its cache. The sums of rows are a pass of their own, few numbers.
void share_rows(Accumulation& sums, const Halide::Var& axis, int lanes, int vectors) {
    Func rows = sums.row.in(sums.whole);
    const Halide::Var outer("outer"), inner("inner");
    std::vector<Halide::VarOrRVar> order{inner, outer};
    for (const Halide::Var& other : rows.args()) {
        if (other.name() != axis.name()) order.emplace_back(other);
    }
    rows.compute_root().split(axis, outer, inner, lanes * vectors, Halide::TailStrategy::ShiftInwards).reorder(order);
    if (lanes > 1) rows.vectorize(inner, lanes);
    rows.unroll(inner).parallel(rows.args().back());
    sums.row.compute_at(rows, outer);
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const CollapsedTask view = collapsed(task, candidate);
    const Axes axes = axes_of(task, view);
    const KernelBuilder builder(view.task, view.candidate, reduce);
    const Coordinates at = builder.coordinates();
    const std::size_t fastest = static_cast<std::size_t>(axes.lanes_axis);
    const std::int64_t extent = view.task.inputs[0].shape[fastest];
    const int vectors = candidate.value("vectors");
    int width = fitting_lanes(extent, target);
    if (axes.lanes_reduced && width > extent) width /= 2;

    const Lanes lanes{axes.lanes_reduced, axes.lanes_reduced ? width * vectors : 1};
    Accumulation sums;
    Func across("across");
    const Halide::RDom all_lanes(0, lanes.width, "lanes");
    Expr result = axes.reduced.empty() ? builder.input(0, at) : Expr();
    if (!axes.reduced.empty()) {
        sums = accumulate(builder, axes, lanes);
        std::vector<Expr> here = halide_order(at);
        if (lanes.reduced) {
            std::vector<Expr> lane_here = here;
            lane_here.insert(lane_here.begin(), all_lanes.x);
            across(here) = static_cast<float>(neutral_element(task.operation.op));
            across(here) = combined(task.operation.op, across(here), sums.whole(lane_here));
            result = across(here);
        } else {
            result = sums.whole(here);
        }
    }
    if (task.operation.op == Op::reduce_mean) {
        const double count = static_cast<double>(element_count(view.task.inputs[0].shape)) /
                             static_cast<double>(element_count(view.task.output.shape));
        result = result * static_cast<float>(1.0 / count);
    }
    Func output = builder.define_output(result);

    std::vector<Loop> loops;  // outermost first
    for (std::size_t axis = 0; axis < at.size(); ++axis) {
        if (lanes.reduced || axis != fastest) loops.push_back({builder.axes()[axis], view.task.output.shape[axis]});
    }
    std::vector<Halide::VarOrRVar> order;
    if (!lanes.reduced) {
        const Halide::Var& axis = builder.axes()[fastest];
        loops.push_back(vectorize_axis(output, axis, extent, width, vectors, candidate.in_place >= 0));
        order.emplace_back(Halide::Var(axis.name() + "i"));
    }
    for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) order.emplace_back(loop->var);
    output.reorder(order);
    const bool shares_rows =
        !lanes.reduced && sums.outer.defined() && worth_threads(task) && candidate.in_place < 0 &&
        std::all_of(loops.begin(), loops.end() - 1, [](const Loop& loop) { return loop.extent == 1; });
    Task rest = task;
    if (shares_rows) rest.threads = 1;
    const Halide::Var innermost = parallelize(output, loops, rest);

    if (lanes.reduced) {
        across.compute_at(output, innermost).update().atomic().vectorize(all_lanes.x, lanes.width);
        sums.whole.compute_at(output, innermost);
        schedule(sums, lanes.var, width, vectors > 1);
    } else if (!axes.reduced.empty()) {
        sums.whole.compute_at(output, innermost);
        schedule(sums, builder.axes()[fastest], width, vectors > 1 && candidate.in_place < 0);
        if (shares_rows) share_rows(sums, builder.axes()[fastest], width, vectors);
    }
    return builder.finish(output);
}

}  // namespace
}  // namespace halcyon::kernels
