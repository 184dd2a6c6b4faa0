#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "kernels/common/cache_levels.h"
#include "kernels/common/convolution_geometry.h"
#include "kernels/common/kernel_builder.h"
#include "kernels/common/plane_products.h"
#include "kernels/common/split_sum.h"
#include "kernels/common/threads.h"
#include "kernels/common/winograd_axis.h"

// Winograd's convolution F(m x m, r x r): an image in tiles of m x m outputs, each from n x n inputs, n = m + r - 1, that
// overlap. After Lavin and Gray (2015), Y = A^T [ (G g G^T) * (B^T d B) ] A sums over the channels where the product of the
// brackets is elementwise, so that each of the n^2 points is one matrix product of tiles by channels by filters: for r = 3
// 2.25 times fewer multiplications than a direct convolution with m = 2, 4 times with m = 4. A window of 1 x r or r x 1 has
// tiles along that axis alone, and n points. What that costs is precision, since the numbers are scaled up and cancel later:
// see error_bound.
//
// A block is some rows of tiles. For each block the padded rows are copied, transformed, multiplied and transformed back
// before the next, so that all that lies in between stays in cache.

namespace halcyon::kernels {
namespace {

/// The parameters under names, and what follows from them.
struct Winograd {
    WinogradAxis y, x;    ///< m outputs each, but 1 along which the window has 1 tap
    int tiles, vectors;   ///< a register tile of the products
    int rows;             ///< rows of tiles in a block
    int order;            ///< 0: products for all filters at once; 1: filters in blocks, each transformed back at once
    int lanes;            ///< of filters
    int channel_lanes;    ///< at most the channels there are, so that vectors shifted inwards stay inside
    int columns;          ///< of tiles, with those added to make whole register tiles
    std::int64_t blocks;  ///< of tile rows
    std::int64_t filter_blocks;

    [[nodiscard]] int points() const { return y.points() * x.points(); }
    [[nodiscard]] int filter_block() const { return vectors * lanes; }
    [[nodiscard]] int block_tiles() const { return columns * rows; }
    [[nodiscard]] PlaneProducts products(std::int64_t channels) const {
        return {points(), block_tiles(), channels, filter_blocks, tiles, vectors, lanes, order == 0};
    }
};

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

/// The least number of columns whose blocks of `rows` rows are whole register tiles.
std::int64_t whole_columns(std::int64_t columns, std::int64_t rows, std::int64_t tiles) {
    while (columns * rows % tiles != 0) ++columns;
    return columns;
}

int taps_of(const ConvolutionGeometry& g, std::size_t axis) {
    return static_cast<int>(g.window.size[axis]);
}

WinogradAxis axis_of(const ConvolutionGeometry& g, std::size_t axis, int output) {
    const int taps = taps_of(g, axis);
    return {taps == 1 ? 1 : output, taps};
}

Winograd winograd_of(const Task& task, const Candidate& candidate) {
    const ConvolutionGeometry g = geometry_of(task);
    const int output = candidate.value("output");
    Winograd w{axis_of(g, 0, output), axis_of(g, 1, output)};
    w.tiles = candidate.values("tile").at(0);
    w.vectors = candidate.values("tile").at(1);
    w.rows = candidate.value("rows");
    w.order = candidate.value("order");
    w.lanes = candidate.value("vector");
    w.channel_lanes = 1;
    while (w.channel_lanes < w.lanes && w.channel_lanes * 2 <= g.channels) w.channel_lanes *= 2;
    w.columns = static_cast<int>(whole_columns(ceil_div(g.width(), w.x.outputs()), w.rows, w.tiles));
    w.blocks = ceil_div(ceil_div(g.height(), w.y.outputs()), w.rows);
    w.filter_blocks = ceil_div(g.filters, w.filter_block());
    return w;
}

/// The sizes of tile whose rounding is bearable, for the window's longer axis: up to 10 points along one axis, 6 along two.
std::vector<int> outputs_of(const ConvolutionGeometry& g) {
    const int taps = std::max(taps_of(g, 0), taps_of(g, 1));
    const bool one_axis = std::min(taps_of(g, 0), taps_of(g, 1)) == 1;
    std::vector<int> outputs;
    for (const int output : {4, 2}) {
        if (WinogradAxis::exists(output, taps) && output + taps - 1 <= (one_axis ? 10 : 6)) outputs.push_back(output);
    }
    return outputs;
}

bool matches(const Task& task, const TargetInfo& target) {
    if (task.operation.op != Op::convolution) return false;
    const ConvolutionGeometry g = geometry_of(task);
    if (g.axes() != 2 || outputs_of(g).empty()) return false;
    // Blocks that are pooled lie inside a tile.
    const auto lies_in_tile = [&](std::size_t axis) {
        return g.pooled[axis] == 1 || (g.pooled[axis] == 2 && taps_of(g, axis) > 1);
    };
    if (!lies_in_tile(0) || !lies_in_tile(1)) return false;
    const bool regular = g.window.size[0] == g.window.size[1] || std::min(g.window.size[0], g.window.size[1]) == 1;
    const auto all_are = [](const Shape& values, std::int64_t value) {
        return std::all_of(values.begin(), values.end(), [value](std::int64_t v) { return v == value; });
    };
    // With fewer channels the transforms are most of the work.
    return regular && g.groups == 1 && all_are(g.window.stride, 1) && all_are(g.window.dilation, 1) &&
           g.channels >= target.vector_lanes && g.filters >= target.vector_lanes;
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
    std::vector<std::vector<int>> outputs, rows;
    for (const int output : outputs_of(g)) outputs.push_back({output});
    // Rows of tiles; where these are of one pixel, more of them make a block.
    const bool low = taps_of(g, 0) == 1;
    const std::int64_t most = std::min<std::int64_t>(ceil_div(g.height(), low ? 1 : 2), low ? 12 : 8);
    for (int count = 1; count <= most; ++count) rows.push_back({count});
    return {{"output", outputs},
            {"tile", tiles},
            {"rows", rows},
            {"order", {{0}, {1}}},
            {"vector", {{target.vector_lanes}}}};
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const std::vector<int>& tile = candidate.values("tile");
    const int output = candidate.value("output");
    const int order = candidate.value("order");
    const ConvolutionGeometry g = geometry_of(task);
    const std::vector<int> outputs = outputs_of(g);
    if (std::find(outputs.begin(), outputs.end(), output) == outputs.end()) return false;
    if (tile.at(0) < 1 || tile.at(1) < 1 || candidate.value("rows") < 1 || order < 0 || order > 1) return false;
    if (candidate.value("vector") != target.vector_lanes) return false;
    const Winograd w = winograd_of(task, candidate);
    if (w.tiles * w.vectors + w.vectors > target.vector_registers) return false;
    const std::int64_t rows = ceil_div(g.height(), w.y.outputs());
    const std::int64_t columns = ceil_div(g.width(), w.x.outputs());
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
    const double channels = static_cast<double>(g.channels);
    const double blocks = static_cast<double>(w.blocks * g.batch);
    const PlaneProducts products = w.products(g.channels);
    const double filters = static_cast<double>(products.filters());
    const double tiles = products.rows;
    const double points = products.points;

    // The transforms of a tile and vector: additions along one axis and the other, and moving what they read and write.
    const double pixels = static_cast<double>(w.y.outputs()) * w.x.outputs();
    const double additions_before = w.y.points() * w.x.input_operations() + w.x.points() * w.y.input_operations();
    const double additions_after = w.y.points() * w.x.output_operations() + w.x.outputs() * w.y.output_operations();
    const double before = additions_before / target.fma_per_cycle + 2.0 * points + 2.0 * pixels;
    const double after = additions_after / target.fma_per_cycle + points + 2.0 * pixels;
    const double transforms =
        tiles / w.lanes * (channels * before + filters * after) +
        0.2 * (products.left_bytes() + products.product_bytes()) * cycles_per_byte(products.scratch_bytes(), target);

    const double cycles = blocks * (plane_product_cycles(products, blocks, target) + transforms + 200.0);
    return cycles * unevenness(shares_of(task, w).parts, task) / 1e9;
}

/// Twice what was seen over normally distributed numbers (of the input, those above 0), as a multiple of what random roundings
/// in as many additions give.
double error_bound(const Task& task, const Candidate& candidate) {
    const Winograd w = winograd_of(task, candidate);
    const bool both = std::min(w.y.points(), w.x.points()) > 1;
    const int points = std::max(w.y.points(), w.x.points());
    double error = 0.8e-7;
    if (points == 6) error = both ? 5e-7 : 2e-7;
    if (points == 8) error = 3e-7;
    if (points == 10) error = 6e-7;
    return error * std::sqrt(static_cast<double>(geometry_of(task).channels));
}

using Expressions = std::vector<Halide::Expr>;

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);
Shape packed_shape(const Task& task, const Candidate& candidate, int constant);
Array pack(const Task& task, const Candidate& candidate, int constant, const Array& value);

}  // namespace

extern const KernelFamily winograd_conv;
const KernelFamily winograd_conv{"winograd_conv",
                                 "Convolution of stride 1, 3x3, 5x5, or along one axis, as products between transforms "
                                 "of tiles: fewer multiplications.",
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

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    using Halide::TailStrategy;
    const ConvolutionGeometry g = geometry_of(task);
    const Winograd w = winograd_of(task, candidate);
    const KernelBuilder builder(task, candidate, winograd_conv);
    const int my = w.y.outputs(), mx = w.x.outputs();
    const int py = w.y.points(), px = w.x.points();
    const int channels = static_cast<int>(g.channels);
    const int tile_count = w.block_tiles();
    const PlaneProducts products = w.products(g.channels);

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
    half(c, i, j, t, b, n) = pick(i, w.x.transform_input(line(px, [&](int k) {
        return rows(c, t % w.columns * mx + k, (b * w.rows + t / w.columns) * my + j, n);
    })));
    transformed(c, t, i, j, b, n) =
        pick(j, w.y.transform_input(line(py, [&](int at) { return half(c, i, at, t, b, n); })));

    // Sums of a register tile, with k counting inside block f of filters so that its extent is a constant.
    Halide::Var k("k"), f("f");
    SplitSum split({channels});
    const Halide::Expr& r = split.indices().front();
    Halide::Func sum =
        split.define({k, t, f, i, j, b, n},
                     builder.packed(0, products.weight_place(j * px + i, f, r, k)) * transformed(r, t, i, j, b, n));
    product(c, t, i, j, b, n) = sum(c % w.filter_block(), t, c / w.filter_block(), i, j, b, n);

    half_back(c, i, j, tx, ty, n) = pick(i, w.x.transform_output(line(px, [&](int at) {
        return product(c, ty % w.rows * w.columns + tx, at, j, ty / w.rows, n);
    })));
    Halide::Func output = builder.define_output(builder.pooled([&](const Coordinates& at) {
        const Halide::Expr &row = at[1], &column = at[2];
        return pick(row % my, w.y.transform_output(line(py, [&](int point) {
            return half_back(c, column % mx, point, column / mx, row / my, n);
        })));
    }));

    Halide::Var block("block"), tile_y("tile_y"), tile_x("tile_x"), filter_block("filter_block"), co("co"), ci("ci");
    const auto tail = [](std::int64_t extent, std::int64_t factor) {
        return extent % factor == 0 ? TailStrategy::RoundUp : TailStrategy::GuardWithIf;
    };
    // Never twice the same element, which may lie over what the epilogue reads.
    const int stored_y = my / static_cast<int>(g.pooled[0]), stored_x = mx / static_cast<int>(g.pooled[1]);
    output.split(y, block, tile_y, stored_y * w.rows, tail(g.height(), my * w.rows))
        .split(tile_y, tile_y, j, stored_y, tail(g.height(), my))
        .split(x, tile_x, i, stored_x, tail(g.width(), mx))
        .split(c, filter_block, co, w.filter_block(), tail(g.filters, w.filter_block()))
        .split(co, co, ci, w.lanes, tail(g.filters, w.lanes));
    if (w.order == 0)
        output.reorder(ci, i, j, co, filter_block, tile_x, tile_y, block, n);
    else
        output.reorder(ci, i, j, co, tile_x, tile_y, filter_block, block, n);
    output.vectorize(ci).unroll(i).unroll(j);
    half_back.compute_at(output, co).bound(i, 0, mx).bound(j, 0, py);
    half_back.bound_extent(c, w.lanes).bound_extent(tx, 1).bound_extent(ty, 1);
    half_back.vectorize(c, w.lanes).unroll(i).unroll(j);

    product.compute_at(output, w.order == 0 ? block : filter_block);
    product.bound(i, 0, px).bound(j, 0, py).bound_extent(b, 1);
    schedule_plane_products(products, target, product, c, t, split, sum, k);

    transformed.compute_at(output, block);
    transformed.bound(t, 0, tile_count).bound(i, 0, px).bound(j, 0, py).bound(c, 0, channels).bound_extent(b, 1);
    spread_planes(transformed, c, channels, t, tile_count);
    transformed.split(c, co, ci, w.channel_lanes, TailStrategy::ShiftInwards)
        .reorder(ci, i, j, co, t, b, n)
        .vectorize(ci)
        .unroll(i)
        .unroll(j);
    half.compute_at(transformed, co).bound(i, 0, px).bound(j, 0, py);
    half.vectorize(c, w.channel_lanes).unroll(i).unroll(j);

    rows.compute_at(output, block);
    rows.bound(c, 0, channels)
        .bound_extent(x, w.columns * mx + w.x.taps() - 1)
        .bound_extent(y, w.rows * my + w.y.taps() - 1);
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
    return builder.finish_streaming(output, target);
}

Shape packed_shape(const Task& task, const Candidate& candidate, int constant) {
    if (constant != 0) return task.constants.at(static_cast<std::size_t>(constant));
    return winograd_of(task, candidate).products(geometry_of(task).channels).weight_shape();
}

Array pack(const Task& task, const Candidate& candidate, int constant, const Array& value) {
    if (constant != 0) return value;
    const Winograd w = winograd_of(task, candidate);
    const ConvolutionGeometry g = geometry_of(task);
    const auto rows = w.y.kernel_matrix();
    const auto columns = w.x.kernel_matrix();
    Array packed(packed_shape(task, candidate, constant));
    const PlaneProducts products = w.products(g.channels);
    const std::int64_t block = w.filter_block();
    const auto across = static_cast<std::size_t>(w.x.taps());
    // Filters innermost: they are neighbours in both arrays.
    std::vector<double> taps(across * static_cast<std::size_t>(w.y.taps()));
    std::vector<double> sums(static_cast<std::size_t>(g.filters));
    for (int point = 0; point < w.points(); ++point) {
        const auto& row = rows[static_cast<std::size_t>(point / w.x.points())];
        const auto& column = columns[static_cast<std::size_t>(point % w.x.points())];
        for (std::size_t tap = 0; tap < taps.size(); ++tap) taps[tap] = row[tap / across] * column[tap % across];
        for (std::int64_t channel = 0; channel < g.channels; ++channel) {
            std::fill(sums.begin(), sums.end(), 0.0);
            for (std::size_t tap = 0; tap < taps.size(); ++tap) {
                const std::int64_t first = (static_cast<std::int64_t>(tap) * g.channels + channel) * g.filters;
                for (std::size_t f = 0; f < sums.size(); ++f)
                    sums[f] += taps[tap] * value[first + static_cast<std::int64_t>(f)];
            }
            for (std::int64_t f = 0; f < g.filters; ++f) {
                const std::int64_t number = products.weight_number(point, f / block, channel, f % block);
                packed[number] = sums[static_cast<std::size_t>(f)];
            }
        }
    }
    return packed;
}

}  // namespace
}  // namespace halcyon::kernels
