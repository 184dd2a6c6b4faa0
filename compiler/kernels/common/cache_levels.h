#pragma once

#include "kernels/target_info.h"

namespace halcyon {

/// What of a cache one kernel's data can count on, in bytes.
[[nodiscard]] double most_in_l1(const TargetInfo& target);
[[nodiscard]] double most_in_l2(const TargetInfo& target);

/// How long a byte takes that is used again after so many others: from the level of cache that still has it.
[[nodiscard]] double cycles_per_byte(double reused_over, const TargetInfo& target);

/// Two things done at once: the shorter hides behind the longer, but not quite.
[[nodiscard]] double overlapped(double one, double other);

}  // namespace halcyon
