#include "commands/common/fma_peak.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace halcyon {
namespace {

using Clock = std::chrono::steady_clock;

// More chains than latency times throughput of any core (4 cycles, 2 a cycle), as many as registers allow.
constexpr int chains = 12;
constexpr long rounds = 100'000;

/// Vectors of `Lanes` floats for any machine: the compiler knows how.
template <int Lanes>
struct GenericVector {
    typedef float Type __attribute__((vector_size(Lanes * sizeof(float))));
};

// Each loop exists once per instruction set: a function with a target attribute inlines nothing of another target.
#define HALCYON_PEAK_LOOP(name, attribute, Vector, step)                                 \
    attribute float name(float start) {                                                  \
        Vector sums[chains];                                                             \
        const Vector scale = Vector{} + 0.5F;                                            \
        const Vector shift = Vector{} + start;                                           \
        for (int chain = 0; chain < chains; ++chain) sums[chain] = shift + float(chain); \
        for (long round = 0; round < rounds; ++round) {                                  \
            _Pragma("GCC unroll 12") for (int chain = 0; chain < chains; ++chain) {      \
                sums[chain] = step(sums[chain], scale, shift);                           \
            }                                                                            \
        }                                                                                \
        Vector total = sums[0];                                                          \
        for (int chain = 1; chain < chains; ++chain) total += sums[chain];               \
        return total[0];                                                                 \
    }

#define HALCYON_MULTIPLY_ADD(a, b, c) (a) * (b) + (c)
HALCYON_PEAK_LOOP(loop_generic_4, , GenericVector<4>::Type, HALCYON_MULTIPLY_ADD)
#if defined(__x86_64__)
HALCYON_PEAK_LOOP(loop_avx, __attribute__((target("avx"))), GenericVector<8>::Type, HALCYON_MULTIPLY_ADD)
HALCYON_PEAK_LOOP(loop_fma_4, __attribute__((target("avx2,fma"))), GenericVector<4>::Type, _mm_fmadd_ps)
HALCYON_PEAK_LOOP(loop_fma_8, __attribute__((target("avx2,fma"))), GenericVector<8>::Type, _mm256_fmadd_ps)
HALCYON_PEAK_LOOP(loop_fma_16, __attribute__((target("avx512f"))), GenericVector<16>::Type, _mm512_fmadd_ps)
#endif
#undef HALCYON_MULTIPLY_ADD
#undef HALCYON_PEAK_LOOP

struct Loop {
    float (*run)(float);
    int lanes;
};

Loop loop_for(int vector_lanes, bool fused) {
#if defined(__x86_64__)
    if (fused && vector_lanes >= 16 && __builtin_cpu_supports("avx512f")) return {loop_fma_16, 16};
    if (fused && vector_lanes >= 8 && __builtin_cpu_supports("fma")) return {loop_fma_8, 8};
    if (fused && __builtin_cpu_supports("fma")) return {loop_fma_4, 4};
    if (vector_lanes >= 8 && __builtin_cpu_supports("avx")) return {loop_avx, 8};
#else
    static_cast<void>(vector_lanes);
    static_cast<void>(fused);
#endif
    return {loop_generic_4, 4};
}

/// The best of several runs: interruptions only make it slower.
double seconds_of(const Loop& loop) {
    double best = 1e30;
    volatile float sink = 0.0F;
    const Clock::time_point begin = Clock::now();
    while (Clock::now() - begin < std::chrono::milliseconds(100)) {
        const Clock::time_point start = Clock::now();
        sink = loop.run(1.0F);
        best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    }
    static_cast<void>(sink);
    return best;
}

}  // namespace

double measure_peak_gflops(int vector_lanes, bool fused, int threads) {
    const Loop loop = loop_for(vector_lanes, fused);
    std::vector<double> seconds(static_cast<std::size_t>(threads));
    std::vector<std::thread> workers;
    for (int i = 1; i < threads; ++i)
        workers.emplace_back([&, i] { seconds[static_cast<std::size_t>(i)] = seconds_of(loop); });
    seconds[0] = seconds_of(loop);
    for (std::thread& worker : workers) worker.join();
    double gflops = 0.0;
    for (double each : seconds) gflops += 2.0 * loop.lanes * chains * static_cast<double>(rounds) / each * 1e-9;
    return gflops;
}

}  // namespace halcyon
