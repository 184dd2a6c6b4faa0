#include "kernels/kernel_family.h"

#include <algorithm>

#include "kernels/common/collapse_axes.h"
#include "kernels/common/kernel_builder.h"
#include "kernels/common/streaming.h"

// Arithmetic, activations and copies. Axes that are one run of memory in every operand become one loop, so most tasks are a
// single stream. A copy from one order of axes into another goes by tiles, so that the lines it reads are used up while they
// are in the cache.

namespace halcyon::kernels {
namespace {

/// Few enough planes to read one vector of each and interleave them.
constexpr std::int64_t interleaved_at_most = 4;

bool matches(const Task& task, const TargetInfo&) {
    return task.operation.op == Op::elementwise && !task.inputs.empty();
}

bool accepts(const Task& task, const Candidate& layouts) {
    return accepts_strided(task, layouts, 0);
}

CollapsedTask collapsed(const Task& task, const Candidate& candidate) {
    return collapse_axes(task, candidate, [](int outer, int) { return outer != 0; });
}

/// Which axes the loops are made of.
struct Order {
    int vector = 0;           ///< vectorized
    int across = -1;          ///< in an operand the fastest, if that is another one; the tile's other side
    bool interleave = false;  ///< `across` is so short that all of it is unrolled inside
};

Order order_of(const CollapsedTask& collapsed) {
    const Task& task = collapsed.task;
    Order order;
    order.vector = fastest_axis(task.output.shape, collapsed.candidate.output.strides);
    for (std::size_t i = 0; i < task.inputs.size(); ++i) {
        if (task.inputs[i].shape != task.output.shape) continue;
        const int fastest = fastest_axis(task.inputs[i].shape, collapsed.candidate.inputs[i].strides);
        if (fastest != order.vector) order.across = fastest;
    }
    // Three channels are read as three planes, and stored interleaved.
    if (order.across >= 0 && task.output.shape[static_cast<std::size_t>(order.vector)] <= interleaved_at_most) {
        std::swap(order.vector, order.across);
        order.interleave = true;
    }
    return order;
}

/// Elements of a small tensor that lies backwards are read one by one: Halide cannot generate code for a vector at a constant
/// place before a buffer's first element, as there is where no loop remains.
int lanes_along(const CollapsedTask& view, std::int64_t extent, const TargetInfo& target) {
    constexpr std::int64_t loops_remain = 4096;
    const bool backwards =
        std::any_of(view.candidate.inputs.begin(), view.candidate.inputs.end(), [](const Layout& layout) {
            return std::any_of(layout.strides.begin(), layout.strides.end(), [](std::int64_t s) { return s < 0; });
        });
    return backwards && element_count(view.task.output.shape) < loops_remain ? 1 : fitting_lanes(extent, target);
}

std::int64_t vectorized_extent(const Task& task, const Candidate& candidate) {
    const CollapsedTask view = collapsed(task, candidate);
    return view.task.output.shape[static_cast<std::size_t>(order_of(view).vector)];
}

std::vector<ParameterSpace> space(const Task&, const Candidate&, const TargetInfo&) {
    return {{"vectors", {{1}, {2}, {4}}}};
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const std::int64_t extent = vectorized_extent(task, candidate);
    const int vectors = candidate.value("vectors");
    // A transposing tile is as wide as one vector.
    const Order order = order_of(collapsed(task, candidate));
    if (order.across >= 0 && !order.interleave && vectors > 1) return false;
    return vectors_fit(vectors, extent, target);
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const std::int64_t extent = vectorized_extent(task, candidate);
    const int lanes = lanes_along(collapsed(task, candidate), extent, target);
    const std::int64_t tile = std::int64_t{lanes} * candidate.value("vectors");
    const double waste = static_cast<double>((extent + tile - 1) / tile * tile) / static_cast<double>(extent);
    const double elements = static_cast<double>(element_count(task.output.shape));
    const bool strided = order_of(collapsed(task, candidate)).across >= 0;
    // Unrolling hides a loop's overhead, about one operation a vector; a transposition moves element by element.
    return streaming_cost(task, target, elements * waste, 1.0 + 1.0 / candidate.value("vectors"), strided ? 1 : lanes);
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily elementwise;
const KernelFamily elementwise{
    "elementwise", "Arithmetic of each element, and copies between layouts.", matches, accepts, space, legal, cost,
    build};

namespace {

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const CollapsedTask view = collapsed(task, candidate);
    const Shape& shape = view.task.output.shape;
    const KernelBuilder builder(view.task, view.candidate, elementwise);
    const Order order = order_of(view);
    Halide::Func output = builder.define_output(Halide::Expr());

    const auto axis_extent = [&](int axis) { return shape[static_cast<std::size_t>(axis)]; };
    const std::vector<Halide::Var>& axes = builder.axes();
    const Halide::Var& vector_axis = axes[static_cast<std::size_t>(order.vector)];
    const Loop vectors = vectorize_axis(output, vector_axis, axis_extent(order.vector),
                                        lanes_along(view, axis_extent(order.vector), target),
                                        candidate.value("vectors"), candidate.in_place >= 0);
    const Halide::Var inner(vector_axis.name() + "i");

    std::vector<Loop> outer_loops;
    for (int axis = 0; axis < static_cast<int>(axes.size()); ++axis) {
        if (axis != order.vector && axis != order.across)
            outer_loops.push_back({axes[static_cast<std::size_t>(axis)], axis_extent(axis)});
    }
    std::vector<Halide::VarOrRVar> loops{inner};
    if (order.across < 0) {
        outer_loops.push_back(vectors);
    } else {
        const Halide::Var& across = axes[static_cast<std::size_t>(order.across)];
        if (order.interleave) {
            output.unroll(across);
            loops.insert(loops.begin(), across);
            outer_loops.push_back(vectors);
        } else {
            // A tile as wide as a cache line of floats.
            const int side = static_cast<int>(std::min<std::int64_t>(16, axis_extent(order.across)));
            const Halide::Var across_outer("acrosso"), across_inner("acrossi");
            output.split(across, across_outer, across_inner, side, Halide::TailStrategy::GuardWithIf);
            loops.emplace_back(across_inner);
            outer_loops.push_back({across_outer, (axis_extent(order.across) + side - 1) / side});
            outer_loops.push_back(vectors);
        }
    }
    for (auto loop = outer_loops.rbegin(); loop != outer_loops.rend(); ++loop) loops.emplace_back(loop->var);
    output.reorder(loops);
    parallelize(output, outer_loops, task);
    return builder.finish(output);
}

}  // namespace
}  // namespace halcyon::kernels
