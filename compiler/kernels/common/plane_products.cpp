#include "kernels/common/plane_products.h"

#include <algorithm>
#include <cmath>

#include "kernels/common/convolution_geometry.h"

namespace halcyon {
namespace {

constexpr double cold_latency = 377.0, l3_latency = 125.0, l2_latency = 19.0;

double most_in_l1(const TargetInfo& target) {
    return 0.75 * static_cast<double>(target.l1_bytes);
}

double most_in_l2(const TargetInfo& target) {
    return 0.75 * static_cast<double>(target.l2_bytes);
}

double latency(double reused_over, double most_in_l3, const TargetInfo& target) {
    if (reused_over < most_in_l1(target)) return 0.0;
    if (reused_over < most_in_l2(target)) return l2_latency;
    return reused_over < most_in_l3 ? l3_latency : cold_latency;
}

}  // namespace

double PlaneProducts::left_bytes() const {
    return 4.0 * static_cast<double>(channels) * rows * points;
}

double PlaneProducts::product_bytes() const {
    return 4.0 * static_cast<double>(filters()) * rows * points;
}

double PlaneProducts::scratch_bytes() const {
    return left_bytes() + (all_filters ? product_bytes() : product_bytes() / static_cast<double>(filter_blocks));
}

double cycles_per_byte(double reused_over, const TargetInfo& target) {
    if (reused_over < most_in_l1(target)) return 1.0 / 128.0;
    return 1.0 / (reused_over < most_in_l2(target) ? target.l2_bytes_per_cycle : target.memory_bytes_per_cycle);
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
    const bool can_broadcast_from_memory = target.vector_registers == 32 && target.vector_lanes == 16;
    const bool broadcasts_from_memory = can_broadcast_from_memory && p.vectors < 4;
    const double loads = broadcasts_from_memory ? p.vectors + sums : p.vectors + p.tile;
    double step = std::max({sums / target.fma_per_cycle, loads / 2.0, 4.0}) + 0.5 + 0.02 * loads;
    const int registers = sums + registers_beside_sums(p.vectors, p.tile, target);
    if (registers > target.vector_registers) step += 2.0 * (registers - target.vector_registers);
    // Every step reads new weights. A core hides their way from the caches only as far as it looks ahead in its
    // instructions, so a step that does much with them, or reads many at once, waits less for each. Measured on x86-64; CPUs
    // with short vectors need fewer bytes a step and are taken to hide all of it.
    const double looked_ahead = target.vector_lanes >= 8 ? 320.0 : INFINITY;
    const double instructions = loads + (broadcasts_from_memory ? 0.0 : sums) + 3.0;
    const auto waiting_step = [&](double cycles) { return std::max(step, cycles * instructions / looked_ahead); };
    // The first rows find the weights in memory unless the whole network is small; later ones where they left them.
    const double cold = latency(weight_bytes, 3.0 * static_cast<double>(target.l2_bytes), target);
    double first_step = waiting_step(cold);
    if (cold > l3_latency) first_step = std::max(first_step, 4.0 * p.filter_block() / target.memory_bytes_per_cycle);
    const double later_step =
        waiting_step(latency(weight_bytes + p.scratch_bytes(), 24.0 * static_cast<double>(target.l2_bytes), target));
    const double streamed_step = (first_step + (blocks - 1.0) * later_step) / blocks;
    const double groups = static_cast<double>(p.rows) / p.tile;
    const double kept_step = waiting_step(latency(chunk_bytes + plane_bytes / groups, INFINITY, target));
    double cycles = p.points * filter_blocks *
                    (channels * (streamed_step + (groups - 1.0) * kept_step) + groups * (3.0 * sums + 10.0));
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
