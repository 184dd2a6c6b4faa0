#include "kernels/common/cache_levels.h"

#include <algorithm>

namespace halcyon {

double most_in_l1(const TargetInfo& target) {
    return 0.75 * static_cast<double>(target.l1_bytes);
}

double most_in_l2(const TargetInfo& target) {
    return 0.75 * static_cast<double>(target.l2_bytes);
}

double cycles_per_byte(double reused_over, const TargetInfo& target) {
    if (reused_over < most_in_l1(target)) return 1.0 / 128.0;
    if (reused_over < most_in_l2(target)) return 1.0 / target.l2_bytes_per_cycle;
    const double most_in_l3 = 24.0 * static_cast<double>(target.l2_bytes);
    return 1.0 / (reused_over < most_in_l3 ? target.l3_bytes_per_cycle : target.memory_bytes_per_cycle);
}

double overlapped(double one, double other) {
    return std::max(one, other) + 0.3 * std::min(one, other);
}

}  // namespace halcyon
