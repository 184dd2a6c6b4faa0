#include <algorithm>
#include <functional>
#include <string>

#include <fmt/format.h>

#include "kernels/common/kernel_builder.h"
#include "kernels/common/streaming.h"
#include "kernels/kernel_family.h"

// An image of another size, the centres of its pixels aligned with the input's: the nearest pixel, or the line between the
// two around each place, axis by axis. Where each place lies is a small table per axis. Between rows first: a row of the
// input's width lies in the cache while all places of an output row are read from it.

namespace halcyon::kernels {
namespace {

bool matches(const Task& task, const TargetInfo&) {
    const Op op = task.operation.op;
    const std::size_t rank = task.output.shape.size();
    return (op == Op::resize_nearest || op == Op::resize_bilinear) && task.operand_count == 1 && rank >= 3 && rank <= 5;
}

bool accepts(const Task& task, const Candidate& layouts) {
    return accepts_strided(task, layouts, task.operand_count);
}

/// Channels, unless they are too few for a vector; then the last spatial axis.
std::size_t vector_axis(const Task& task, const TargetInfo& target) {
    const std::size_t last = task.output.shape.size() - 1;
    return 2 * task.output.shape[last] > target.vector_lanes ? last : last - 1;
}

std::vector<ParameterSpace> space(const Task&, const Candidate&, const TargetInfo&) {
    return {{"vectors", {{1}, {2}, {4}}}};
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    return vectors_fit(candidate.value("vectors"), task.output.shape[vector_axis(task, target)], target);
}

/// Whether an axis has another extent than before.
bool resizes(const Task& task, std::size_t axis) {
    return task.output.shape[axis] != task.inputs[0].shape[axis];
}

/// Whether rows of the input are lines between rows, and many of their places are read.
bool has_row(const Task& task) {
    const std::size_t x = task.output.shape.size() - 2;
    if (task.operation.op != Op::resize_bilinear || x < 2 || !resizes(task, x)) return false;
    bool between = false;
    for (std::size_t axis = 1; axis < x; ++axis) between = between || resizes(task, axis);
    return between && 2 * task.output.shape[x] >= task.inputs[0].shape[x];
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const std::size_t vectorized = vector_axis(task, target);
    const std::int64_t extent = task.output.shape[vectorized];
    const int lanes = fitting_lanes(extent, target), vectors = candidate.value("vectors");
    const std::int64_t tile = std::int64_t{lanes} * vectors;
    const double waste = static_cast<double>((extent + tile - 1) / tile * tile) / static_cast<double>(extent);
    double reads = 1.0;
    for (std::size_t axis = 1; axis + 1 < task.output.shape.size(); ++axis) {
        if (task.operation.op == Op::resize_bilinear && resizes(task, axis)) reads *= has_row(task) ? 1.5 : 2.0;
    }
    // Places along a row that is vectorized are gathered one by one.
    const double gather = vectorized + 1 == task.output.shape.size() ? 2.0 : lanes;
    const double elements = static_cast<double>(element_count(task.output.shape)) * waste;
    return streaming_cost(task, target, elements, reads * gather + 2.0 + 1.0 / vectors, lanes);
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily resize;
const KernelFamily resize{
    "resize", "An image of another size, nearest or bilinear.", matches, accepts, space, legal, cost, build};

namespace {

using Halide::Expr;
using Halide::Func;
using Halide::Var;

/// What an output axis reads: the first of two neighbours and how far the place lies towards the second.
struct Places {
    Func first, share;
};

/// Place o lies at (o + 1/2) * in / out - 1/2, in whole numbers ((2 o + 1) in - out) / (2 out).
Places places_of(const Task& task, std::size_t axis) {
    const std::int64_t in = task.inputs[0].shape[axis], out = task.output.shape[axis];
    const auto whole = [](std::int64_t number) { return Halide::cast<std::int64_t>(Expr(number)); };
    const Var o("o");
    const bool nearest = task.operation.op == Op::resize_nearest;
    const Expr place = (2 * Halide::cast<std::int64_t>(o) + 1) * whole(in) - (nearest ? whole(0) : whole(out));
    // Halide's division rounds down.
    Places places{Func(fmt::format("first{}", axis)), Func(fmt::format("share{}", axis))};
    places.first(o) = Halide::cast<int>(Halide::clamp(place / whole(2 * out), whole(0), whole(in - 1)));
    places.first.compute_root();
    if (nearest) return places;
    // Beyond the outermost centres the outermost pixel goes on.
    const Expr inside = Halide::clamp(place, whole(0), whole(2 * out * (in - 1)));
    places.share(o) = Halide::cast<float>(inside - Halide::cast<std::int64_t>(places.first(o)) * whole(2 * out)) /
                      static_cast<float>(2 * out);
    places.share.compute_root();
    return places;
}

using Reader = std::function<Expr(const Coordinates&)>;

/// `read` seen along one axis of the output.
Reader resized_along(const Task& task, std::size_t axis, const Reader& read) {
    if (!resizes(task, axis)) return read;
    const Places places = places_of(task, axis);
    const int last = static_cast<int>(task.inputs[0].shape[axis]) - 1;
    const bool nearest = task.operation.op == Op::resize_nearest;
    return [=](const Coordinates& at) {
        Coordinates low = at, high = at;
        low[axis] = Halide::clamp(places.first(at[axis]), 0, last);
        const Expr first = read(low);
        if (nearest) return first;
        high[axis] = Halide::min(low[axis] + 1, last);
        return first + places.share(at[axis]) * (read(high) - first);
    };
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const KernelBuilder builder(task, candidate, resize);
    const Shape& shape = task.output.shape;
    const std::size_t c = shape.size() - 1, x = c - 1, vectorized = vector_axis(task, target);
    const std::vector<Var>& axes = builder.axes();
    const int lanes = fitting_lanes(shape[vectorized], target), vectors = candidate.value("vectors");

    Reader read = [&](const Coordinates& at) { return builder.input(0, at); };
    for (std::size_t axis = 1; axis < x; ++axis) read = resized_along(task, axis, read);
    Func row("row");
    if (has_row(task)) {
        row(halide_order(axes)) = read(builder.coordinates());
        read = [=](const Coordinates& at) { return row(halide_order(at)); };
    }
    Func output = builder.define_output(resized_along(task, x, read)(builder.coordinates()));

    const Loop vector_loop =
        vectorize_axis(output, axes[vectorized], shape[vectorized], lanes, vectors, candidate.in_place >= 0);
    std::vector<Halide::VarOrRVar> order{Var(axes[vectorized].name() + "i")};
    std::vector<Loop> outer_loops;  // outermost first
    for (std::size_t axis = 0; axis < x; ++axis) outer_loops.push_back({axes[axis], shape[axis]});
    const Loop along_row = vectorized == x ? vector_loop : Loop{axes[x], shape[x]};
    if (vectorized == x) {
        order.emplace_back(axes[c]);
        if (shape[c] <= 4) output.bound(axes[c], 0, static_cast<int>(shape[c])).unroll(axes[c]);
    } else {
        order.emplace_back(vector_loop.var);
    }
    if (has_row(task))
        order.emplace_back(along_row.var);
    else
        outer_loops.push_back(along_row);
    for (auto loop = outer_loops.rbegin(); loop != outer_loops.rend(); ++loop) order.emplace_back(loop->var);
    output.reorder(order);
    const Var innermost = parallelize(output, outer_loops, task);
    if (has_row(task)) {
        row.compute_at(output, innermost);
        row.vectorize(axes[vectorized], lanes, Halide::TailStrategy::GuardWithIf);
    }
    return builder.finish(output);
}

}  // namespace
}  // namespace halcyon::kernels
