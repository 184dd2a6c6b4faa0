// One channel at a time: nothing is shared between channels but the loop, so a tile is pixels by vectors of channels with
// every tap unrolled. The input is read in place; Halide splits the loops into a middle without and edges with guards.
#include <algorithm>

#include "kernels/common/convolution_geometry.h"
#include "kernels/common/kernel_builder.h"
#include "kernels/common/threads.h"

namespace halcyon::kernels {
namespace {

struct Tile {
    int pixels, rows, vectors, order, lanes;
};

Tile tile_of(const Candidate& candidate) {
    const std::vector<int>& tile = candidate.values("tile");
    return {tile.at(0), tile.at(1), tile.at(2), candidate.value("order"), candidate.value("vector")};
}

/// The most lanes that one vector of whole channels can have; a last vector is shifted inwards, over channels already done.
int vector_lanes(const ConvolutionGeometry& g, const Candidate& layouts, const TargetInfo& target) {
    int lanes = 1;
    while (lanes * 2 <= target.vector_lanes && lanes * 2 <= g.filters) lanes *= 2;
    while (layouts.in_place >= 0 && g.filters % lanes != 0) lanes /= 2;
    return lanes;
}

/// How often the loops round the tile run, outermost first: images and spatial axes, among them the blocks of channels.
std::vector<std::int64_t> outer_extents(const ConvolutionGeometry& g, const Tile& t) {
    const auto tiles = [](std::int64_t extent, std::int64_t size) { return (extent + size - 1) / size; };
    std::vector<std::int64_t> extents{g.batch};
    extents.insert(extents.end(), g.output.begin(), g.output.end());
    extents.back() = tiles(g.width(), t.pixels);
    if (g.axes() > 1) extents.end()[-2] = tiles(g.height(), t.rows);
    const std::int64_t blocks = tiles(g.filters, std::int64_t{t.vectors} * t.lanes);
    extents.insert(t.order == 2 ? extents.begin() : extents.end() - t.order, blocks);
    return extents;
}

/// Taps beyond this are a loop, not straight code.
constexpr std::int64_t most_unrolled_taps = 25;

bool matches(const Task& task, const TargetInfo&) {
    return task.operation.op == Op::convolution && task.operation.groups > 1 && task.operation.pooled.empty() &&
           task.operation.groups == task.inputs.at(0).shape.back();
}

bool accepts(const Task&, const Candidate& layouts) {
    return plain_layouts(layouts);
}

std::vector<ParameterSpace> space(const Task& task, const Candidate& layouts, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(task);
    const int lanes = vector_lanes(g, layouts, target);
    std::vector<std::vector<int>> tiles;
    for (int pixels = 1; pixels <= std::min<std::int64_t>(g.width(), 8); ++pixels) {
        for (int rows = 1; rows <= std::min<std::int64_t>(g.height(), 4); ++rows) {
            for (int vectors = 1; vectors * lanes <= std::min<std::int64_t>(g.filters, 4 * lanes); ++vectors) {
                if (pixels * rows * vectors < target.vector_registers) tiles.push_back({pixels, rows, vectors});
            }
        }
    }
    return {{"tile", tiles}, {"order", {{0}, {1}, {2}}}, {"vector", {{lanes}}}};
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(task);
    const Tile t = tile_of(candidate);
    if (t.lanes != vector_lanes(g, candidate, target)) return false;
    if (t.pixels < 1 || t.rows < 1 || t.vectors < 1 || t.order < 0 || t.order > 2) return false;
    if (t.pixels > g.width() || t.rows > g.height() || t.vectors * t.lanes > g.filters) return false;
    if (t.pixels * t.rows * t.vectors >= target.vector_registers) return false;
    if (g.filters == t.vectors * t.lanes && t.order != 0) return false;
    // Tiles at padded edges are code of their own, in which LLVM may add in another order. So no two threads may compute the
    // same element, or its bits would depend on which comes last.
    const bool overlaps = g.width() % t.pixels != 0 || g.height() % t.rows != 0;
    if (overlaps && g.padded() && worth_threads(task)) return false;
    return candidate.in_place < 0 || (!overlaps && g.filters % (t.vectors * t.lanes) == 0);
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(task);
    const Tile t = tile_of(candidate);
    const auto real = [](std::int64_t number) { return static_cast<double>(number); };
    const auto ceil_div = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };
    const std::int64_t columns = ceil_div(g.width(), t.pixels);
    const std::int64_t tiles = columns * ceil_div(g.height(), t.rows) * (g.pixels() / (g.width() * g.height()));
    const std::int64_t blocks = ceil_div(g.filters, std::int64_t{t.vectors} * t.lanes);
    const std::int64_t sums = std::int64_t{t.pixels} * t.rows * t.vectors;
    const std::int64_t taps = g.window_size();
    const Window& w = g.window;
    const std::size_t last = w.size.size() - 1;
    // Taps of one channel vector share what they read; with several vectors side by side the registers do not last for that.
    const auto span = [&](std::size_t axis, int count) {
        return std::min((count - 1) * w.stride[axis] + (w.size[axis] - 1) * w.dilation[axis] + 1, count * w.size[axis]);
    };
    std::int64_t inputs = sums * taps;
    if (t.vectors == 1) {
        inputs = taps / (w.size[last] * (last > 0 ? w.size[last - 1] : 1)) * span(last, t.pixels) *
                 (last > 0 ? span(last - 1, t.rows) : 1);
    }
    const double loads = real(inputs + taps * t.vectors);
    double tile_cycles = std::max(real(sums * taps) / target.fma_per_cycle, loads / 2.0) + 2.0 * real(sums) + 6.0;
    if (target.vector_registers > 16) {
        // Sums, a row of inputs and the weights want registers; a few go to addresses' and guards' constants.
        const std::int64_t excess = sums + span(last, t.pixels) * t.vectors +
                                    std::min<std::int64_t>(taps, 9) * t.vectors + 4 - target.vector_registers;
        tile_cycles += 3.0 * real(std::max<std::int64_t>(excess, 0));
        tile_cycles += 6.0 * std::max(t.rows - 2, 0);  // longer code, and more of it for the edges
    } else {
        // Weights come from memory with each multiply-add; what sums and inputs lack costs dearly (measured for AVX2).
        const std::int64_t excess =
            sums + span(last, t.pixels) * t.vectors + 3 * (t.rows - 1) - (target.vector_registers + 4);
        tile_cycles += 8.0 * real(std::max<std::int64_t>(excess, 0));
    }
    if (taps > most_unrolled_taps) tile_cycles *= 1.2;

    // Channels innermost read memory in one run but every tile its own weights; outside, weights stay in registers, while the
    // rows of a slab, or the whole image, are read once per block of channels and should stay in the second cache.
    const double image_bytes = 4.0 * real(element_count(g.input) * g.channels + element_count(g.output) * g.filters);
    const double slab_bytes = 4.0 * real(g.input.back() * g.channels * (last > 0 ? span(last - 1, t.rows) : 1));
    tile_cycles += t.order == 0 ? 5.0 : t.order == 1 ? 3.0 : 2.0;
    double cycles = tile_cycles * real(tiles * blocks);
    if (t.order == 1 && slab_bytes > 0.2 * real(target.l2_bytes)) cycles *= 1.15;
    if (t.order == 2 && image_bytes > 0.5 * real(target.l2_bytes)) cycles *= 1.3;
    const bool stays = image_bytes < 0.75 * real(target.l2_bytes);
    const double traffic =
        image_bytes * real(g.batch) / (stays ? target.l2_bytes_per_cycle : target.memory_bytes_per_cycle);
    return (cycles + 0.3 * traffic) * unevenness(shared_loops(outer_extents(g, t), task).parts, task) / 1e9;
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily depthwise_conv;
const KernelFamily depthwise_conv{"depthwise_conv",
                                  "Convolution of each channel by itself, without a padding copy.",
                                  matches,
                                  accepts,
                                  space,
                                  legal,
                                  cost,
                                  build};

namespace {

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo&) {
    const ConvolutionGeometry g = geometry_of(task);
    const Tile t = tile_of(candidate);
    const KernelBuilder builder(task, candidate, depthwise_conv);
    const std::vector<Halide::Var>& axes = builder.axes();
    const std::size_t rank = axes.size();
    const Halide::Var c = axes.back();
    const Halide::Var x = axes[rank - 2];

    std::vector<Halide::Range> ranges;
    for (int axis = g.axes(); axis-- > 0;)
        ranges.emplace_back(0, static_cast<int>(g.window.size[static_cast<std::size_t>(axis)]));
    const Halide::RDom r(ranges, "r");
    Coordinates weight_at, source_at{axes.front()};
    for (int axis = 0; axis < g.axes(); ++axis) {
        const std::size_t a = static_cast<std::size_t>(axis);
        const Halide::RVar tap = r[g.axes() - 1 - axis];
        weight_at.emplace_back(tap);
        source_at.push_back(axes[a + 1] * static_cast<int>(g.window.stride[a]) +
                            tap * static_cast<int>(g.window.dilation[a]) - static_cast<int>(g.window.pad_before[a]));
    }
    weight_at.emplace_back(0);
    weight_at.emplace_back(c);
    const std::int64_t multiplier = g.group_filters;
    source_at.push_back(multiplier == 1 ? Halide::Expr(c) : c / static_cast<int>(multiplier));
    const Halide::Func padded = builder.padded_source(0.0, "padded");
    const Halide::Expr source = g.padded() ? padded(halide_order(source_at)) : builder.input(0, source_at);

    Halide::Func sum("sum");
    sum(halide_order(axes)) = 0.0f;
    sum(halide_order(axes)) += builder.packed(0, weight_at) * source;
    Halide::Func output = builder.define_output(sum(halide_order(builder.coordinates())));

    using Halide::TailStrategy;
    const auto tail = [](std::int64_t extent, std::int64_t factor) {
        return extent % factor == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards;
    };
    Halide::Var co("co"), ci("ci"), xo("xo"), xi("xi"), yo("yo"), yi("yi");
    const int block = t.vectors * t.lanes;
    output.split(c, co, ci, block, tail(g.filters, block)).split(x, xo, xi, t.pixels, tail(g.width(), t.pixels));
    if (rank > 3) output.split(axes[rank - 3], yo, yi, t.rows, tail(g.height(), t.rows));
    std::vector<Halide::Var> around(axes.begin(), axes.end() - 1);
    around.back() = xo;
    if (rank > 3) around.end()[-2] = yo;
    around.insert(t.order == 2 ? around.begin() : around.end() - t.order, co);
    const std::vector<std::int64_t> extents = outer_extents(g, t);
    std::vector<Loop> loops;  // outermost first
    for (std::size_t i = 0; i < around.size(); ++i) loops.push_back({around[i], extents[i]});
    std::vector<Halide::VarOrRVar> order{ci, xi};
    if (rank > 3) order.emplace_back(yi);
    for (std::size_t i = loops.size(); i-- > 0;) order.emplace_back(loops[i].var);
    output.reorder(order).vectorize(ci, t.lanes).unroll(ci).unroll(xi);
    const Halide::Var innermost = share_out(output, loops, task);
    if (rank > 3) output.unroll(yi);

    const bool unroll_taps = g.window_size() <= most_unrolled_taps;
    sum.compute_at(output, innermost).vectorize(c, t.lanes).unroll(c).unroll(x);
    std::vector<Halide::VarOrRVar> update{c, x};
    Halide::Stage accumulate = sum.update();
    if (rank > 3) {
        sum.unroll(axes[rank - 3]);
        update.emplace_back(axes[rank - 3]);
    }
    for (int i = 0; i < r.dimensions(); ++i) update.emplace_back(r[i]);
    accumulate.reorder(update).vectorize(c, t.lanes).unroll(c).unroll(x);
    if (rank > 3) accumulate.unroll(axes[rank - 3]);
    for (int i = 0; unroll_taps && i < r.dimensions(); ++i) accumulate.unroll(r[i]);
    return builder.finish(output);
}

}  // namespace
}  // namespace halcyon::kernels
