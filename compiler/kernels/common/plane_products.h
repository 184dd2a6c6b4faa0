#pragma once

#include <cstdint>
#include <vector>

#include <Halide.h>

#include "graph/tensor_type.h"
#include "kernels/common/split_sum.h"
#include "kernels/target_info.h"

namespace halcyon {

/// The matrix products of an algorithm that multiplies between transforms (Winograd's, Strassen's): one a point, side by side, of
/// rows by channels by filters, in register tiles. A pipeline computes them for one block of its rows at a time.
struct PlaneProducts {
    int points = 1;
    int rows = 1;  ///< of each product
    std::int64_t channels = 1;
    std::int64_t filter_blocks = 1;
    int tile = 1, vectors = 1, lanes = 1;  ///< a register tile: so many rows, and vectors of filters
    bool all_filters = true;               ///< at once; else a block of filters is transformed back before the next

    [[nodiscard]] int filter_block() const { return vectors * lanes; }
    [[nodiscard]] std::int64_t filters() const { return filter_blocks * filter_block(); }
    /// Weights are packed in the order of their use: [points][filter blocks][channels][filter block], or, a block at a time,
    /// [filter blocks][points, channels][filter block]. Shapes tell the orders apart, as constants that programs share need.
    [[nodiscard]] Shape weight_shape() const {
        return all_filters ? Shape{points, filter_blocks, channels, filter_block()}
                           : Shape{filter_blocks, points * channels, filter_block()};
    }
    /// Where a weight is, in that shape, and counted through.
    [[nodiscard]] std::vector<Halide::Expr> weight_place(const Halide::Expr& point, const Halide::Expr& block,
                                                         const Halide::Expr& channel, const Halide::Expr& k) const {
        if (all_filters) return {point, block, channel, k};
        return {block, point * static_cast<int>(channels) + channel, k};
    }
    [[nodiscard]] std::int64_t weight_number(std::int64_t point, std::int64_t block, std::int64_t channel,
                                             std::int64_t k) const {
        const std::int64_t chunk = all_filters ? point * filter_blocks + block : block * points + point;
        return (chunk * channels + channel) * filter_block() + k;
    }
    /// What goes in, and what comes out, of all points and filters.
    [[nodiscard]] double left_bytes() const;
    [[nodiscard]] double product_bytes() const;
    /// What lies between the transforms at once.
    [[nodiscard]] double scratch_bytes() const;
};

/// The products' cycles in each of `blocks` blocks that follow each other, waiting for weights and planes included.
[[nodiscard]] double plane_product_cycles(const PlaneProducts& products, double blocks, const TargetInfo& target);

/// Storage of a plane of points with an odd number of lines, so that neighbouring planes lie in different sets of the caches.
void spread_planes(Halide::Func func, const Halide::Var& channels, std::int64_t channel_count, const Halide::Var& rows,
                   std::int64_t row_count);

/// Stores `product`, whose first axes are c and the row t, and computes it in register tiles of `sum`, which `split` has defined
/// with k counting inside a block of filters.
void schedule_plane_products(const PlaneProducts& products, const TargetInfo& target, Halide::Func product,
                             const Halide::Var& c, const Halide::Var& t, SplitSum& split, Halide::Func sum,
                             const Halide::Var& k);

/// The element of `values` that `index` says; a loop over it that is unrolled leaves one.
[[nodiscard]] Halide::Expr pick(const Halide::Expr& index, const std::vector<Halide::Expr>& values);

}  // namespace halcyon
