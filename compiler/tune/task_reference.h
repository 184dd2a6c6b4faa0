#pragma once

#include <cstdint>
#include <vector>

#include "graph/array.h"
#include "kernels/task.h"

namespace halcyon {

/// Numbers for a task: inputs as their element types can hold them, constants as float32 can.
struct Operands {
    std::vector<Array> inputs, constants;
};

/// Small numbers of both signs for kernels of weights, positive ones for the rest (they may be variances). Equal seeds give
/// equal numbers everywhere.
[[nodiscard]] Operands random_operands(const Task& task, std::uint64_t seed);

/// What the task gives, in double precision and by the definitions of its operation: what a candidate's result is compared
/// with before its time counts. Works on all cores.
[[nodiscard]] Array task_reference(const Task& task, const Operands& operands);

}  // namespace halcyon
