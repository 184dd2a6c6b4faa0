#pragma once

#include "kernels/candidate.h"
#include "kernels/target_info.h"
#include "kernels/task.h"

// A 1x1 convolution and a product of many rows with a matrix are the same: every pixel of the batch is a row. Batch and spatial
// axes become one axis of rows.

namespace halcyon {

[[nodiscard]] bool is_product_of_rows(const Task& task, const TargetInfo& target);
/// Whether rows lie equally far apart in each of these layouts, so that flat_candidate can say so.
[[nodiscard]] bool has_flat_layouts(const Task& task, const Candidate& layouts);

/// The task as a convolution over one axis of rows, [1, rows, channels], and its candidate.
[[nodiscard]] Task flat_task(const Task& task);
[[nodiscard]] Candidate flat_candidate(const Task& task, const Candidate& candidate);

}  // namespace halcyon
