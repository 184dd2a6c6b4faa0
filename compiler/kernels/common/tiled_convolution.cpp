#include "kernels/common/tiled_convolution.h"

#include <algorithm>
#include <cmath>

#include "kernels/common/cache_levels.h"
#include "kernels/common/convolution_geometry.h"
#include "kernels/common/kernel_builder.h"
#include "kernels/common/split_sum.h"
#include "kernels/common/threads.h"
#include "support/check.h"

namespace halcyon {
namespace {

/// The parameters under names.
struct Tile {
    int pixels, vectors, rows, order, copy, lanes;

    [[nodiscard]] std::int64_t block() const { return std::int64_t{vectors} * lanes; }
};

Tile tile_of(const Candidate& candidate) {
    const std::vector<int>& tile = candidate.values("tile");
    return {tile.at(0),
            tile.at(1),
            candidate.value("rows"),
            candidate.value("order"),
            candidate.value("copy"),
            candidate.value("vector")};
}

/// Filters of one group must fill whole blocks: only a convolution without groups has its last block filled up.
int vector_lanes(const ConvolutionGeometry& g, const TargetInfo& target) {
    if (g.groups == 1) return lanes_for(g.filters, target);
    int lanes = 1;
    while (lanes * 2 <= target.vector_lanes && g.group_filters % (lanes * 2) == 0) lanes *= 2;
    return lanes;
}

/// Half of a long vector computes as fast on many machines and leaves less of the last block of filters empty.
std::vector<std::vector<int>> lane_choices(const ConvolutionGeometry& g, const TargetInfo& target) {
    const int lanes = vector_lanes(g, target);
    if (lanes == 16 && target.vector_lanes == 16 && g.filters % 16 != 0) return {{16}, {8}};
    return {{lanes}};
}

std::int64_t block_count(const ConvolutionGeometry& g, const Tile& tile) {
    return (g.filters + tile.block() - 1) / tile.block();
}

/// Channels that are too few for a vector lie outside the columns in the copy.
bool planar_copy(const ConvolutionGeometry& g, const Tile& tile) {
    return g.channels < std::min(tile.lanes, 8) || g.channels < 4;
}

/// How often the loops round the tile run, outermost first: images and spatial axes, among them the blocks of filters.
std::vector<std::int64_t> outer_extents(const ConvolutionGeometry& g, const Tile& tile) {
    const auto tiles = [](std::int64_t extent, int size) { return (extent + size - 1) / size; };
    std::vector<std::int64_t> extents{g.batch};
    for (std::size_t axis = 0; axis < g.output.size(); ++axis) extents.push_back(g.output[axis] / g.pooled[axis]);
    extents.back() = tiles(g.width(), tile.pixels);
    if (g.axes() > 1) extents.end()[-2] = tiles(g.height(), tile.rows);
    extents.insert(tile.order == 0 ? extents.begin() : extents.end() - (2 - tile.order), block_count(g, tile));
    return extents;
}

/// The loop in which threads share out the image where the blocks of filters are outermost but not theirs to share: each goes
/// through all blocks with its part of the image. -1 where they share out the loops as they are.
int image_loop(const ConvolutionGeometry& g, const Tile& tile, const std::vector<std::int64_t>& extents) {
    if (tile.order != 0) return -1;
    // A thread with some of the filters reads their weights and the whole image, one with a part of the image all weights.
    const std::int64_t weights = g.filters * g.group_channels * g.window_size();
    if (extents[0] > 1 && weights > g.batch * element_count(g.input) * g.channels) return -1;
    std::size_t loop = 1;
    while (loop + 1 < extents.size() && extents[loop] == 1) ++loop;
    return static_cast<int>(loop);
}

}  // namespace

std::vector<ParameterSpace> tiled_space(const Task& task, const Candidate& layouts, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(task);
    const std::vector<std::vector<int>> all_lanes = lane_choices(g, target);
    const int lanes = all_lanes.back().front();
    std::vector<std::vector<int>> tiles;
    for (int vectors = 1; vectors <= 8; ++vectors) {
        if ((vectors - 1) * lanes >= g.group_filters) break;
        if (g.groups > 1 && g.group_filters % (vectors * lanes) != 0) continue;
        for (int pixels = 1; pixels <= std::min<std::int64_t>(g.width(), target.vector_registers); ++pixels) {
            if (pixels * vectors + vectors <= target.vector_registers) tiles.push_back({pixels, vectors});
        }
    }
    std::vector<std::vector<int>> rows;
    for (int count = 1; count <= std::min<std::int64_t>(g.height(), 4); ++count) rows.push_back({count});
    const bool converts = task.inputs[0].element != ElementType::float32 || !task.prologue.is_identity();
    std::vector<std::vector<int>> copies;
    if (!g.padded()) copies.push_back({0});
    if (copies.empty() || converts || layouts.inputs.at(0).strides.back() != 1 || g.window_size() == 1)
        copies.push_back({1});
    return {{"tile", tiles}, {"rows", rows}, {"order", {{0}, {1}, {2}}}, {"copy", copies}, {"vector", all_lanes}};
}

bool tiled_legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(task);
    const Tile tile = tile_of(candidate);
    const std::vector<std::vector<int>> all_lanes = lane_choices(g, target);
    if (std::find(all_lanes.begin(), all_lanes.end(), std::vector{tile.lanes}) == all_lanes.end()) return false;
    if (tile.pixels < 1 || tile.vectors < 1 || tile.rows < 1 || tile.pixels > g.width() || tile.rows > g.height()) {
        return false;
    }
    if (tile.pixels % g.pooled.back() != 0) return false;
    if (g.axes() > 1 && tile.rows % g.pooled[g.pooled.size() - 2] != 0) return false;
    if (tile.order < 0 || tile.order > 2 || tile.copy < 0 || tile.copy > 1) return false;
    if (tile.pixels * tile.rows * tile.vectors + tile.vectors > target.vector_registers) return false;
    if (g.groups > 1 && g.group_filters % tile.block() != 0) return false;
    if ((tile.vectors - 1) * tile.lanes >= g.group_filters) return false;
    // With one block of filters the orders are the same loops.
    if (block_count(g, tile) == 1 && tile.order != 0) return false;
    if (tile.order == 1 && g.pixels() == g.width()) return false;
    if (g.padded() && tile.copy == 0) return false;
    // A tile that does not divide the image computes some pixels twice, which must not happen to what it writes over.
    return candidate.in_place < 0 || (g.width() % tile.pixels == 0 && g.height() % tile.rows == 0);
}

double tiled_cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(task);
    const Tile tile = tile_of(candidate);
    const auto real = [](std::int64_t number) { return static_cast<double>(number); };
    const auto ceil_div = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };

    const std::int64_t tile_pixels = std::int64_t{tile.pixels} * tile.rows;
    const std::int64_t sums = tile_pixels * tile.vectors;
    const std::int64_t depth = g.group_channels * g.window_size();
    const std::int64_t blocks = block_count(g, tile);
    const std::int64_t row_tiles = ceil_div(g.width(), tile.pixels);
    const std::int64_t image_tiles =
        row_tiles * ceil_div(g.height(), tile.rows) * (g.pixels() / (g.width() * g.height()));

    // Half vectors go through two units everywhere.
    const bool half = tile.lanes == 8 && target.vector_lanes == 16;
    const double fma_per_cycle = half ? 2.0 : target.fma_per_cycle;
    // One step: a multiply-add per sum, limited by the units, by their latency of four cycles, and by two loads a cycle.
    const double loads = real(tile.vectors + tile_pixels);
    double step = std::max({real(sums) / fma_per_cycle, loads / 2.0, 4.0});
    const std::int64_t registers = sums + registers_beside_sums(tile.vectors, static_cast<int>(tile_pixels), target);
    if (registers > target.vector_registers) step += spill_cycles(target) * real(registers - target.vector_registers);
    // The loop's own instructions, once per step unless the channels are few and unrolled.
    step += (g.group_channels <= 4 ? 0.1 : 0.5) + 0.05 * loads;
    double tile_cycles = step * real(depth);

    // Rows of pixels a multiple of 4 KiB apart fall into the same set of the first cache, which holds eight lines of it.
    const std::int64_t pixel_bytes =
        tile.copy == 1 ? 0
                       : 4 * std::abs(candidate.inputs.at(0).strides.at(candidate.inputs[0].strides.size() - 2)) *
                             g.window.stride.back();
    if (pixel_bytes > 0) {
        std::int64_t sets = 1;
        while (sets < 64 && (pixel_bytes * sets) % 4096 != 0) sets *= 2;
        if (tile_pixels > 8 * sets) tile_cycles += real(depth) * real(tile_pixels) * 0.5;
    }

    // Weights and input as they stream past: from the level of cache that holds what is used again in between.
    const double weight_bytes = 4.0 * real(tile.block() * depth);
    const double all_weights = weight_bytes * real(blocks);
    const double input_tile = 4.0 * real(g.channels) * real(tile_pixels) * real(g.window_size());
    const double input_bytes = 4.0 * real(g.batch * element_count(g.input) * g.channels);
    const double row_bytes = input_bytes / real(std::max<std::int64_t>(g.height(), 1)) *
                             real(g.window.size.size() > 1 ? g.window.size[g.window.size.size() - 2] : 1);
    double weight_cycles = 0.0;  // per tile
    double input_cycles = 0.0;
    if (tile.order == 0) {
        weight_cycles = weight_bytes * cycles_per_byte(weight_bytes + input_tile, target);
        input_cycles =
            input_tile * cycles_per_byte(blocks > 1 ? input_bytes : row_bytes, target) / real(g.window_size());
    } else if (tile.order == 1) {
        weight_cycles =
            weight_bytes * (cycles_per_byte(weight_bytes + input_tile, target) * (1.0 - 1.0 / real(row_tiles)) +
                            cycles_per_byte(all_weights + row_bytes, target) / real(row_tiles));
        input_cycles = input_tile * cycles_per_byte(row_bytes + weight_bytes, target) / real(g.window_size());
    } else {
        weight_cycles = weight_bytes * cycles_per_byte(all_weights + input_tile, target);
        input_cycles = input_tile * cycles_per_byte(input_tile + weight_bytes, target) / real(g.window_size());
    }
    // All weights come once from memory, unless the whole network is small.
    if (all_weights > 3.0 * static_cast<double>(target.l2_bytes))
        weight_cycles += weight_bytes * cycles_per_byte(INFINITY, target) / real(image_tiles);
    tile_cycles = overlapped(tile_cycles, weight_cycles + input_cycles);

    // Storing a tile with its epilogue; calls, loop entries.
    tile_cycles += 2.0 * real(sums) + 10.0 + 4.0 * real(g.window_size());
    double cycles = tile_cycles * real(image_tiles * blocks);
    if (tile.copy == 1) {
        const double per_element = planar_copy(g, tile) ? 0.5 : 4.0 / target.l2_bytes_per_cycle * 2.0;
        cycles += per_element * real(g.batch * element_count(g.input) * g.channels);
    }
    const std::vector<std::int64_t> extents = outer_extents(g, tile);
    const int shared = image_loop(g, tile, extents);
    const std::int64_t parts =
        shared < 0 ? shared_loops(extents, task).parts : extents[static_cast<std::size_t>(shared)];
    return cycles * unevenness(parts, task) / 1e9;
}

BuiltKernel build_tiled(const Task& task, const Candidate& candidate, const TargetInfo& target,
                        const KernelFamily& family) {
    const ConvolutionGeometry g = geometry_of(task);
    const Tile tile = tile_of(candidate);
    const KernelBuilder builder(task, candidate, family);
    const int block = static_cast<int>(tile.block());
    const int rank = static_cast<int>(builder.axes().size());

    // Sums have the axes [n, spatial..., block, k]: k counts inside a block, so that its extent is a constant even where the
    // last block has fewer filters.
    Halide::Var k("k"), b("b");
    std::vector<Halide::Var> sum_axes(builder.axes().begin(), builder.axes().end() - 1);
    sum_axes.push_back(b);
    sum_axes.push_back(k);
    std::vector<std::int64_t> summed{g.group_channels};
    summed.insert(summed.end(), g.window.size.rbegin(), g.window.size.rend());
    SplitSum split(summed);
    const std::vector<Halide::Expr>& r = split.indices();

    Coordinates weight_at{b}, source_at{builder.axes().front()};
    for (int axis = 0; axis < g.axes(); ++axis) {
        const std::size_t a = static_cast<std::size_t>(axis);
        const Halide::Expr& tap = r[static_cast<std::size_t>(g.axes() - axis)];
        weight_at.emplace_back(tap);
        source_at.push_back(builder.axes()[a + 1] * static_cast<int>(g.window.stride[a]) +
                            tap * static_cast<int>(g.window.dilation[a]) - static_cast<int>(g.window.pad_before[a]));
    }
    weight_at.emplace_back(r[0]);
    weight_at.emplace_back(k);
    Halide::Expr channel = r[0];
    if (g.groups > 1) channel += b * block / static_cast<int>(g.group_filters) * static_cast<int>(g.group_channels);
    source_at.push_back(channel);

    Halide::Func padded = builder.padded_source(0.0, "padded");
    const Halide::Expr source = tile.copy == 1 ? padded(halide_order(source_at)) : builder.input(0, source_at);
    Halide::Func sum = split.define(halide_order(sum_axes), builder.packed(0, weight_at) * source);

    const Halide::Var c = builder.axes().back();
    Halide::Func output = builder.define_output(builder.pooled([&](const Coordinates& at) {
        Coordinates sum_at(at.begin(), at.end() - 1);
        sum_at.emplace_back(c / block);
        sum_at.emplace_back(c % block);
        return sum(halide_order(sum_at));
    }));

    // The tile is innermost and unrolled; what else there is loops around it.
    const Halide::Var x = builder.axes()[static_cast<std::size_t>(rank - 2)];
    Halide::Var co("co"), ci("ci"), xo("xo"), xi("xi"), yo("yo"), yi("yi");
    using Halide::TailStrategy;
    const auto tail = [](std::int64_t extent, std::int64_t factor) {
        return extent % factor == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards;
    };
    output.split(c, co, ci, block, g.filters % block == 0 ? TailStrategy::RoundUp : TailStrategy::GuardWithIf);
    output.split(x, xo, xi, tile.pixels / static_cast<int>(g.pooled.back()), tail(g.width(), tile.pixels));
    if (rank > 3) {
        const int pooled = static_cast<int>(g.pooled[g.pooled.size() - 2]);
        output.split(builder.axes()[static_cast<std::size_t>(rank - 3)], yo, yi, tile.rows / pooled,
                     tail(g.height(), tile.rows));
    }
    std::vector<Halide::Var> around(builder.axes().begin(), builder.axes().end() - 1);
    around.back() = xo;
    if (rank > 3) around.end()[-2] = yo;
    around.insert(tile.order == 0 ? around.begin() : around.end() - (2 - tile.order), co);
    const std::vector<std::int64_t> extents = outer_extents(g, tile);
    std::vector<Loop> loops;  // outermost first
    for (std::size_t i = 0; i < around.size(); ++i) loops.push_back({around[i], extents[i]});

    const int shared = image_loop(g, tile, extents);
    if (worth_threads(task) && shared >= 0) {
        Loop& loop = loops[static_cast<std::size_t>(shared)];
        const Halide::Var part("part"), within("within");
        const std::int64_t size = part_size(loop.extent, task);
        output.split(loop.var, part, within, static_cast<int>(size), TailStrategy::GuardWithIf);
        loop.var = within;
        loops.insert(loops.begin(), {part, (loop.extent + size - 1) / size});
    }
    std::vector<Halide::VarOrRVar> order{ci, xi};
    if (rank > 3) order.emplace_back(yi);
    for (std::size_t i = loops.size(); i-- > 0;) order.emplace_back(loops[i].var);
    output.reorder(order);
    const Halide::Var innermost = share_out(output, loops, task);
    output.vectorize(ci, tile.lanes).unroll(ci).unroll(xi);
    if (rank > 3) output.unroll(yi);

    std::vector<Halide::Var> tile_axes{x};
    if (rank > 3) tile_axes.push_back(builder.axes()[static_cast<std::size_t>(rank - 3)]);
    split.schedule_tile(k, block, tile.lanes, tile_axes, b);
    if (g.group_channels <= 4)
        split.unroll_innermost();
    else
        split.unroll_steps(target.unrolled_steps);
    sum.compute_at(output, innermost);

    if (tile.copy == 1) {
        const std::vector<Halide::Var> copy_axes = padded.args();
        const int lanes = static_cast<int>(std::min<std::int64_t>(target.vector_lanes, g.channels));
        padded.compute_root();
        if (planar_copy(g, tile)) {
            std::vector<Halide::Var> storage{copy_axes[1], copy_axes[0]};
            storage.insert(storage.end(), copy_axes.begin() + 2, copy_axes.end());
            padded.reorder_storage(storage);
            std::vector<Halide::VarOrRVar> order(storage.begin(), storage.end());
            padded.reorder(order);
            if (g.input.back() >= target.vector_lanes)
                padded.vectorize(copy_axes[1], target.vector_lanes, TailStrategy::RoundUp);
        } else {
            padded.align_storage(copy_axes[0], static_cast<int>(spread_stride(g.channels)));
            padded.vectorize(copy_axes[0], lanes,
                             g.channels % lanes == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards);
        }
    }
    if (tile.copy == 1 && worth_threads(task)) padded.parallel(padded.args()[padded.args().size() > 3 ? 2 : 1]);
    return builder.finish_streaming(output, target);
}

Shape tiled_packed_shape(const Task& task, const Candidate& candidate, int constant) {
    if (constant != 0) return task.constants.at(static_cast<std::size_t>(constant));
    const ConvolutionGeometry g = geometry_of(task);
    const Tile tile = tile_of(candidate);
    Shape shape{block_count(g, tile)};
    shape.insert(shape.end(), g.window.size.begin(), g.window.size.end());
    shape.push_back(g.group_channels);
    shape.push_back(tile.block());
    return shape;
}

Array tiled_pack(const Task& task, const Candidate& candidate, int constant, const Array& value) {
    if (constant != 0) return value;
    const std::int64_t block = tile_of(candidate).block();
    const std::int64_t filters = value.shape().back();
    Array packed(tiled_packed_shape(task, candidate, constant));
    const std::int64_t depth = value.size() / filters;
    for (std::int64_t step = 0; step < depth; ++step) {
        for (std::int64_t filter = 0; filter < filters; ++filter) {
            packed[(filter / block * depth + step) * block + filter % block] = value[step * filters + filter];
        }
    }
    return packed;
}

}  // namespace halcyon
