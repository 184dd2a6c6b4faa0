#include "exporters/axis_order.h"

#include <algorithm>
#include <numeric>

#include "support/check.h"

namespace halcyon {

AxisOrder own_order(int rank) {
    AxisOrder order(static_cast<std::size_t>(rank));
    std::iota(order.begin(), order.end(), 0);
    return order;
}

AxisOrder channels_first_order(int rank) {
    AxisOrder order = own_order(rank);
    if (rank > 1) std::rotate(order.begin(), order.end() - 1, order.end());
    return order;
}

std::size_t position_of(const AxisOrder& order, int axis) {
    const auto found = std::find(order.begin(), order.end(), axis);
    CHECK_INTERNAL(found != order.end());
    return static_cast<std::size_t>(found - order.begin());
}

AxisOrder order_after_transpose(const AxisOrder& order, const std::vector<int>& axes) {
    AxisOrder result;
    for (int axis : order) result.push_back(static_cast<int>(position_of(axes, axis)));
    return result;
}

}  // namespace halcyon
