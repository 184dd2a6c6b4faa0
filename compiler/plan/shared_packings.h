#pragma once

#include <vector>

#include "plan/plan.h"

namespace halcyon {

/// By how much the weights of a library may grow because of programs beyond its first, as a share of what that one has
/// alone.
inline constexpr double worth_packing_twice = 0.1;

/// Forms in which the programs of one library are to pack their constants so that they can share them, by the constants' texts:
/// for PlanOptions. Together with what is not shared the weights grow by no more than `growth` of the first plan's, and the
/// programs lose as little time as that allows, by estimate and relative to the plans. Kernels from the user's schedules stay
/// what those say.
[[nodiscard]] PackedForms share_packings(const std::vector<Plan>& plans, double max_error,
                                         double growth = worth_packing_twice);

}  // namespace halcyon
