#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "kernels/common/cache_levels.h"
#include "kernels/common/convolution_geometry.h"
#include "kernels/common/kernel_builder.h"
#include "kernels/common/plane_products.h"
#include "kernels/common/product_of_rows.h"
#include "kernels/common/split_sum.h"
#include "kernels/common/threads.h"

// One step of Strassen's algorithm (Gaussian Elimination is not Optimal, 1969) for a product of rows with a matrix: rows,
// channels and filters are halved, and the four blocks of results, each a sum of two products, come from seven products instead
// of eight:
//
//     P0 = (A00 + A11) (B00 + B11)    P1 = (A10 + A11) B00    P2 = A00 (B01 - B11)    P3 = A11 (B10 - B00)
//     P4 = (A00 + A01) B11            P5 = (A10 - A00) (B00 + B01)                    P6 = (A01 - A11) (B10 + B11)
//     C00 = P0 + P3 - P4 + P6    C01 = P2 + P4    C10 = P1 + P3    C11 = P0 - P1 + P2 + P5
//
// The sums of B, the weights, are packed. Which rows and filters make a half does not matter: here each other register tile of
// rows and each other block of filters, and the first and the last half of the channels. A block is some pairs of register tiles
// whose sums of A and products lie in cache.

namespace halcyon::kernels {
namespace {

using Expressions = std::vector<Halide::Expr>;

constexpr int product_count = 7;

/// The sums of A in the order of the products, from A[half of the rows][half of the channels].
template <typename T>
std::vector<T> left_factors(const std::array<std::array<T, 2>, 2>& a) {
    return {a[0][0] + a[1][1], a[1][0] + a[1][1], a[0][0],          a[1][1],
            a[0][0] + a[0][1], a[1][0] - a[0][0], a[0][1] - a[1][1]};
}

/// The sums of B, from B[half of the channels][half of the filters].
std::array<double, product_count> right_factors(const std::array<std::array<double, 2>, 2>& b) {
    return {b[0][0] + b[1][1], b[0][0],           b[0][1] - b[1][1], b[1][0] - b[0][0],
            b[1][1],           b[0][0] + b[0][1], b[1][0] + b[1][1]};
}

/// C in the order 00, 01, 10, 11, from the products.
Expressions results_of(const Expressions& p) {
    return {(p[0] + p[3]) - (p[4] - p[6]), p[2] + p[4], p[1] + p[3], (p[0] - p[1]) + (p[2] + p[5])};
}

/// The parameters under names, and what follows from them.
struct Strassen {
    int tile, vectors;  ///< a register tile of the products
    int pairs;          ///< of register tiles in a block
    int order;          ///< 0: products for all filters at once; 1: filters in blocks, each combined at once
    int lanes;          ///< of filters
    int half_channels;
    int channel_lanes;           ///< at most the channels of a half, so that vectors shifted inwards stay inside
    std::int64_t blocks;         ///< of rows
    std::int64_t filter_blocks;  ///< of each half

    [[nodiscard]] int filter_block() const { return vectors * lanes; }
    [[nodiscard]] int block_rows() const { return 2 * tile * pairs; }
    [[nodiscard]] PlaneProducts products() const {
        return {product_count, tile * pairs, half_channels, filter_blocks, tile, vectors, lanes, order == 0};
    }
};

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

Strassen strassen_of(const Task& flat, const Candidate& candidate) {
    const ConvolutionGeometry g = geometry_of(flat);
    Strassen s{};
    s.tile = candidate.values("tile").at(0);
    s.vectors = candidate.values("tile").at(1);
    s.pairs = candidate.value("pairs");
    s.order = candidate.value("order");
    s.lanes = candidate.value("vector");
    s.half_channels = static_cast<int>(g.channels / 2);
    s.channel_lanes = 1;
    while (s.channel_lanes < s.lanes && s.channel_lanes * 2 <= s.half_channels) s.channel_lanes *= 2;
    s.blocks = ceil_div(g.width(), s.block_rows());
    s.filter_blocks = ceil_div(g.filters, 2 * s.filter_block());
    return s;
}

/// With fewer rows, channels or filters the sums are more work than the product that they save.
bool matches(const Task& task, const TargetInfo& target) {
    if (!is_product_of_rows(task, target)) return false;
    const ConvolutionGeometry g = geometry_of(flat_task(task));
    return g.channels % 2 == 0 && g.channels >= 4 * target.vector_lanes && g.filters >= 2 * target.vector_lanes &&
           g.width() >= 16;
}

bool accepts(const Task& task, const Candidate& layouts) {
    return has_flat_layouts(task, layouts) && layouts.inputs.at(0).strides.back() == 1 &&
           layouts.output.strides.back() == 1;
}

/// Pairs of tiles in a block: so that blocks have equally many, for about a quarter, half, whole and twice the second cache.
std::vector<int> pairs_of(const ConvolutionGeometry& g, int tile) {
    const std::int64_t all = ceil_div(g.width(), 2 * tile);
    std::vector<int> pairs;
    for (std::int64_t blocks = 1; blocks <= all; blocks = blocks < 8 ? blocks + 1 : blocks * 5 / 4) {
        const std::int64_t count = ceil_div(all, blocks);
        const std::int64_t bytes = 4 * product_count * tile * count * g.channels / 2;
        if (count > 256 || (blocks > 1 && bytes > (4 << 20))) continue;
        if (pairs.empty() || pairs.back() != static_cast<int>(count)) pairs.push_back(static_cast<int>(count));
    }
    return pairs;
}

std::vector<ParameterSpace> space(const Task& task, const Candidate&, const TargetInfo& target) {
    const ConvolutionGeometry g = geometry_of(flat_task(task));
    std::vector<std::vector<int>> tiles, pairs;
    for (int vectors = 1; vectors <= 4; ++vectors) {
        for (int count = 4; count <= 16; ++count) {
            if (count * vectors + vectors <= target.vector_registers) tiles.push_back({count, vectors});
        }
    }
    std::vector<int> counts;
    for (int count = 4; count <= 16; ++count) {
        const std::vector<int> some = pairs_of(g, count);
        counts.insert(counts.end(), some.begin(), some.end());
    }
    std::sort(counts.begin(), counts.end());
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    for (const int count : counts) pairs.push_back({count});
    return {{"tile", tiles}, {"pairs", pairs}, {"order", {{0}, {1}}}, {"vector", {{target.vector_lanes}}}};
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const std::vector<int>& tile = candidate.values("tile");
    const int order = candidate.value("order");
    const int pairs = candidate.value("pairs");
    if (tile.at(0) < 1 || tile.at(1) < 1 || pairs < 1 || order < 0 || order > 1) return false;
    if (candidate.value("vector") != target.vector_lanes) return false;
    if (tile.at(0) * tile.at(1) + tile.at(1) > target.vector_registers) return false;
    const Task flat = flat_task(task);
    const ConvolutionGeometry g = geometry_of(flat);
    const std::vector<int> counts = pairs_of(g, tile.at(0));
    if (std::find(counts.begin(), counts.end(), pairs) == counts.end()) return false;
    const Strassen s = strassen_of(flat, candidate);
    if (2 * (s.vectors - 1) * s.lanes >= g.filters) return false;
    // With one block of filters the orders are the same loops.
    if (s.order == 1 && s.filter_blocks == 1) return false;
    // What is added to make whole blocks eats up the gain.
    return s.blocks * s.block_rows() * 4 <= g.width() * 5 && s.filter_blocks * s.filter_block() * 8 <= g.filters * 5;
}

/// Loops that threads can share out.
enum class Share { nothing, blocks, filters };
struct Shares {
    Share by = Share::nothing;
    std::int64_t parts = 1;
};

/// Blocks of rows where they are as even: sums of A, written by one thread, are then read by no other.
Shares shares_of(const Task& task, const Strassen& s) {
    if (!worth_threads(task)) return {};
    const bool has_filters = s.order == 1 && s.filter_blocks > 1;
    if (has_filters && unevenness(s.filter_blocks, task) < 0.95 * unevenness(s.blocks, task))
        return {Share::filters, s.filter_blocks};
    if (s.blocks > 1) return {Share::blocks, s.blocks};
    return {};
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const Strassen s = strassen_of(flat_task(task), candidate);
    const PlaneProducts products = s.products();
    const double blocks = static_cast<double>(s.blocks);
    // For each vector of a half: of A 4 are read and 7 are written after 5 additions, of C 7 are read and 4 written after 8.
    const double before = 9.0, after = 13.0;
    const double vectors = static_cast<double>(products.rows) / s.lanes;
    const double sums =
        vectors * (before * s.half_channels + after * static_cast<double>(products.filters())) +
        0.2 * (products.left_bytes() + products.product_bytes()) * cycles_per_byte(products.scratch_bytes(), target);
    // Against direct convolutions in whole networks, whose seven quarters of the weights come from far away (measured).
    constexpr double in_networks = 1.14;
    const double cycles = in_networks * blocks * (plane_product_cycles(products, blocks, target) + sums + 200.0);
    return cycles * unevenness(shares_of(task, s).parts, task) / 1e9;
}

double error_bound(const Task& task, const Candidate&) {
    return 0.8e-7 * std::sqrt(static_cast<double>(geometry_of(flat_task(task)).channels));
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

Shape packed_shape(const Task& task, const Candidate& candidate, int constant) {
    const Task flat = flat_task(task);
    if (constant != 0) return flat.constants.at(static_cast<std::size_t>(constant));
    return strassen_of(flat, candidate).products().weight_shape();
}

Array pack(const Task& task, const Candidate& candidate, int constant, const Array& value) {
    const Task flat = flat_task(task);
    if (constant != 0) return value.reshaped(flat.constants.at(static_cast<std::size_t>(constant)));
    const Strassen s = strassen_of(flat, candidate);
    const PlaneProducts products = s.products();
    const std::int64_t filters = flat.constants[0].back();
    const std::int64_t block = s.filter_block();
    Array packed(packed_shape(task, candidate, constant));
    const auto weight = [&](std::int64_t channel, std::int64_t filter) {
        return filter < filters ? static_cast<double>(value[channel * filters + filter]) : 0.0;
    };
    for (std::int64_t f = 0; f < s.filter_blocks; ++f) {
        for (std::int64_t channel = 0; channel < s.half_channels; ++channel) {
            for (std::int64_t k = 0; k < block; ++k) {
                const std::int64_t filter = 2 * f * block + k;
                const std::int64_t other = channel + s.half_channels;
                const auto factors = right_factors({{{weight(channel, filter), weight(channel, filter + block)},
                                                     {weight(other, filter), weight(other, filter + block)}}});
                for (std::int64_t point = 0; point < product_count; ++point)
                    packed[products.weight_number(point, f, channel, k)] = factors[static_cast<std::size_t>(point)];
            }
        }
    }
    return packed;
}

}  // namespace

extern const KernelFamily strassen_conv;
const KernelFamily strassen_conv{
    "strassen_conv",
    "1x1 convolution, and dense over many rows, as seven products of halves instead of eight.",
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
    const Task flat = flat_task(task);
    const ConvolutionGeometry g = geometry_of(flat);
    const Strassen s = strassen_of(flat, candidate);
    const PlaneProducts products = s.products();
    const Candidate flattened = flat_candidate(task, candidate);
    const KernelBuilder builder(flat, flattened, strassen_conv);
    const int rows = static_cast<int>(g.width());
    const int fb = s.filter_block();
    const int half = s.half_channels;

    const Halide::Var n = builder.axes()[0];
    const Halide::Var x = builder.axes()[1];
    const Halide::Var c = builder.axes()[2];
    // h: half of the rows, g: of channels or filters, p: the product. Row t of a half of block b; k inside block f of filters.
    Halide::Var h("h"), i("i"), p("p"), t("t"), b("b"), k("k"), f("f");

    Halide::Func quarter("quarter"), left("left"), product("product");
    Halide::Expr row = b * s.block_rows() + t / s.tile * (2 * s.tile) + h * s.tile + t % s.tile;
    if (s.blocks * s.block_rows() > rows) row = min(row, rows - 1);
    quarter(c, i, h, t, b) = builder.input(0, {0, row, c + i * half});
    std::array<std::array<Halide::Expr, 2>, 2> quarters;
    for (int of_rows = 0; of_rows < 2; ++of_rows)
        for (int of_channels = 0; of_channels < 2; ++of_channels)
            quarters[static_cast<std::size_t>(of_rows)][static_cast<std::size_t>(of_channels)] =
                quarter(c, of_channels, of_rows, t, b);
    left(c, t, p, b) = pick(p, left_factors(quarters));

    SplitSum split({half});
    const Halide::Expr& r = split.indices().front();
    Halide::Func sum =
        split.define({k, t, f, p, b}, builder.packed(0, products.weight_place(p, f, r, k)) * left(r, t, p, b));
    product(c, t, p, b) = sum(c % fb, t, c / fb, p, b);

    // Of results, constants once the loops over both halves are unrolled.
    const Halide::Expr row_half = x / s.tile % 2, filter_half = c / fb % 2;
    const Halide::Expr row_in_half = x % s.block_rows() / (2 * s.tile) * s.tile + x % s.tile;
    const Halide::Expr filter_in_half = c / (2 * fb) * fb + c % fb;
    Expressions all;
    for (int point = 0; point < product_count; ++point)
        all.push_back(product(filter_in_half, row_in_half, point, x / s.block_rows()));
    Halide::Func output = builder.define_output(pick(row_half * 2 + filter_half, results_of(all)));

    Halide::Var block("block"), within("within"), in_pair("in_pair"), filter_block("filter_block"), co("co"), ci("ci");
    const auto tail = [](std::int64_t extent, std::int64_t factor) {
        return extent % factor == 0 ? TailStrategy::RoundUp : TailStrategy::GuardWithIf;
    };
    output.split(x, block, within, s.block_rows(), tail(rows, s.block_rows()))
        .split(within, within, in_pair, 2 * s.tile, tail(rows, 2 * s.tile))
        .split(in_pair, h, in_pair, s.tile, tail(rows, s.tile))
        .split(c, filter_block, co, 2 * fb, tail(g.filters, 2 * fb))
        .split(co, i, co, fb, tail(g.filters, fb))
        .split(co, co, ci, s.lanes, tail(g.filters, s.lanes));
    if (s.order == 0)
        output.reorder(ci, i, h, co, filter_block, in_pair, within, block, n);
    else
        output.reorder(ci, i, h, co, in_pair, within, filter_block, block, n);
    output.vectorize(ci).unroll(i).unroll(h);
    product.compute_at(output, s.order == 0 ? block : filter_block);
    product.bound(p, 0, product_count).bound_extent(b, 1);
    schedule_plane_products(products, target, product, c, t, split, sum, k);

    left.compute_at(output, block);
    left.bound(t, 0, products.rows).bound(p, 0, product_count).bound(c, 0, half).bound_extent(b, 1);
    spread_planes(left, c, half, t, products.rows);
    left.split(c, co, ci, s.channel_lanes, TailStrategy::ShiftInwards).reorder(ci, p, co, t, b).vectorize(ci).unroll(p);
    quarter.compute_at(left, co).bound(i, 0, 2).bound(h, 0, 2);
    quarter.vectorize(c, s.channel_lanes).unroll(i).unroll(h);

    switch (shares_of(task, s).by) {
    case Share::nothing: break;
    case Share::blocks: output.parallel(block); break;
    case Share::filters:
        output.parallel(filter_block);
        left.parallel(t);
        break;
    }
    return builder.finish_streaming(output, target);
}

}  // namespace
}  // namespace halcyon::kernels
