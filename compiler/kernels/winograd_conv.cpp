#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include "kernels/common/convolution_geometry.h"
#include "kernels/common/kernel_builder.h"
#include "support/check.h"

// Winograd's convolution F(m x m, 3 x 3): an image in tiles of m x m outputs, each from (m + 2) x (m + 2) inputs that
// overlap by two. With the matrices of Lavin and Gray (2015), Y = A^T [ (G g G^T) * (B^T d B) ] A sums over the channels
// where the product of the brackets is elementwise, so that each of the (m + 2)^2 positions is one matrix product of tiles by
// channels by filters: 2.25 times fewer multiplications than a direct convolution for m = 2, 4 times for m = 4. What that
// costs is precision, since the numbers are scaled up and cancel later: see error_bound.
//
// A block is some rows of tiles. For each block the padded rows are copied, transformed, multiplied and transformed back
// before the next, so that all that lies in between stays in cache.

namespace halcyon::kernels {
namespace {

/// The parameters under names, and what follows from them.
struct Winograd {
    int output;           ///< m
    int tiles, vectors;   ///< a register tile of the products
    int rows;             ///< rows of tiles in a block
    int order;            ///< 0: products for all filters at once; 1: filters in blocks, each transformed back at once
    int lanes;            ///< of filters
    int channel_lanes;    ///< at most the channels there are, so that vectors shifted inwards stay inside
    int columns;          ///< of tiles, with those added to make whole register tiles
    std::int64_t blocks;  ///< of tile rows
    std::int64_t filter_blocks;

    [[nodiscard]] int input() const { return output + 2; }
    [[nodiscard]] int points() const { return input() * input(); }
    [[nodiscard]] int filter_block() const { return vectors * lanes; }
    [[nodiscard]] int block_tiles() const { return columns * rows; }
};

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

/// The least number of columns whose blocks of `rows` rows are whole register tiles.
std::int64_t whole_columns(std::int64_t columns, std::int64_t rows, std::int64_t tiles) {
    while (columns * rows % tiles != 0) ++columns;
    return columns;
}

Winograd winograd_of(const Task& task, const Candidate& candidate) {
    const ConvolutionGeometry g = geometry_of(task);
    Winograd w{};
    w.output = candidate.value("output");
    w.tiles = candidate.values("tile").at(0);
    w.vectors = candidate.values("tile").at(1);
    w.rows = candidate.value("rows");
    w.order = candidate.value("order");
    w.lanes = candidate.value("vector");
    w.channel_lanes = 1;
    while (w.channel_lanes < w.lanes && w.channel_lanes * 2 <= g.channels) w.channel_lanes *= 2;
    w.columns = static_cast<int>(whole_columns(ceil_div(g.width(), w.output), w.rows, w.tiles));
    w.blocks = ceil_div(ceil_div(g.height(), w.output), w.rows);
    w.filter_blocks = ceil_div(g.filters, w.filter_block());
    return w;
}

bool matches(const Task& task, const TargetInfo& target) {
    if (task.operation.op != Op::convolution) return false;
    const ConvolutionGeometry g = geometry_of(task);
    const auto all_are = [](const Shape& values, std::int64_t value) {
        return std::all_of(values.begin(), values.end(), [value](std::int64_t v) { return v == value; });
    };
    // With fewer channels the transforms are most of the work.
    return g.axes() == 2 && g.groups == 1 && all_are(g.window.size, 3) && all_are(g.window.stride, 1) &&
           all_are(g.window.dilation, 1) && g.channels >= target.vector_lanes && g.filters >= target.vector_lanes;
}

bool accepts(const Task&, const Candidate& layouts) {
    return plain_layouts(layouts) && layouts.inputs.at(0).strides.back() == 1 && layouts.output.strides.back() == 1;
}

std::vector<ParameterSpace> space(const Task& task, const Candidate&, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(task);
    std::vector<std::vector<int>> tiles;
    for (int vectors = 1; vectors <= 4; ++vectors) {
        for (int count = 1; count <= 16; ++count) {
            if (count * vectors + vectors <= target.vector_registers) tiles.push_back({count, vectors});
        }
    }
    std::vector<std::vector<int>> rows;
    for (int count = 1; count <= std::min<std::int64_t>(ceil_div(g.height(), 2), 8); ++count) rows.push_back({count});
    return {{"output", {{4}, {2}}},
            {"tile", tiles},
            {"rows", rows},
            {"order", {{0}, {1}}},
            {"vector", {{target.vector_lanes}}}};
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const std::vector<int>& tile = candidate.values("tile");
    const int output = candidate.value("output");
    const int order = candidate.value("order");
    if (output != 2 && output != 4) return false;
    if (tile.at(0) < 1 || tile.at(1) < 1 || candidate.value("rows") < 1 || order < 0 || order > 1) return false;
    if (candidate.value("vector") != target.vector_lanes) return false;
    const Winograd w = winograd_of(task, candidate);
    const ConvolutionGeometry g = geometry_of(task);
    if (w.tiles * w.vectors + w.vectors > target.vector_registers) return false;
    const std::int64_t rows = ceil_div(g.height(), w.output);
    const std::int64_t columns = ceil_div(g.width(), w.output);
    if (w.rows > rows || (w.vectors - 1) * w.lanes >= g.filters) return false;
    // With one block of filters the orders are the same loops.
    if (w.order == 1 && w.filter_blocks == 1) return false;
    return w.columns * 4 <= columns * 5;
}

/// How many parts of the work can run at once, and which loop they are.
enum class Share { nothing, images, blocks, filters };
struct Shares {
    Share by = Share::nothing;
    std::int64_t parts = 1;
};

Shares shares_of(const Task& task, const Winograd& w) {
    if (!worth_threads(task)) return {};
    const std::int64_t images = task.output.shape.front();
    if (images >= 2 * task.threads) return {Share::images, images};
    Shares shares;
    if (w.blocks > 1) shares = {Share::blocks, w.blocks};
    if (w.order == 1 && w.filter_blocks > w.blocks) shares = {Share::filters, w.filter_blocks};
    return shares;
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const Winograd w = winograd_of(task, candidate);
    const ConvolutionGeometry g = geometry_of(task);
    const auto real = [](std::int64_t number) { return static_cast<double>(number); };
    const double channels = real(g.channels);
    const double filters = real(w.filter_blocks * w.filter_block());
    const double tiles = w.block_tiles();
    const double points = w.points();
    const double filter_blocks = real(w.filter_blocks);
    const double blocks = real(w.blocks);

    // What moves in a block, and from where: the level of cache that holds what is used again in between.
    const double chunk_bytes = 4.0 * channels * w.filter_block();  // the weights of one point and block of filters
    const double weight_bytes = chunk_bytes * points * filter_blocks;
    const double plane_bytes = 4.0 * channels * tiles;
    const double transformed_bytes = plane_bytes * points;
    const double product_bytes = 4.0 * filters * tiles * points;
    const double scratch_bytes = transformed_bytes + (w.order == 0 ? product_bytes : product_bytes / filter_blocks);
    const double fits_l1 = 0.75 * static_cast<double>(target.l1_bytes);
    const double fits_l2 = 0.75 * static_cast<double>(target.l2_bytes);
    const auto cycles_per_byte = [&](double reused_over) {
        if (reused_over < fits_l1) return 1.0 / 128.0;
        return reused_over < fits_l2 ? 1.0 / target.l2_bytes_per_cycle : 1.0 / target.memory_bytes_per_cycle;
    };

    // One step of the products, by the same account as a direct convolution's.
    const int sums = w.tiles * w.vectors;
    const bool can_broadcast_from_memory = target.vector_registers == 32 && target.vector_lanes == 16;
    const bool broadcasts_from_memory = can_broadcast_from_memory && w.vectors < 4;
    const double loads = broadcasts_from_memory ? w.vectors + sums : w.vectors + w.tiles;
    double step = std::max({sums / target.fma_per_cycle, loads / 2.0, 4.0}) + 0.5 + 0.02 * loads;
    const int registers = sums + (can_broadcast_from_memory ? w.vectors : std::min(w.vectors, w.tiles) + 1);
    if (registers > target.vector_registers) step += 2.0 * (registers - target.vector_registers);
    // Every step reads new weights. A core hides their way from the caches only as far as it looks ahead in its
    // instructions, so a step that does much with them, or reads many at once, waits less for each. Measured on x86-64; CPUs
    // with short vectors need fewer bytes a step and are taken to hide all of it.
    const double looked_ahead = target.vector_lanes >= 8 ? 320.0 : INFINITY;
    constexpr double from_l3 = 125.0;
    const double instructions = loads + (broadcasts_from_memory ? 0.0 : sums) + 3.0;
    const auto waiting_step = [&](double latency) { return std::max(step, latency * instructions / looked_ahead); };
    const auto latency = [&](double reused_over, double fits_l3) {
        if (reused_over < fits_l1) return 0.0;
        if (reused_over < fits_l2) return 19.0;
        return reused_over < fits_l3 ? from_l3 : 377.0;
    };
    // The first rows of tiles find the weights in memory unless the whole network is small; later ones where they left them.
    const double cold = latency(weight_bytes, 3.0 * static_cast<double>(target.l2_bytes));
    double first_step = waiting_step(cold);
    if (cold > from_l3) first_step = std::max(first_step, 4.0 * w.filter_block() / target.memory_bytes_per_cycle);
    const double later_step =
        waiting_step(latency(weight_bytes + scratch_bytes, 24.0 * static_cast<double>(target.l2_bytes)));
    const double streamed_step = (first_step + (blocks * real(g.batch) - 1.0) * later_step) / (blocks * real(g.batch));
    const double groups = tiles / w.tiles;
    const double kept_step = waiting_step(latency(chunk_bytes + plane_bytes / groups, INFINITY));
    double products = points * filter_blocks *
                      (channels * (streamed_step + (groups - 1.0) * kept_step) + groups * (3.0 * sums + 10.0));
    // Products for all filters lie far apart and are read across (measured).
    if (w.order == 0 && w.filter_blocks > 1) products *= 1.08;
    const double planes_again = transformed_bytes * (filter_blocks - 1.0) *
                                cycles_per_byte(w.order == 0 ? plane_bytes + chunk_bytes : scratch_bytes + chunk_bytes);

    // The transforms of a tile and vector: additions, and moving what they read and write.
    const double pixels = static_cast<double>(w.output) * w.output;
    const double additions_before = w.output == 4 ? 144.0 : 32.0;
    const double additions_after = w.output == 4 ? 100.0 : 24.0;
    const double before = additions_before / target.fma_per_cycle + 2.0 * points + 2.0 * pixels;
    const double after = additions_after / target.fma_per_cycle + points + 2.0 * pixels;
    const double transforms = tiles / w.lanes * (channels * before + filters * after) +
                              0.07 * (transformed_bytes + product_bytes) * cycles_per_byte(scratch_bytes);

    double cycles = products + 0.3 * planes_again + transforms + 200.0;
    cycles *= blocks * real(g.batch);
    if (worth_threads(task)) {
        const std::int64_t parts = shares_of(task, w).parts;
        cycles *= real(ceil_div(parts, task.threads) * task.threads) / real(parts);
    }
    return cycles / 1e9;
}

/// Seen over uniformly random numbers, as a multiple of what random roundings in as many additions give.
double error_bound(const Task& task, const Candidate& candidate) {
    const double additions = static_cast<double>(geometry_of(task).channels);
    return (candidate.value("output") == 4 ? 1.5e-6 : 1.5e-7) * std::sqrt(additions);
}

/// Transforms of one row: from as many expressions as there are inputs to the tile (or points), in few additions.
using Expressions = std::vector<Halide::Expr>;

/// B^T d.
Expressions transform_input(const Expressions& d) {
    if (d.size() == 4) return {d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]};
    const Halide::Expr even = d[4] - 4.0f * d[2];
    const Halide::Expr odd = d[3] - 4.0f * d[1];
    const Halide::Expr even2 = d[4] - d[2];
    const Halide::Expr odd2 = d[3] - d[1];
    return {4.0f * d[0] - 5.0f * d[2] + d[4], even + odd, even - odd, even2 + 2.0f * odd2, even2 - 2.0f * odd2,
            4.0f * d[1] - 5.0f * d[3] + d[5]};
}

/// A^T m.
Expressions transform_output(const Expressions& m) {
    const Halide::Expr sum = m[1] + m[2];
    const Halide::Expr difference = m[1] - m[2];
    if (m.size() == 4) return {m[0] + sum, difference - m[3]};
    const Halide::Expr sum2 = m[3] + m[4];
    const Halide::Expr difference2 = m[3] - m[4];
    return {m[0] + sum + sum2, difference + 2.0f * difference2, sum + 4.0f * sum2,
            difference + 8.0f * difference2 + m[5]};
}

/// The element of `values` that `index` says; a loop over it that is unrolled leaves one.
Halide::Expr pick(const Halide::Expr& index, const Expressions& values) {
    Halide::Expr picked = values.back();
    for (std::size_t i = values.size() - 1; i-- > 0;)
        picked = Halide::select(index == static_cast<int>(i), values[i], picked);
    return picked;
}

/// Storage of a plane of points with an odd number of lines, so that neighbouring planes lie in different sets of the caches.
void spread_planes(Halide::Func func, const Halide::Var& channels, std::int64_t channel_count, const Halide::Var& tiles,
                   std::int64_t tile_count) {
    constexpr std::int64_t line = 16;
    const std::int64_t lines = ceil_div(channel_count, line) | 1;
    func.align_storage(channels, static_cast<int>(lines * line)).align_storage(tiles, static_cast<int>(tile_count | 1));
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);
Shape packed_shape(const Task& task, const Candidate& candidate, int constant);
Array pack(const Task& task, const Candidate& candidate, int constant, const Array& value);

}  // namespace

extern const KernelFamily winograd_conv;
const KernelFamily winograd_conv{
    "winograd_conv",
    "3x3 convolution of stride 1 as products between transforms of tiles, with fewer multiplications.",
    matches,
    accepts,
    space,
    legal,
    cost,
    build,
    packed_shape,
    pack,
    error_bound};

namespace {

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo&) {
    using Halide::TailStrategy;
    const ConvolutionGeometry g = geometry_of(task);
    const Winograd w = winograd_of(task, candidate);
    const KernelBuilder builder(task, candidate, winograd_conv);
    const int m = w.output;
    const int points = w.input();
    const int channels = static_cast<int>(g.channels);
    const int filters = static_cast<int>(w.filter_blocks) * w.filter_block();
    const int tile_count = w.block_tiles();

    const Halide::Var n = builder.axes()[0];
    const Halide::Var y = builder.axes()[1];
    const Halide::Var x = builder.axes()[2];
    const Halide::Var c = builder.axes()[3];
    // i, j: the place inside a tile or its transform, of x and y. A tile is (tx, ty) in the image, or number t of block b.
    Halide::Var i("i"), j("j"), tx("tx"), ty("ty"), t("t"), b("b");

    const Halide::Func source = builder.padded_source(0.0, "padded");
    Halide::Func rows("rows");
    rows(c, x, y, n) =
        source(c, x - static_cast<int>(g.window.pad_before[1]), y - static_cast<int>(g.window.pad_before[0]), n);

    const auto line = [&](int count, const std::function<Halide::Expr(int)>& element) {
        Expressions all;
        for (int k = 0; k < count; ++k) all.push_back(element(k));
        return all;
    };
    Halide::Func half("half"), transformed("transformed"), product("product"), half_back("half_back");
    half(c, i, j, t, b, n) = pick(i, transform_input(line(points, [&](int k) {
                                      return rows(c, t % w.columns * m + k, (b * w.rows + t / w.columns) * m + j, n);
                                  })));
    transformed(c, t, i, j, b, n) =
        pick(j, transform_input(line(points, [&](int k) { return half(c, i, k, t, b, n); })));

    // Sums of a register tile, with k counting inside block f of filters so that its extent is a constant.
    Halide::Func sum("sum");
    Halide::Var k("k"), f("f");
    const Halide::RDom r(0, channels, "r");
    sum(k, t, f, i, j, b, n) = 0.0f;
    sum(k, t, f, i, j, b, n) += builder.packed(0, {f, j * points + i, r, k}) * transformed(r, t, i, j, b, n);
    product(c, t, i, j, b, n) = sum(c % w.filter_block(), t, c / w.filter_block(), i, j, b, n);

    half_back(c, i, j, tx, ty, n) = pick(i, transform_output(line(points, [&](int k) {
                                             return product(c, ty % w.rows * w.columns + tx, k, j, ty / w.rows, n);
                                         })));
    Halide::Func output = builder.define_output(
        pick(y % m, transform_output(line(points, [&](int k) { return half_back(c, x % m, k, x / m, y / m, n); }))));

    Halide::Var block("block"), tile_y("tile_y"), tile_x("tile_x"), filter_block("filter_block"), co("co"), ci("ci");
    const auto tail = [](std::int64_t extent, std::int64_t factor) {
        return extent % factor == 0 ? TailStrategy::RoundUp : TailStrategy::GuardWithIf;
    };
    // Never twice the same element, which may lie over what the epilogue reads.
    output.split(y, block, tile_y, m * w.rows, tail(g.height(), m * w.rows))
        .split(tile_y, tile_y, j, m, tail(g.height(), m))
        .split(x, tile_x, i, m, tail(g.width(), m))
        .split(c, filter_block, co, w.filter_block(), tail(g.filters, w.filter_block()))
        .split(co, co, ci, w.lanes, tail(g.filters, w.lanes));
    if (w.order == 0)
        output.reorder(ci, i, j, co, filter_block, tile_x, tile_y, block, n);
    else
        output.reorder(ci, i, j, co, tile_x, tile_y, filter_block, block, n);
    output.vectorize(ci).unroll(i).unroll(j);
    half_back.compute_at(output, co).bound(i, 0, m).bound(j, 0, points);
    half_back.bound_extent(c, w.lanes).bound_extent(tx, 1).bound_extent(ty, 1);
    half_back.vectorize(c, w.lanes).unroll(i).unroll(j);

    Halide::Var to("to"), ti("ti");
    product.compute_at(output, w.order == 0 ? block : filter_block);
    product.bound(t, 0, tile_count).bound(i, 0, points).bound(j, 0, points).bound_extent(b, 1);
    if (w.order == 0)
        product.bound(c, 0, filters);
    else
        product.bound_extent(c, w.filter_block());
    spread_planes(product, c, w.order == 0 ? filters : w.filter_block(), t, tile_count);
    product.split(c, co, ci, w.filter_block(), TailStrategy::RoundUp)
        .split(t, to, ti, w.tiles, TailStrategy::RoundUp)
        .reorder(ci, ti, to, co, i, j, b, n)
        .vectorize(ci, w.lanes)
        .unroll(ci)
        .unroll(ti);
    sum.compute_at(product, to).bound(k, 0, w.filter_block());
    sum.vectorize(k, w.lanes).unroll(k).unroll(t);
    sum.update().reorder(k, t, r).vectorize(k, w.lanes).unroll(k).unroll(t);

    transformed.compute_at(output, block);
    transformed.bound(t, 0, tile_count)
        .bound(i, 0, points)
        .bound(j, 0, points)
        .bound(c, 0, channels)
        .bound_extent(b, 1);
    spread_planes(transformed, c, channels, t, tile_count);
    transformed.split(c, co, ci, w.channel_lanes, TailStrategy::ShiftInwards)
        .reorder(ci, i, j, co, t, b, n)
        .vectorize(ci)
        .unroll(i)
        .unroll(j);
    half.compute_at(transformed, co).bound(i, 0, points).bound(j, 0, points);
    half.vectorize(c, w.channel_lanes).unroll(i).unroll(j);

    rows.compute_at(output, block);
    rows.bound(c, 0, channels).bound_extent(x, w.columns * m + 2).bound_extent(y, w.rows * m + 2);
    rows.vectorize(c, w.channel_lanes, TailStrategy::ShiftInwards);

    switch (shares_of(task, w).by) {
    case Share::nothing: break;
    case Share::images: output.parallel(n); break;
    case Share::blocks: output.parallel(block); break;
    case Share::filters:
        output.parallel(filter_block);
        transformed.parallel(t);
        break;
    }
    return builder.finish(output);
}

Shape packed_shape(const Task& task, const Candidate& candidate, int constant) {
    if (constant != 0) return task.constants.at(static_cast<std::size_t>(constant));
    const Winograd w = winograd_of(task, candidate);
    return {w.filter_blocks, w.points(), geometry_of(task).channels, w.filter_block()};
}

/// G, of m + 2 rows.
std::vector<std::array<double, 3>> kernel_matrix(int m) {
    if (m == 2) return {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
    return {{1.0 / 4, 0, 0},
            {-1.0 / 6, -1.0 / 6, -1.0 / 6},
            {-1.0 / 6, 1.0 / 6, -1.0 / 6},
            {1.0 / 24, 1.0 / 12, 1.0 / 6},
            {1.0 / 24, -1.0 / 12, 1.0 / 6},
            {0, 0, 1}};
}

Array pack(const Task& task, const Candidate& candidate, int constant, const Array& value) {
    if (constant != 0) return value;
    const Winograd w = winograd_of(task, candidate);
    const ConvolutionGeometry g = geometry_of(task);
    const auto matrix = kernel_matrix(w.output);
    Array packed(packed_shape(task, candidate, constant));
    const std::int64_t block = w.filter_block();
    // Filters innermost: they are neighbours in both arrays.
    std::array<double, 9> taps{};
    std::vector<double> sums(static_cast<std::size_t>(g.filters));
    for (int point = 0; point < w.points(); ++point) {
        const auto& row = matrix[static_cast<std::size_t>(point / w.input())];
        const auto& column = matrix[static_cast<std::size_t>(point % w.input())];
        for (std::size_t tap = 0; tap < 9; ++tap) taps[tap] = row[tap / 3] * column[tap % 3];
        for (std::int64_t channel = 0; channel < g.channels; ++channel) {
            std::fill(sums.begin(), sums.end(), 0.0);
            for (std::size_t tap = 0; tap < 9; ++tap) {
                const std::int64_t first = (static_cast<std::int64_t>(tap) * g.channels + channel) * g.filters;
                for (std::size_t f = 0; f < sums.size(); ++f)
                    sums[f] += taps[tap] * value[first + static_cast<std::int64_t>(f)];
            }
            for (std::int64_t f = 0; f < g.filters; ++f) {
                packed[((f / block * w.points() + point) * g.channels + channel) * block + f % block] =
                    sums[static_cast<std::size_t>(f)];
            }
        }
    }
    return packed;
}

}  // namespace
}  // namespace halcyon::kernels
