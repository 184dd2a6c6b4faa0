#include "commands/common/latency.h"

#include <algorithm>
#include <cmath>

#include "support/check.h"

namespace halcyon {

double Latencies::quantile(double share) const {
    CHECK_INTERNAL(!seconds_.empty() && share >= 0.0 && share <= 1.0);
    std::vector<double> sorted = seconds_;
    const auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(sorted.size())));
    const std::ptrdiff_t at = std::max<std::ptrdiff_t>(rank - 1, 0);
    std::nth_element(sorted.begin(), sorted.begin() + at, sorted.end());
    return sorted[static_cast<std::size_t>(at)];
}

}  // namespace halcyon
