// One row times a matrix: every weight is used once, so the kernel runs at the speed at which weights arrive. They are packed
// [units / block][n][block] and read in one run; several vectors of sums hide the latency of the additions.
#include <algorithm>

#include "kernels/common/convolution_geometry.h"
#include "kernels/common/kernel_builder.h"
#include "kernels/common/split_sum.h"
#include "kernels/common/threads.h"

namespace halcyon::kernels {
namespace {

struct Tile {
    int vectors, lanes;
    [[nodiscard]] std::int64_t block() const { return std::int64_t{vectors} * lanes; }
};

Tile tile_of(const Candidate& candidate) {
    return {candidate.value("vectors"), candidate.value("vector")};
}

std::int64_t units_of(const Task& task) {
    return task.output.shape.back();
}

bool matches(const Task& task, const TargetInfo&) {
    return task.operation.op == Op::dense;
}

bool accepts(const Task&, const Candidate& layouts) {
    return plain_layouts(layouts);
}

/// Narrower vectors too where full ones do not divide the units, since they waste fewer bytes of weights.
std::vector<std::vector<int>> lane_choices(const Task& task, const TargetInfo& target) {
    constexpr int narrowest = 2;
    const int most = lanes_for(units_of(task), target);
    std::vector<std::vector<int>> choices{{most}};
    for (int lanes = most / 2; lanes >= narrowest && units_of(task) % (lanes * 2) != 0; lanes /= 2)
        choices.push_back({lanes});
    return choices;
}

std::vector<ParameterSpace> space(const Task& task, const Candidate&, const TargetInfo& target) {
    const std::vector<std::vector<int>> lanes = lane_choices(task, target);
    std::vector<std::vector<int>> vectors;
    for (int count = 1; count <= 16 && (count - 1) * lanes.back().front() < units_of(task); ++count)
        vectors.push_back({count});
    return {{"vectors", vectors}, {"vector", lanes}};
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const Tile t = tile_of(candidate);
    const std::vector<std::vector<int>> lanes = lane_choices(task, target);
    return std::count(lanes.begin(), lanes.end(), std::vector<int>{t.lanes}) == 1 && t.vectors >= 1 &&
           t.vectors <= 16 && (t.vectors - 1) * t.lanes < units_of(task) && t.vectors + 2 <= target.vector_registers;
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const Tile t = tile_of(candidate);
    const std::int64_t blocks = (units_of(task) + t.block() - 1) / t.block();
    const double rows = static_cast<double>(element_count(task.output.shape) / units_of(task));
    const double depth = static_cast<double>(task.constants.at(0).at(0));
    const double step = std::max({t.vectors / target.fma_per_cycle, t.vectors / 2.0, 4.0}) + 0.5;
    const double bytes = 4.0 * depth * static_cast<double>(t.block() * blocks);
    const double rate =
        bytes < 0.75 * static_cast<double>(target.l2_bytes) ? target.l2_bytes_per_cycle : target.memory_bytes_per_cycle;
    const double compute = (step * depth + 20.0) * static_cast<double>(blocks);
    // What arrives from far away is asked for as fast as the loop runs, so its own time counts even where memory is slower.
    const double cycles = std::max(compute, bytes / rate) + 0.5 * std::min(compute, bytes / rate);
    return rows * cycles * unevenness(blocks, task) / 1e9;
}

Shape packed_shape(const Task& task, const Candidate& candidate, int constant) {
    const Shape& shape = task.constants.at(static_cast<std::size_t>(constant));
    if (constant != 0) return shape;
    const std::int64_t block = tile_of(candidate).block();
    return {(shape.at(1) + block - 1) / block, shape.at(0), block};
}

Array pack(const Task& task, const Candidate& candidate, int constant, const Array& value) {
    if (constant != 0) return value;
    Array packed(packed_shape(task, candidate, constant));
    const std::int64_t depth = value.shape().at(0);
    const std::int64_t units = value.shape().at(1);
    const std::int64_t block = packed.shape().back();
    for (std::int64_t step = 0; step < depth; ++step) {
        for (std::int64_t unit = 0; unit < units; ++unit) {
            packed.at(unit / block, step, unit % block) = value.at(step, unit);
        }
    }
    return packed;
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily dense;
const KernelFamily dense{"dense",      "Product of a row with a matrix, at the speed at which the matrix arrives.",
                         matches,      accepts,
                         space,        legal,
                         cost,         build,
                         packed_shape, pack};

namespace {

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const Tile t = tile_of(candidate);
    const int block = static_cast<int>(t.block());
    const KernelBuilder builder(task, candidate, dense);
    const std::vector<Halide::Var>& axes = builder.axes();
    const Halide::Var c = axes.back();
    SplitSum split({task.constants.at(0).at(0)});
    const Halide::Expr& r = split.indices().front();

    // As in a convolution, the place inside a block is an axis of its own and of constant extent.
    Halide::Var k("k"), b("b"), co("co"), ci("ci");
    std::vector<Halide::Var> sum_axes(axes.begin(), axes.end() - 1);
    Coordinates source_at(sum_axes.begin(), sum_axes.end());
    Coordinates sum_at = source_at;
    sum_axes.push_back(b);
    sum_axes.push_back(k);
    sum_at.push_back(c / block);
    sum_at.push_back(c % block);
    source_at.push_back(r);
    Halide::Func sum = split.define(halide_order(sum_axes), builder.packed(0, {b, r, k}) * builder.input(0, source_at));
    Halide::Func output = builder.define_output(sum(halide_order(sum_at)));

    const bool whole = units_of(task) % block == 0;
    output.split(c, co, ci, block, whole ? Halide::TailStrategy::RoundUp : Halide::TailStrategy::GuardWithIf);
    output.vectorize(ci, t.lanes).unroll(ci);
    split.schedule_tile(k, block, t.lanes, {});
    split.unroll_steps(4);  // a tile is one row: few instructions a step on any target
    sum.compute_at(output, co);
    if (worth_threads(task)) output.parallel(co);
    return builder.finish_streaming(output, target);
}

}  // namespace
}  // namespace halcyon::kernels
