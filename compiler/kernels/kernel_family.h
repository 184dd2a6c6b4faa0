#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graph/array.h"
#include "kernels/candidate.h"
#include "kernels/target_info.h"
#include "kernels/task.h"

namespace halcyon {

struct BuiltKernel;  // kernels/common/built_kernel.h: the Halide pipeline and its arguments

/// One dimension of a family's schedule space: every legal value for the given task, layouts and target.
struct ParameterSpace {
    std::string name;
    std::vector<std::vector<int>> choices;
};

/// One way of computing some tasks. Adding a family is adding one of these in kernels/<name>.cpp.
///
/// Kernels are functions `int f(void *user_context, halide_buffer_t *inputs..., *constants..., *output)` of which only the
/// host pointers are read: extents and strides are constants of the code. They trust their caller.
struct KernelFamily {
    std::string_view name;
    std::string_view doc;
    bool (*matches)(const Task& task, const TargetInfo& target);
    /// Whether these layouts can be read and written; `candidate.family` and parameters are not yet filled in.
    bool (*accepts)(const Task& task, const Candidate& layouts);
    /// The typed parameters and their values, before `legal` rules out combinations. May be empty: one schedule only.
    std::vector<ParameterSpace> (*space)(const Task& task, const Candidate& layouts, const TargetInfo& target);
    /// Whether the combination is correct and sensible code. An illegal schedule would write out of bounds, so everything
    /// that reaches `build` has passed here.
    bool (*legal)(const Task& task, const Candidate& candidate, const TargetInfo& target);
    /// Seconds at 1 GHz (cycles / 1e9) on one core, by analysis, on a machine with these rates. For choices: `Estimate`.
    double (*cost)(const Task& task, const Candidate& candidate, const TargetInfo& target);
    BuiltKernel (*build)(const Task& task, const Candidate& candidate, const TargetInfo& target);
    /// The constant as this kernel reads it; null: as it is. The packed shape must not depend on the numbers.
    Shape (*packed_shape)(const Task& task, const Candidate& candidate, int constant) = nullptr;
    Array (*pack)(const Task& task, const Candidate& candidate, int constant, const Array& value) = nullptr;
    /// The max |a - b| / max |reference| to expect of an algorithm that rounds more than the task's definition does, for
    /// numbers without much cancellation; null: it rounds no more.
    double (*error_bound)(const Task& task, const Candidate& candidate) = nullptr;
};

/// Every family, generated from the files of compiler/kernels.
[[nodiscard]] const std::vector<const KernelFamily*>& kernel_family_table();
[[nodiscard]] const KernelFamily* find_kernel_family(std::string_view name);

/// Every legal candidate of the family with these layouts (of which `family` and `parameters` are ignored).
[[nodiscard]] std::vector<Candidate> candidates(const KernelFamily& family, const Task& task, const Candidate& layouts,
                                                const TargetInfo& target);

}  // namespace halcyon
