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

/// Sums in many chains, so that reading is what takes time.
float sum(const std::vector<float>& numbers) {
    constexpr std::size_t chains = 64;
    float sums[chains] = {};
    for (std::size_t i = 0; i + chains <= numbers.size(); i += chains) {
        for (std::size_t chain = 0; chain < chains; ++chain) sums[chain] += numbers[i + chain];
    }
    float total = 0.0F;
    for (float each : sums) total += each;
    return total;
}

double measure(int log) {
    const std::vector<float> numbers((std::size_t{1} << log) / sizeof(float), 1.0F);
    volatile float sink = sum(numbers);  // touches every page
    double best = 0.0;
    const Clock::time_point begin = Clock::now();
    for (int run = 0; run < 3 || Clock::now() - begin < std::chrono::milliseconds(20); ++run) {
        const Clock::time_point start = Clock::now();
        sink = sum(numbers);
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
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
