#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "backend/kernel_compiler.h"
#include "kernels/candidate.h"
#include "kernels/target_info.h"
#include "kernels/task.h"

namespace halcyon {

/// Compiles a kernel in this process. The code is right, but the names in it depend on what the process compiled before:
/// compile_kernels() therefore does this in a fresh one each time.
[[nodiscard]] CompiledKernel compile_here(const Task& task, const Candidate& candidate, const TargetInfo& target);

/// The kernel's code as text, likewise.
[[nodiscard]] std::string format_here(const Task& task, const Candidate& candidate, const TargetInfo& target,
                                      KernelFormat format);

/// What goes to a worker's standard input and comes back from its standard output: one JSON line, then the bytes.
[[nodiscard]] std::string worker_request(const Task& task, const Candidate& candidate, const TargetInfo& target,
                                         KernelFormat format);
[[nodiscard]] std::string worker_answer(const CompiledKernel& kernel);
/// Nothing when the answer is cut short or is none.
[[nodiscard]] std::optional<CompiledKernel> read_worker_answer(std::string_view answer);

}  // namespace halcyon
