#include "kernels/kernel_family.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "kernels/common/kernel_builder.h"
#include "kernels/common/streaming.h"

// Pooling. The image is read through a function that is the neutral element outside, without a padded copy: Halide splits the
// loops into a middle, where nothing is checked, and edges. Small windows are one expression of all their taps; large ones are
// loops over an accumulator of one tile.

namespace halcyon::kernels {
namespace {

/// Up to 5x5; beyond it loops cost little and straight-line code much.
constexpr std::int64_t unrolled_taps = 25;

bool matches(const Task& task, const TargetInfo&) {
    const std::size_t spatial = task.operation.window.size.size();
    return (task.operation.op == Op::max_pool || task.operation.op == Op::average_pool) && task.operand_count == 1 &&
           spatial >= 1 && spatial <= 3 && task.output.shape.size() == spatial + 2;
}

bool accepts(const Task& task, const Candidate& layouts) {
    return accepts_strided(task, layouts, task.operand_count);
}

std::int64_t taps(const Task& task) {
    return element_count(task.operation.window.size);
}

/// Channels, unless there is only one; then the last spatial axis.
std::size_t vector_axis(const Task& task) {
    const std::size_t last = task.output.shape.size() - 1;
    return task.output.shape[last] > 1 ? last : last - 1;
}

/// The axis that is tiled but not vectorized.
std::size_t tiled_axis(const Task& task) {
    return vector_axis(task) - 1;
}

/// How many neighbours along the tiled axis share their reads, and how many vectors lie side by side.
std::vector<ParameterSpace> space(const Task&, const Candidate&, const TargetInfo&) {
    return {{"tile", {{1, 1}, {2, 1}, {4, 1}, {1, 2}, {1, 4}, {2, 2}}}};
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const std::int64_t across = candidate.values("tile").at(0), vectors = candidate.values("tile").at(1);
    const std::int64_t extent = task.output.shape[vector_axis(task)], rows = task.output.shape[tiled_axis(task)];
    if (!vectors_fit(vectors, extent, target)) return false;
    if (across > 1 && (across > rows || tiled_axis(task) == 0)) return false;
    if (taps(task) > unrolled_taps) return across == 1;
    // Straight-line code of more than about a hundred reads compiles slowly and runs no faster.
    if (across * vectors * taps(task) > 100 && across * vectors > 1) return false;
    // At padded edges LLVM may add in another order, so no two threads may compute the same average.
    const bool sums = task.operation.op == Op::average_pool;
    return (candidate.in_place < 0 && !(sums && worth_threads(task))) || rows % across == 0;
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const std::int64_t extent = task.output.shape[vector_axis(task)], rows = task.output.shape[tiled_axis(task)];
    const int lanes = fitting_lanes(extent, target);
    const auto waste = [](std::int64_t whole, std::int64_t tile) {
        return static_cast<double>((whole + tile - 1) / tile * tile) / static_cast<double>(whole);
    };
    const std::int64_t across = candidate.values("tile").at(0), vectors = candidate.values("tile").at(1);
    const double elements =
        static_cast<double>(element_count(task.output.shape)) * waste(extent, lanes * vectors) * waste(rows, across);
    // Neighbours share the columns that overlap; a loop's overhead is about two operations.
    const double size = static_cast<double>(task.operation.window.size.back());
    const double step = std::min(size, static_cast<double>(task.operation.window.stride.back()));
    const double reads = (size + step * static_cast<double>(across - 1)) / (size * static_cast<double>(across));
    const double operations =
        static_cast<double>(taps(task)) * (1.0 + reads) + 2.0 / static_cast<double>(across * vectors);
    return streaming_cost(task, target, elements, operations, lanes);
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily pool;
const KernelFamily pool{"pool", "Largest or mean element of a sliding window.", matches, accepts, space, legal, cost,
                        build};

namespace {

using Halide::Expr;
using Halide::Func;

/// Where tap number `tap` (per spatial axis) of the window at `at` lies in the image.
Coordinates source_of(const Window& window, const Coordinates& at, const std::vector<Expr>& tap) {
    Coordinates source = at;
    for (std::size_t axis = 0; axis < window.size.size(); ++axis) {
        source[axis + 1] = at[axis + 1] * static_cast<int>(window.stride[axis]) +
                           tap[axis] * static_cast<int>(window.dilation[axis]) -
                           static_cast<int>(window.pad_before[axis]);
    }
    return source;
}

bool reaches_outside(const Task& task, std::size_t axis) {
    const Window& window = task.operation.window;
    const std::int64_t last = (task.output.shape[axis + 1] - 1) * window.stride[axis] +
                              (window.size[axis] - 1) * window.dilation[axis] - window.pad_before[axis];
    return window.pad_before[axis] > 0 || last >= task.inputs[0].shape[axis + 1];
}

/// One over the number of taps inside the image along one axis, as a small table; 0 if there are none.
Func share_inside(const Task& task, std::size_t axis) {
    const Window& window = task.operation.window;
    const int size = static_cast<int>(window.size[axis]), step = static_cast<int>(window.dilation[axis]);
    const int extent = static_cast<int>(task.inputs[0].shape[axis + 1]);
    const Halide::Var at("at");
    const Expr first = at * static_cast<int>(window.stride[axis]) - static_cast<int>(window.pad_before[axis]);
    // Halide's division rounds down.
    const Expr skipped = Halide::max((step - 1 - first) / step, 0);
    const Expr reached = Halide::min((extent - 1 - first) / step, size - 1);
    const Expr count = reached - skipped + 1;
    Func share(fmt::format("share{}", axis));
    share(at) = Halide::select(count > 0, 1.0f / Halide::cast<float>(Halide::max(count, 1)), 0.0f);
    share.compute_root();
    return share;
}

/// What the sum over the window is multiplied by to give the mean.
Expr share_at(const Task& task, const Coordinates& at) {
    double inside = 1.0;
    Expr share;
    for (std::size_t axis = 0; axis < task.operation.window.size.size(); ++axis) {
        if (!reaches_outside(task, axis)) {
            inside *= static_cast<double>(task.operation.window.size[axis]);
            continue;
        }
        const Expr factor = share_inside(task, axis)(at[axis + 1]);
        share = share.defined() ? share * factor : factor;
    }
    const Expr constant = static_cast<float>(1.0 / inside);
    return share.defined() ? share * constant : constant;
}

double neutral_element(const Task& task) {
    if (task.operation.op == Op::average_pool) return 0.0;
    return task.operation.has_pad_value ? task.operation.pad_value : std::numeric_limits<float>::lowest();
}

Expr combined(const Task& task, const Expr& a, const Expr& b) {
    return task.operation.op == Op::max_pool ? Halide::max(a, b) : a + b;
}

/// The window as one expression: rows first, so that sums of many elements stay exact.
Expr all_taps(const Task& task, const Func& image, const Coordinates& at, std::vector<Expr> chosen = {}) {
    const Window& window = task.operation.window;
    if (chosen.size() == window.size.size()) return image(halide_order(source_of(window, at, chosen)));
    Expr result;
    chosen.emplace_back();
    for (int tap = 0; tap < static_cast<int>(window.size[chosen.size() - 1]); ++tap) {
        chosen.back() = tap;
        const Expr part = all_taps(task, image, at, chosen);
        result = result.defined() ? combined(task, result, part) : part;
    }
    return result;
}

/// Loops over the window: the taps of a row into `row`, which has an axis for every window axis before the last, and those
/// into `whole`; without such axes the row is the whole.
struct LargeWindow {
    Func whole{"whole"}, row{"row"};
    Halide::RDom rows, columns;
};

LargeWindow large_window(const KernelBuilder& builder, const Func& image) {
    const Task& task = builder.task();
    const Window& window = task.operation.window;
    const Coordinates at = builder.coordinates();
    const Coordinates here = halide_order(at);
    const Expr start = static_cast<float>(neutral_element(task));
    LargeWindow result;

    Halide::Region outer;  // the last of them innermost
    for (std::size_t axis = 0; axis + 1 < window.size.size(); ++axis) {
        outer.insert(outer.begin(), {0, static_cast<int>(window.size[axis])});
    }
    if (!outer.empty()) result.rows = Halide::RDom(outer, "rows");
    result.columns = Halide::RDom(0, static_cast<int>(window.size.back()), "columns");

    std::vector<Halide::Var> row_axes = halide_order(builder.axes());
    std::vector<Expr> row_here = here, tap;
    for (int axis = 0; axis < static_cast<int>(outer.size()); ++axis) {
        row_axes.emplace_back(fmt::format("tap{}", axis));
        tap.emplace_back(row_axes.back());
        row_here.emplace_back(result.rows[static_cast<int>(outer.size()) - 1 - axis]);
    }
    tap.emplace_back(result.columns);
    result.row(row_axes) = start;
    result.row(row_axes) = combined(task, result.row(row_axes), image(halide_order(source_of(window, at, tap))));
    if (outer.empty()) {
        result.whole = result.row;
    } else {
        result.whole(here) = start;
        result.whole(here) = combined(task, result.whole(here), result.row(row_here));
    }
    return result;
}

void schedule(LargeWindow& window, const Func& output, const Halide::Var& at, const Halide::Var& axis, int lanes,
              bool unrolled) {
    const auto vectorized = [&](Halide::Stage stage) {
        stage.vectorize(axis, lanes, Halide::TailStrategy::GuardWithIf);
        if (unrolled) stage.unroll(axis);
    };
    const auto accumulated = [&](Func stage, const Halide::RDom& taps) {
        vectorized(stage);
        vectorized(stage.update());
        std::vector<Halide::VarOrRVar> order{axis};
        for (int i = 0; i < taps.dimensions(); ++i) order.emplace_back(taps[i]);
        stage.update().reorder(order);
    };
    window.whole.compute_at(output, at);
    if (window.rows.defined()) {
        accumulated(window.whole, window.rows);
        window.row.compute_at(window.whole, window.rows[0]);
    }
    accumulated(window.row, window.columns);
}

/// inputs[0], and the neutral element beyond it along the axes where the window reaches there.
Func image_of(const KernelBuilder& builder) {
    const Task& task = builder.task();
    Func inside("inside"), image("image");
    inside(halide_order(builder.axes())) = builder.input(0, builder.coordinates());
    Halide::Region bounds(task.output.shape.size());
    bool padded = false;
    for (std::size_t axis = 0; axis < task.operation.window.size.size(); ++axis) {
        if (!reaches_outside(task, axis)) continue;
        bounds[bounds.size() - 2 - axis] = {0, static_cast<int>(task.inputs[0].shape[axis + 1])};
        padded = true;
    }
    if (!padded) return inside;
    image(halide_order(builder.axes())) = Halide::BoundaryConditions::constant_exterior(
        inside, static_cast<float>(neutral_element(task)), bounds)(halide_order(builder.axes()));
    return image;
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const KernelBuilder builder(task, candidate, pool);
    const Coordinates at = builder.coordinates();
    const Func image = image_of(builder);
    const bool large = taps(task) > unrolled_taps;
    LargeWindow window;
    Expr result;
    if (large) {
        window = large_window(builder, image);
        result = window.whole(halide_order(at));
    } else {
        result = all_taps(task, image, at);
    }
    if (task.operation.op == Op::average_pool) result = result * share_at(task, at);
    Func output = builder.define_output(result);

    const std::size_t vectorized = vector_axis(task), tiled = tiled_axis(task);
    const int lanes = fitting_lanes(task.output.shape[vectorized], target);
    const int across = candidate.values("tile").at(0), vectors = candidate.values("tile").at(1);
    const Halide::Var& axis = builder.axes()[vectorized];
    const Loop vector_loop =
        vectorize_axis(output, axis, task.output.shape[vectorized], lanes, vectors, candidate.in_place >= 0);
    std::vector<Halide::VarOrRVar> order{Halide::Var(axis.name() + "i")};

    std::vector<Loop> outer_loops;
    for (std::size_t i = 0; i < tiled; ++i) outer_loops.push_back({builder.axes()[i], task.output.shape[i]});
    Loop tiled_loop{builder.axes()[tiled], task.output.shape[tiled]};
    if (across > 1) {
        const Halide::Var outer("tileo"), inner("tilei");
        output.split(tiled_loop.var, outer, inner, across, Halide::TailStrategy::ShiftInwards).unroll(inner);
        order.emplace_back(inner);
        tiled_loop = {outer, (tiled_loop.extent + across - 1) / across};
    }
    outer_loops.push_back(tiled_loop);
    outer_loops.push_back(vector_loop);
    if (vectorized + 1 < task.output.shape.size()) outer_loops.push_back({builder.axes().back(), 1});
    for (auto loop = outer_loops.rbegin(); loop != outer_loops.rend(); ++loop) order.emplace_back(loop->var);
    output.reorder(order);
    const Halide::Var innermost = parallelize(output, outer_loops, task);
    if (large) schedule(window, output, innermost, axis, lanes, vectors > 1 && candidate.in_place < 0);
    return builder.finish(output);
}

}  // namespace
}  // namespace halcyon::kernels
