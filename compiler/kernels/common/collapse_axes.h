#pragma once

#include <functional>
#include <vector>

#include "kernels/candidate.h"
#include "kernels/task.h"

namespace halcyon {

/// A task and its layouts seen with fewer axes: the same elements at the same places, so the kernel of one is the kernel of
/// the other. `operation` is left as it was; whoever reads its axes translates them by `groups`.
struct CollapsedTask {
    Task task;
    Candidate candidate;
    std::vector<std::vector<int>> groups;  ///< the original axes (0: batch) that each axis stands for, outermost first
    /// The axis whose group holds that original axis; -1: it has an extent of 1 everywhere and was dropped.
    [[nodiscard]] int axis_of(int original) const;
};

/// Drops axes that are 1 in every operand and joins neighbours that are one run of memory in every operand, where
/// `may_join(outer, inner)` agrees. Needs all inputs to have the output's rank, and unpacked constants, which come out with
/// that of the result. At least one axis remains.
///
/// The batch is best not joined: an element's place in its loop, and with it the last bit, would depend on its neighbours.
[[nodiscard]] CollapsedTask collapse_axes(const Task& task, const Candidate& candidate,
                                          const std::function<bool(int outer, int inner)>& may_join);

}  // namespace halcyon
