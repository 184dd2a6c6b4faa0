#include "kernels/common/plane_products.h"

#include <algorithm>
#include <cmath>

#include "kernels/common/cache_levels.h"
#include "kernels/common/convolution_geometry.h"

namespace halcyon {
double PlaneProducts::left_bytes() const {
    return 4.0 * static_cast<double>(channels) * rows * points;
}

double PlaneProducts::product_bytes() const {
    return 4.0 * static_cast<double>(filters()) * rows * points;
}

double PlaneProducts::scratch_bytes() const {
    return left_bytes() + (all_filters ? product_bytes() : product_bytes() / static_cast<double>(filter_blocks));
}

double plane_product_cycles(const PlaneProducts& p, double blocks, const TargetInfo& target) {
    const double channels = static_cast<double>(p.channels);
    const double filter_blocks = static_cast<double>(p.filter_blocks);
    // What moves in a block, and from where: the level of cache that holds what is used again in between.
    const double chunk_bytes = 4.0 * channels * p.filter_block();  // the weights of one point and block of filters
    const double weight_bytes = chunk_bytes * p.points * filter_blocks;
    const double plane_bytes = 4.0 * channels * p.rows;

    // One step, by the same account as a direct convolution's.
    const int sums = p.tile * p.vectors;
    const double loads = p.vectors + p.tile;
    double step = std::max({sums / target.fma_per_cycle, loads / 2.0, 4.0}) + 0.5 + 0.02 * loads;
    const int registers = sums + registers_beside_sums(p.vectors, p.tile, target);
    if (registers > target.vector_registers) step += spill_cycles(target) * (registers - target.vector_registers);
    const double groups = static_cast<double>(p.rows) / p.tile;
    const double computed = groups * (channels * step + 3.0 * sums + 10.0);
    // The first rows find the weights in memory unless the whole network is small; later ones where they left them. Tiles after
    // the first find a chunk where the one before has left it.
    const double again = (groups - 1.0) * chunk_bytes * cycles_per_byte(chunk_bytes + plane_bytes / groups, target);
    const auto chunk_cycles = [&](double reused_over) {
        return overlapped(computed, chunk_bytes * cycles_per_byte(reused_over, target) + again);
    };
    const double first =
        chunk_cycles(weight_bytes > 3.0 * static_cast<double>(target.l2_bytes) ? INFINITY : weight_bytes);
    const double later = chunk_cycles(weight_bytes + p.scratch_bytes());
    double cycles = p.points * filter_blocks * (first + (blocks - 1.0) * later) / blocks;
    // Products for all filters lie far apart and are read across (measured).
    if (p.all_filters && p.filter_blocks > 1) cycles *= 1.08;
    const double planes_again =
        p.left_bytes() * (filter_blocks - 1.0) *
        cycles_per_byte((p.all_filters ? plane_bytes : p.scratch_bytes()) + chunk_bytes, target);
    return cycles + 0.3 * planes_again;
}

void spread_planes(Halide::Func func, const Halide::Var& channels, std::int64_t channel_count, const Halide::Var& rows,
                   std::int64_t row_count) {
    constexpr std::int64_t line = 16;
    const std::int64_t lines = (channel_count + line - 1) / line | 1;
    func.align_storage(channels, static_cast<int>(lines * line)).align_storage(rows, static_cast<int>(row_count | 1));
}

void schedule_plane_products(const PlaneProducts& p, const TargetInfo& target, Halide::Func product,
                             const Halide::Var& c, const Halide::Var& t, SplitSum& split, Halide::Func sum,
                             const Halide::Var& k) {
    using Halide::TailStrategy;
    if (p.all_filters)
        product.bound(c, 0, static_cast<int>(p.filters()));
    else
        product.bound_extent(c, p.filter_block());
    product.bound(t, 0, p.rows);
    spread_planes(product, c, p.all_filters ? p.filters() : p.filter_block(), t, p.rows);
    Halide::Var co("co"), ci("ci"), to("to"), ti("ti");
    product.split(c, co, ci, p.filter_block(), TailStrategy::RoundUp)
        .split(t, to, ti, p.tile, TailStrategy::RoundUp)
        .reorder(ci, ti, to, co)
        .vectorize(ci, p.lanes)
        .unroll(ci)
        .unroll(ti);
    split.schedule_tile(k, p.filter_block(), p.lanes, {t});
    split.unroll_steps(target.unrolled_steps);
    sum.compute_at(product, to);
}

Halide::Expr pick(const Halide::Expr& index, const std::vector<Halide::Expr>& values) {
    Halide::Expr picked = values.back();
    for (std::size_t i = values.size() - 1; i-- > 0;)
        picked = Halide::select(index == static_cast<int>(i), values[i], picked);
    return picked;
}

}  // namespace halcyon
