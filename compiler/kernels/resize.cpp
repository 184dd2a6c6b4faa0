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

// Along a row several vectors at a time would only be more code.
bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const std::size_t axis = vector_axis(task, target);
    const int vectors = candidate.value("vectors");
    if (axis + 1 < task.output.shape.size()) return vectors == 1;
    return vectors_fit(vectors, task.output.shape[axis], target);
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

/// How many places of an output row each pixel of a vectorized row becomes, if that is a small whole number; else 1. Then
/// neighbours read neighbours, and nothing needs to be gathered.
int whole_ratio(const Task& task, const TargetInfo& target) {
    const std::size_t x = task.output.shape.size() - 2;
    const std::int64_t in = task.inputs[0].shape[x], out = task.output.shape[x];
    const bool few = vector_axis(task, target) == x && task.output.shape.back() <= 4;
    return few && has_row(task) && out % in == 0 && out / in <= 4 ? static_cast<int>(out / in) : 1;
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const std::size_t vectorized = vector_axis(task, target);
    const std::int64_t extent = task.output.shape[vectorized];
    const int lanes = fitting_lanes(extent, target), vectors = candidate.value("vectors");
    const std::int64_t tile = std::int64_t{lanes} * vectors;
    const std::int64_t computed = (extent + tile - 1) / tile * tile;
    const double waste = static_cast<double>(computed) / static_cast<double>(extent);
    double reads = 1.0;
    for (std::size_t axis = 1; axis + 1 < task.output.shape.size(); ++axis) {
        if (task.operation.op == Op::resize_bilinear && resizes(task, axis)) reads *= has_row(task) ? 1.5 : 2.0;
    }
    // Places along a row that is vectorized are gathered one by one.
    const bool dense = vectorized + 1 == task.output.shape.size() || whole_ratio(task, target) > 1;
    const double gather = dense ? 2.0 : lanes;
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

/// Along the last spatial axis by a whole ratio: pixel q becomes the places ratio * q + p, each between q and a neighbour.
Expr resized_wholly(const Func& row, const Coordinates& at, std::size_t axis, int ratio) {
    const Expr q = at[axis] / ratio, p = at[axis] % ratio;
    const Expr before = Halide::select(2 * p + 1 < ratio, 1, 0);
    Coordinates low = at, high = at;
    low[axis] = q - before;
    high[axis] = q - before + 1;
    const Expr share = Halide::cast<float>(2 * p + 1 - ratio + 2 * ratio * before) / static_cast<float>(2 * ratio);
    const Expr first = row(halide_order(low));
    return first + share * (row(halide_order(high)) - first);
}

/// Vectors of pixels of a row, each with all its places and channels.
void schedule_wholly(Func output, const KernelBuilder& builder, const Candidate& candidate, Func row, int ratio,
                     int lanes) {
    const Shape& shape = builder.task().output.shape;
    const std::size_t c = shape.size() - 1, x = c - 1;
    const std::vector<Var>& axes = builder.axes();
    const Var q("q"), p("p"), qi("qi");
    const std::int64_t pixels = shape[x] / ratio;
    output.bound(axes[c], 0, static_cast<int>(shape[c]));
    output.split(axes[x], q, p, ratio, Halide::TailStrategy::RoundUp);
    output.split(q, q, qi, lanes,
                 pixels < lanes || candidate.in_place >= 0 ? Halide::TailStrategy::GuardWithIf
                                                           : Halide::TailStrategy::ShiftInwards);
    std::vector<Loop> rows;  // outermost first
    for (std::size_t axis = 0; axis < x; ++axis) rows.push_back({axes[axis], shape[axis]});
    std::vector<Halide::VarOrRVar> order{qi, axes[c], p, q};
    for (auto loop = rows.rbegin(); loop != rows.rend(); ++loop) order.emplace_back(loop->var);
    output.reorder(order);
    output.vectorize(qi).unroll(axes[c]).unroll(p);
    row.compute_at(output, parallelize(output, rows, builder.task()));
    row.reorder_storage(axes[x], axes[c]).reorder(axes[x], axes[c]);
    row.vectorize(axes[x], lanes, Halide::TailStrategy::GuardWithIf);
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
    if (const int ratio = whole_ratio(task, target); ratio > 1) {
        const int last = static_cast<int>(task.inputs[0].shape[x]) - 1;
        Coordinates at = builder.coordinates();
        at[x] = Halide::clamp(Halide::likely(at[x]), 0, last);
        row(halide_order(axes)) = read(at);
        Func output = builder.define_output(resized_wholly(row, builder.coordinates(), x, ratio));
        schedule_wholly(output, builder, candidate, row, ratio, fitting_lanes(last + 1, target));
        return builder.finish(output);
    }
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
        // Channels apart, so that a row that is vectorized along itself is written in whole vectors.
        if (vectorized == x) row.reorder_storage(axes[x], axes[c]).reorder(axes[x], axes[c]);
        row.vectorize(axes[vectorized], lanes, Halide::TailStrategy::GuardWithIf);
    }
    return builder.finish(output);
}

}  // namespace
}  // namespace halcyon::kernels
