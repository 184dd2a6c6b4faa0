#include "commands/common/difference.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/check.h"

namespace halcyon {

double relative_difference(const Array& a, const Array& reference) {
    CHECK_INTERNAL(a.size() == reference.size());
    double difference = 0.0;
    double magnitude = 0.0;
    for (std::int64_t i = 0; i < a.size(); ++i) {
        const double x = a[i];
        const double y = reference[i];
        const bool same = x == y || (std::isnan(x) && std::isnan(y));
        if (same) {
            if (std::isfinite(y)) magnitude = std::max(magnitude, std::abs(y));
            continue;
        }
        if (!std::isfinite(x) || !std::isfinite(y)) return std::numeric_limits<double>::infinity();
        difference = std::max(difference, std::abs(x - y));
        magnitude = std::max(magnitude, std::abs(y));
    }
    return magnitude > 0.0 ? difference / magnitude : difference;
}

}  // namespace halcyon
