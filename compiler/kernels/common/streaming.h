#pragma once

#include <span>
#include <vector>

#include <Halide.h>

#include "kernels/candidate.h"
#include "kernels/common/threads.h"
#include "kernels/target_info.h"
#include "kernels/task.h"

// What the families share that move more memory than they compute: pool, reduce, softmax, elementwise, pad.

namespace halcyon {

/// The axis along which neighbours lie closest in memory, among axes longer than 1; the last one if there are none.
[[nodiscard]] int fastest_axis(const Shape& shape, const std::vector<std::int64_t>& strides);

/// The target's lanes, or the power of two that just holds `extent` if that is less.
[[nodiscard]] int fitting_lanes(std::int64_t extent, const TargetInfo& target);

/// Whether that many of the target's vectors lie side by side along an axis of that extent; one does, if need be partly filled.
[[nodiscard]] bool vectors_fit(std::int64_t vectors, std::int64_t extent, const TargetInfo& target);

/// No channel blocks, one stride per axis; and the output over an input only if that has its shape, type and places and is
/// one of `in_place_from` onwards.
[[nodiscard]] bool accepts_strided(const Task& task, const Candidate& layouts, int in_place_from);

/// Vectorizes one axis of a stage by `lanes`, `vectors` of them unrolled, and returns the loop over the rest. Elements are
/// computed twice at the end of an axis that is not a multiple of that, or never more than once with `once`.
[[nodiscard]] Loop vectorize_axis(Halide::Func stage, const Halide::Var& axis, std::int64_t extent, int lanes,
                                  int vectors, bool once);

/// Cycles / 1e9 for reading and writing the task's bytes once while computing `operations` per element of `elements`
/// besides prologue and epilogue, with `lanes` of them at a time.
[[nodiscard]] double streaming_cost(const Task& task, const TargetInfo& target, double elements, double operations,
                                    int lanes);

/// Operations in the expression, weighing exp and its like as many.
[[nodiscard]] double operation_count(const ScalarExpr& expr);

}  // namespace halcyon
