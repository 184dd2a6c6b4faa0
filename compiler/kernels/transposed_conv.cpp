#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "kernels/common/convolution_geometry.h"
#include "kernels/common/kernel_builder.h"
#include "kernels/common/threads.h"
#include "kernels/common/transposed_phases.h"
#include "kernels/kernel_family.h"
#include "support/check.h"

// A transposed convolution, seen from the output: every place gathers what reaches it. Places `stride` apart, those of one
// phase, see the same taps of the kernel, one input element apart; so each phase is a convolution of stride 1 with its share
// of the kernel, and no multiply-add is spent on zeros between the input's elements. Neighbouring phases with equally many
// taps and places form a stage: one loop nest, whose weights lie one phase after the other.
//
//     tile T x V  places of a phase along the last axis, and vectors of filters, whose sums stay in registers
//     rows R      places along the axis before it in a tile
//     order 0|1   0: phases outside the rows; 1: those of the last axis inside them
//     copy 0|1    1: the input is copied first: padded, converted, prologue applied
//     along 0|1   what a vector's lanes are: 0: filters; 1: places along the last axis, for filters too few to fill a vector;
//                 then T counts vectors of them, V is 1, and the copy has its channels apart
//     vector L    lanes of a vector; less than the target's for few filters or places

namespace halcyon::kernels {
namespace {

struct Tile {
    int pixels, vectors, rows, order, copy, lanes;
    bool along_places;
    std::int64_t block;  ///< filters whose weights lie together

    /// Along the last axis.
    [[nodiscard]] std::int64_t places() const { return std::int64_t{pixels} * (along_places ? lanes : 1); }
    /// Vectors of sums for one place, or for one vector of places.
    [[nodiscard]] std::int64_t sums_each() const { return along_places ? block : vectors; }
};

Tile tile_of(const Candidate& candidate, const ConvolutionGeometry& g) {
    const std::vector<int>& tile = candidate.values("tile");
    const int vectors = tile.at(1), lanes = candidate.value("vector");
    const bool along_places = candidate.value("along") != 0;
    return {tile.at(0),
            vectors,
            candidate.value("rows"),
            candidate.value("order"),
            candidate.value("copy"),
            lanes,
            along_places,
            along_places ? g.filters : std::int64_t{vectors} * lanes};
}

std::int64_t block_count(const ConvolutionGeometry& g, const Tile& tile) {
    return (g.filters + tile.block - 1) / tile.block;
}

/// Filters that leave half of a vector or more empty, and fewer than the registers hold next to several places.
bool few_filters(const ConvolutionGeometry& g, const TargetInfo& target) {
    return g.filters <= 4 && 2 * g.filters <= target.vector_lanes;
}

/// Rows of packed weights that a stage has for one block of filters.
std::int64_t rows_per_block(const ConvolutionGeometry& g, const PhaseStage& stage) {
    return product_of(stage, &PhaseRun::phases) * product_of(stage, &PhaseRun::taps) * g.channels;
}

// A stride and a dilation along one axis would make phases that see taps some of which none other sees; no layer asks for it.
bool matches(const Task& task, const TargetInfo&) {
    const Window& window = task.operation.window;
    if (task.operation.op != Op::transposed_convolution || window.size.empty() || window.size.size() > 3) return false;
    for (std::size_t axis = 0; axis < window.size.size(); ++axis) {
        if (window.stride[axis] > 1 && window.dilation[axis] > 1) return false;
        if (window.pad_before[axis] < 0) return false;
    }
    return true;
}

bool accepts(const Task&, const Candidate& layouts) {
    return plain_layouts(layouts);
}

std::vector<ParameterSpace> space(const Task& task, const Candidate& layouts, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(task);
    const int lanes = lanes_for(g.filters, target);
    std::vector<std::vector<int>> tiles, rows;
    for (int vectors = 1; vectors <= 8; ++vectors) {
        if (std::int64_t{vectors - 1} * lanes >= g.filters) break;
        for (int pixels = 1; pixels <= std::min<std::int64_t>(fewest_places(g, 0), target.vector_registers); ++pixels) {
            if (pixels * vectors + vectors <= target.vector_registers) tiles.push_back({pixels, vectors});
        }
    }
    for (int count = 1; count <= std::min<std::int64_t>(fewest_places(g, 1), 4); ++count) rows.push_back({count});
    const bool converts = task.inputs[0].element != ElementType::float32 || !task.prologue.is_identity();
    std::vector<std::vector<int>> copies;
    const bool outside = gathers_outside(g);
    if (!outside) copies.push_back({0});
    if (outside || converts || layouts.inputs.at(0).strides.back() != 1) copies.push_back({1});
    std::vector<std::vector<int>> along{{0}}, vector{{lanes}};
    if (few_filters(g, target)) {
        if (!outside && copies.size() == 1) copies.push_back({1});
        along.push_back({1});
        const int places = lanes_for(fewest_places(g, 0), target);
        if (places != lanes) vector.push_back({places});
    }
    return {{"tile", tiles},  {"rows", rows},   {"order", {{0}, {1}}},
            {"copy", copies}, {"along", along}, {"vector", vector}};
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(task);
    const Tile tile = tile_of(candidate, g);
    const int lanes = lanes_for(tile.along_places ? fewest_places(g, 0) : g.filters, target);
    if (tile.lanes != lanes || tile.order < 0 || tile.order > 1) return false;
    if (tile.pixels < 1 || tile.vectors < 1 || tile.rows < 1) return false;
    if (tile.places() > fewest_places(g, 0) || tile.rows > fewest_places(g, 1)) return false;
    const std::int64_t tile_pixels = std::int64_t{tile.pixels} * tile.rows;
    if (tile_pixels * tile.sums_each() + (tile.along_places ? tile_pixels : tile.vectors) > target.vector_registers)
        return false;
    if (tile.along_places && (!few_filters(g, target) || tile.vectors != 1 || tile.copy != 1)) return false;
    if (std::int64_t{tile.vectors - 1} * tile.lanes >= g.filters) return false;
    if (tile.copy < 0 || tile.copy > 1 || (tile.copy == 0 && gathers_outside(g))) return false;
    // Without neighbouring phases or rows the orders are the same loops.
    if (tile.order == 1 && (g.window.stride.back() == 1 || fewest_places(g, 1) == 1)) return false;
    // A tile that does not divide the places computes some twice, which must not happen to what it writes over.
    return candidate.in_place < 0 || (divides(g, 0, tile.places()) && divides(g, 1, tile.rows));
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(task);
    const Tile tile = tile_of(candidate, g);
    const auto real = [](std::int64_t number) { return static_cast<double>(number); };
    const std::int64_t tile_pixels = std::int64_t{tile.pixels} * tile.rows;
    const std::int64_t sums = tile_pixels * tile.sums_each();
    // As for convolutions: the units, loads (elements are broadcast from memory), and the latency of a multiply-add.
    const bool broadcasts_from_memory = target.vector_registers == 32 && target.vector_lanes == 16;
    const double loads = tile.along_places
                             ? real(tile_pixels + (broadcasts_from_memory && tile_pixels < 4 ? sums : tile.block))
                             : real(tile.vectors + (broadcasts_from_memory && tile.vectors < 4 ? sums : tile_pixels));
    double step = std::max({real(sums) / target.fma_per_cycle, loads / 2.0, 4.0});
    const std::int64_t registers =
        sums + (broadcasts_from_memory ? tile.vectors : std::min<std::int64_t>(tile.vectors, tile_pixels) + 1);
    if (registers > target.vector_registers) step += 2.0 * real(registers - target.vector_registers);
    step += 0.5 + 0.02 * loads;

    double cycles = 0.0;
    for (const PhaseStage& stage : stages_of(g)) {
        const auto tiles = [&](std::size_t from_last, std::int64_t size) {
            if (from_last >= stage.size()) return std::int64_t{1};
            const std::int64_t count = stage[stage.size() - 1 - from_last].count;
            return (count + size - 1) / size;
        };
        std::int64_t stage_tiles =
            g.batch * product_of(stage, &PhaseRun::phases) * tiles(0, tile.places()) * tiles(1, tile.rows);
        for (std::size_t axis = 0; axis + 2 < stage.size(); ++axis) stage_tiles *= stage[axis].count;
        const double depth = real(g.channels * product_of(stage, &PhaseRun::taps));
        // Weights of one phase and block are used again by its next tile, or after those of the other phases.
        const double weight_bytes = 4.0 * depth * real(tile.block);
        const double reused_over = weight_bytes * (tile.order == 1 ? real(g.window.stride.back()) : 1.0);
        const double rate =
            reused_over < 0.75 * static_cast<double>(target.l1_bytes) ? 128.0 : target.l2_bytes_per_cycle;
        const double streamed = weight_bytes / rate;
        const double computed = step * depth;
        const double tile_cycles = std::max(computed, streamed) + 0.3 * std::min(computed, streamed) +
                                   (tile.along_places ? real(tile.lanes) : 2.0) * real(sums) + 10.0 +
                                   4.0 * real(product_of(stage, &PhaseRun::taps));
        cycles += tile_cycles * real(stage_tiles * block_count(g, tile));
    }
    // Phases outside the rows read the input again from where it has gone since.
    const double input_bytes = 4.0 * real(g.batch * element_count(g.input) * g.channels);
    const double again = tile.order == 0 ? real(element_count(g.window.stride)) : 1.0;
    const bool far = input_bytes > 0.75 * static_cast<double>(target.l2_bytes);
    cycles += 0.3 * again * input_bytes * real(block_count(g, tile)) /
              (far ? target.memory_bytes_per_cycle : target.l2_bytes_per_cycle);
    if (tile.copy == 1) cycles += tile.along_places ? input_bytes / 4.0 : 2.0 * input_bytes / target.l2_bytes_per_cycle;
    return cycles / 1e9;
}

Shape packed_shape(const Task& task, const Candidate& candidate, int constant) {
    if (constant != 0) return task.constants.at(static_cast<std::size_t>(constant));
    const ConvolutionGeometry g = geometry_of(task);
    const Tile tile = tile_of(candidate, g);
    std::int64_t rows = 0;
    for (const PhaseStage& stage : stages_of(g)) rows += block_count(g, tile) * rows_per_block(g, stage);
    // Where a phase misses a tap only the others are there; a kernel that reaches no place at all still has a row.
    return {std::max<std::int64_t>(rows, 1), tile.block};
}

/// [stage][block of filters][phase][tap][channel][block].
Array pack(const Task& task, const Candidate& candidate, int constant, const Array& value) {
    if (constant != 0) return value;
    const ConvolutionGeometry g = geometry_of(task);
    const Tile tile = tile_of(candidate, g);
    const std::int64_t block = tile.block, blocks = block_count(g, tile);
    Array packed(packed_shape(task, candidate, constant));
    const std::vector<std::int64_t> strides = value.strides();
    const std::size_t axes = g.output.size();
    std::int64_t row = 0;
    for (const PhaseStage& stage : stages_of(g)) {
        Shape inside;  // phases, then taps
        for (const PhaseRun& run : stage) inside.push_back(run.phases);
        for (const PhaseRun& run : stage) inside.push_back(run.taps);
        for (std::int64_t b = 0; b < blocks; ++b) {
            for_each_index(inside, [&](const std::vector<std::int64_t>& at) {
                std::int64_t from = 0;
                for (std::size_t axis = 0; axis < axes; ++axis) {
                    const std::int64_t tap =
                        first_tap(g, axis, stage[axis].first + at[axis]) + at[axes + axis] * g.window.stride[axis];
                    from += tap * strides[axis];
                }
                for (std::int64_t channel = 0; channel < g.channels; ++channel, ++row) {
                    for (std::int64_t filter = b * block; filter < std::min((b + 1) * block, g.filters); ++filter)
                        packed[row * block + filter % block] = value[from + filter * strides[axes] + channel];
                }
            });
        }
    }
    return packed;
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily transposed_conv;
const KernelFamily transposed_conv{
    "transposed_conv",
    "Transposed convolution, gathered in register tiles of places by filters, phase by phase.",
    matches,
    accepts,
    space,
    legal,
    cost,
    build,
    packed_shape,
    pack};

namespace {

using Halide::Expr;
using Halide::Func;
using Halide::RVar;
using Halide::Var;

/// Loops over the places of a stage, in the order of the schedule, since reduction variables keep theirs.
class PlaceLoops {
public:
    PlaceLoops(const PhaseStage& stage, const Tile& tile, const std::string& name)
        : stage_(stage), tile_(tile), inner_(stage.size()), outer_(stage.size()), phase_(stage.size()) {
        Halide::Region ranges;
        const auto add = [&](int& number, std::int64_t extent) {
            number = static_cast<int>(ranges.size());
            ranges.push_back({0, static_cast<int>(extent)});
        };
        const std::size_t last = stage.size() - 1;
        for (std::size_t axis = stage.size(); axis-- > 0;) add(inner_[axis], tile_size(axis));
        const auto add_outer = [&](std::size_t axis) {
            add(outer_[axis], (stage[axis].count + tile_size(axis) - 1) / tile_size(axis));
        };
        add_outer(last);
        if (tile.order == 1) add(phase_[last], stage[last].phases);
        for (std::size_t axis = last; axis-- > 0;) add_outer(axis);
        if (tile.order == 0) add(phase_[last], stage[last].phases);
        for (std::size_t axis = last; axis-- > 0;) add(phase_[axis], stage[axis].phases);
        domain_ = Halide::RDom(ranges, name);
    }

    [[nodiscard]] RVar inner(std::size_t axis) const { return domain_[inner_[axis]]; }
    [[nodiscard]] RVar outer(std::size_t axis) const { return domain_[outer_[axis]]; }
    [[nodiscard]] RVar phase(std::size_t axis) const { return domain_[phase_[axis]]; }

    /// What is outside the tile, innermost first.
    [[nodiscard]] std::vector<Halide::VarOrRVar> loops() const {
        std::vector<Halide::VarOrRVar> all;
        for (int i = static_cast<int>(stage_.size()); i < domain_.dimensions(); ++i) all.emplace_back(domain_[i]);
        return all;
    }

    /// Which of its phase's places this is; the last tile moves inwards where the tiles do not divide them.
    [[nodiscard]] Expr place(std::size_t axis) const {
        const int size = static_cast<int>(tile_size(axis)), count = static_cast<int>(stage_[axis].count);
        const Expr first = outer(axis) * size;
        return (count % size == 0 ? first : Halide::min(first, count - size)) + inner(axis);
    }

private:
    [[nodiscard]] std::int64_t tile_size(std::size_t axis) const {
        if (axis + 1 == stage_.size()) return tile_.places();
        return axis + 2 == stage_.size() ? tile_.rows : 1;
    }

    const PhaseStage& stage_;
    const Tile& tile_;
    std::vector<int> inner_, outer_, phase_;  // dimensions of the domain
    Halide::RDom domain_;
};

/// The sums of a stage: axes k (inside a block of filters), b, then per axis its phase and place, then n.
struct Sums {
    Func func;
    Var k{"k"}, b{"b"};
    std::vector<Var> phases, places;
    Halide::RDom taps;  ///< channels, then the taps from the last axis on
};

Sums sums_of(const KernelBuilder& builder, const ConvolutionGeometry& g, const PhaseStage& stage,
             std::int64_t first_row, const std::function<Expr(const Coordinates&)>& source, const std::string& name) {
    const std::size_t axes = stage.size();
    Sums sums{Func(name), {}, {}, {}, {}, {}};
    Halide::Region ranges{{0, static_cast<int>(g.channels)}};
    for (std::size_t axis = axes; axis-- > 0;) ranges.push_back({0, static_cast<int>(stage[axis].taps)});
    sums.taps = Halide::RDom(ranges, name + "_taps");
    for (std::size_t axis = 0; axis < axes; ++axis) {
        sums.phases.emplace_back(fmt::format("phase{}", axis));
        sums.places.emplace_back(fmt::format("place{}", axis));
    }

    Expr row = sums.b;
    Coordinates at{builder.axes().front()};
    for (std::size_t axis = 0; axis < axes; ++axis)
        row = row * static_cast<int>(stage[axis].phases) + sums.phases[axis];
    for (std::size_t axis = 0; axis < axes; ++axis) {
        const RVar tap = sums.taps[static_cast<int>(axes - axis)];
        row = row * static_cast<int>(stage[axis].taps) + tap;
        const Expr phase = sums.phases[axis] + static_cast<int>(stage[axis].first + g.window.pad_before[axis]);
        at.push_back(sums.places[axis] + phase / static_cast<int>(g.window.stride[axis]) -
                     tap * static_cast<int>(g.window.dilation[axis]));
    }
    row = row * static_cast<int>(g.channels) + sums.taps[0] + static_cast<int>(first_row);
    at.emplace_back(sums.taps[0]);

    std::vector<Var> args{sums.k, sums.b};
    args.insert(args.end(), sums.phases.begin(), sums.phases.end());
    args.insert(args.end(), sums.places.begin(), sums.places.end());
    args.push_back(builder.axes().front());
    sums.func(args) = 0.0f;
    sums.func(args) += builder.packed(0, {row, sums.k}) * source(at);
    return sums;
}

void schedule(Sums& sums, Halide::LoopLevel at, const Tile& tile) {
    sums.func.compute_at(std::move(at)).bound(sums.k, 0, static_cast<int>(tile.block));
    if (tile.along_places) sums.func.reorder_storage(sums.places.back(), sums.k);
    const auto unrolled = [&](Halide::Stage stage) {
        stage.vectorize(tile.along_places ? sums.places.back() : sums.k, tile.lanes).unroll(sums.k);
        for (std::size_t axis = sums.places.size() - std::min<std::size_t>(sums.places.size(), 2);
             axis < sums.places.size(); ++axis)
            stage.unroll(sums.places[axis]);
    };
    unrolled(sums.func);
    std::vector<Halide::VarOrRVar> order{sums.k};
    for (std::size_t axis = sums.places.size(); axis-- > 0;) order.emplace_back(sums.places[axis]);
    for (int i = 0; i < sums.taps.dimensions(); ++i) order.emplace_back(sums.taps[i]);
    Halide::Stage accumulate = sums.func.update();
    accumulate.reorder(order);
    unrolled(accumulate);
}

/// The loops of the output's stage, a block of filters innermost.
void schedule(Halide::Stage stage, const PlaceLoops& loops, const KernelBuilder& builder, const ConvolutionGeometry& g,
              const Tile& tile) {
    const std::size_t last = g.output.size() - 1;
    const Var c = builder.axes().back();
    const Var co("co"), ci("ci");
    const int block = static_cast<int>(tile.block);
    stage.split(c, co, ci, block,
                g.filters % block == 0 ? Halide::TailStrategy::RoundUp : Halide::TailStrategy::GuardWithIf);
    std::vector<Halide::VarOrRVar> order{ci};
    for (std::size_t axis = last + 1; axis-- > 0;) order.emplace_back(loops.inner(axis));
    for (const Halide::VarOrRVar& loop : loops.loops()) order.push_back(loop);
    order.emplace_back(builder.axes().front());
    order.emplace_back(co);
    stage.reorder(order);
    // Lanes that are places lie apart in memory, each in its own.
    if (tile.along_places)
        stage.allow_race_conditions().vectorize(loops.inner(last), tile.lanes);
    else
        stage.vectorize(ci, tile.lanes);
    stage.unroll(ci).unroll(loops.inner(last));
    if (last > 0) stage.unroll(loops.inner(last - 1));
    if (!worth_threads(builder.task())) return;
    if (block_count(g, tile) >= std::int64_t{2} * builder.task().threads)
        stage.parallel(co);
    else
        // What two threads write to one place is the same number.
        stage.allow_race_conditions().parallel(loops.outer(last > 0 ? last - 1 : last));
}

/// A padded copy of the input, if need be with each channel's rows by themselves.
void schedule_copy(Func copy, const ConvolutionGeometry& g, const Task& task, const TargetInfo& target, bool apart) {
    const std::vector<Var> axes = copy.args();
    const int lanes = lanes_for(apart ? g.input.back() : g.channels, target);
    copy.compute_root();
    if (apart)
        copy.reorder_storage(axes[1], axes[0]).vectorize(axes[1], lanes, Halide::TailStrategy::RoundUp);
    else if (g.channels >= lanes)
        copy.vectorize(axes[0], lanes,
                       g.channels % lanes == 0 ? Halide::TailStrategy::RoundUp : Halide::TailStrategy::ShiftInwards);
    if (worth_threads(task)) copy.parallel(axes[axes.size() > 3 ? 2 : 1]);
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(task);
    const Tile tile = tile_of(candidate, g);
    const KernelBuilder builder(task, candidate, transposed_conv);
    const int block = static_cast<int>(tile.block);

    const Func padded = builder.padded_source(0.0, "padded");
    const auto source = [&](const Coordinates& at) {
        return tile.copy == 1 ? padded(halide_order(at)) : builder.input(0, at);
    };
    Func output("output");
    output(halide_order(builder.axes())) = Halide::undef(builder.stored(0.0f).type());
    std::int64_t first_row = 0;
    int number = 0;
    bool reads = false;
    for (const PhaseStage& stage : stages_of(g)) {
        const PlaceLoops loops(stage, tile, fmt::format("places{}", number));
        Sums sums = sums_of(builder, g, stage, first_row, source, fmt::format("sum{}", number));
        first_row += block_count(g, tile) * rows_per_block(g, stage);

        const Var c = builder.axes().back();
        Coordinates at{builder.axes().front()};
        std::vector<Expr> sum_at{c % block, c / block};
        for (std::size_t axis = 0; axis < stage.size(); ++axis) {
            sum_at.emplace_back(loops.phase(axis));
            at.push_back(loops.place(axis) * static_cast<int>(g.window.stride[axis]) +
                         static_cast<int>(stage[axis].first) + loops.phase(axis));
        }
        for (std::size_t axis = 0; axis < stage.size(); ++axis) sum_at.push_back(loops.place(axis));
        sum_at.emplace_back(builder.axes().front());
        at.emplace_back(c);
        const bool reached = product_of(stage, &PhaseRun::taps) > 0;
        reads = reads || reached;
        output(halide_order(at)) = builder.stored(builder.epilogue(reached ? sums.func(sum_at) : Expr(0.0f), at));
        schedule(output.update(number), loops, builder, g, tile);
        if (reached) schedule(sums, Halide::LoopLevel(output, loops.outer(stage.size() - 1)), tile);
        ++number;
    }
    if (tile.copy == 1 && reads) schedule_copy(padded, g, task, target, tile.along_places);
    return builder.finish(output);
}

}  // namespace
}  // namespace halcyon::kernels
