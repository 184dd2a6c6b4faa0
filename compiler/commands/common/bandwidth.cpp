#include "commands/common/bandwidth.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

namespace halcyon {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int least_log = 14;  // 16 KiB: any first-level cache
constexpr int most_log = 28;   // 256 MiB: beyond any cache

/// Vectors of `Lanes` floats for any machine: the compiler knows how.
template <int Lanes>
struct VectorOf {
    typedef float Type __attribute__((vector_size(Lanes * sizeof(float)), aligned(4)));
};

// Sums in eight chains of vectors, so that reading is what takes time. The loop exists once per instruction set: a function
// with a target attribute inlines nothing of another target.
#define HALCYON_SUM_LOOP(name, attribute, lanes)                                                        \
    attribute float name(const float* numbers, std::size_t count) {                                     \
        using Vector = VectorOf<lanes>::Type;                                                           \
        constexpr std::size_t chains = 8;                                                               \
        Vector sums[chains] = {};                                                                       \
        for (std::size_t i = 0; i + chains * lanes <= count; i += chains * lanes) {                     \
            _Pragma("GCC unroll 8") for (std::size_t chain = 0; chain < chains; ++chain) sums[chain] += \
                *reinterpret_cast<const Vector*>(numbers + i + chain * lanes);                          \
        }                                                                                               \
        Vector total = sums[0];                                                                         \
        for (std::size_t chain = 1; chain < chains; ++chain) total += sums[chain];                      \
        float sum = 0.0F;                                                                               \
        for (int lane = 0; lane < lanes; ++lane) sum += total[lane];                                    \
        return sum;                                                                                     \
    }

HALCYON_SUM_LOOP(sum_generic, , 4)
#if defined(__x86_64__)
HALCYON_SUM_LOOP(sum_avx, __attribute__((target("avx"))), 8)
HALCYON_SUM_LOOP(sum_avx512, __attribute__((target("avx512f"))), 16)
#endif
#undef HALCYON_SUM_LOOP

float sum(const std::vector<float>& numbers) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return sum_avx512(numbers.data(), numbers.size());
    if (__builtin_cpu_supports("avx")) return sum_avx(numbers.data(), numbers.size());
#endif
    return sum_generic(numbers.data(), numbers.size());
}

double measure(int log) {
    const std::vector<float> numbers((std::size_t{1} << log) / sizeof(float), 1.0F);
    volatile float sink = sum(numbers);  // touches every page
    double best = 0.0;
    // The clock is read every so many rounds: one of a small set takes less time than reading it.
    const int rounds = std::max(1, 1 << (20 - std::min(log, 20)));
    const Clock::time_point begin = Clock::now();
    for (int run = 0; run < 3 || Clock::now() - begin < std::chrono::milliseconds(20); ++run) {
        const Clock::time_point start = Clock::now();
        for (int round = 0; round < rounds; ++round) sink = sum(numbers);
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count() / rounds;
        best = std::max(best, static_cast<double>(numbers.size() * sizeof(float)) / seconds * 1e-9);
    }
    static_cast<void>(sink);
    return best;
}

}  // namespace

double Bandwidth::gigabytes_per_second(double bytes) {
    const int log = std::clamp(static_cast<int>(std::ceil(std::log2(std::max(bytes, 1.0)))), least_log, most_log);
    const auto found = measured_.find(log);
    if (found != measured_.end()) return found->second;
    return measured_[log] = measure(log);
}

}  // namespace halcyon
