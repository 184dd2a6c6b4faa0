#pragma once

#include <span>
#include <string>
#include <vector>

#include "backend/kernel_compiler.h"
#include "kernels/candidate.h"
#include "kernels/target_info.h"
#include "schedule/records.h"
#include "tune/task_reference.h"

namespace halcyon {

/// A task with numbers in memory, and what it must give for them.
struct Problem {
    Task task;
    Candidate layouts;  ///< of all its candidates: family and parameters say nothing
    TargetInfo target;
    Operands operands;
    Array expected;
    std::vector<std::string> input_bytes;  ///< as `layouts` says, from the lowest address on
    std::int64_t weights_between = 0;      ///< bytes to be read between two uses of the same weights
};
[[nodiscard]] Problem make_problem(const Task& task, const Candidate& layouts, const TargetInfo& target,
                                   std::int64_t weights_between = 0);

/// A compiled candidate, and what its result may be off by.
struct Contestant {
    Candidate candidate;
    CompiledKernel kernel;
    double max_error = 0.0;
};

/// What one kernel takes.
struct Timing {
    double seconds = 0.0;  ///< the least of many short runs
    double noise = 0.0;    ///< by how much that least differs between parts of the measurement, as a share of it
    double error = 0.0;    ///< max |a - b| / max |reference|
    bool right = false;    ///< the error is allowed; no time is taken of a wrong result
};

/// The least of blocks of runs, and its noise: the largest least of four quarters of the blocks against the least of all.
[[nodiscard]] Timing timing_of(std::span<const double> seconds);

/// Checks each kernel's result, and times those that are right in turns, A B A B, so that a change of the machine's speed meets
/// all alike: pinned to as many CPUs as the task has threads, with warm code, and with weights that come from as far away as in
/// the network. Takes about `seconds` for each. Crashes and hangs where a kernel does.
[[nodiscard]] std::vector<Timing> time_contestants(const Problem& problem, std::span<const Contestant> contestants,
                                                   double seconds);

/// The same in a watched process: what became of it, and one timing each if all went well.
struct TrialResult {
    TrialStatus status = TrialStatus::ok;  ///< ok also where results are wrong: the timings say which
    std::vector<Timing> timings;
    std::string how;    ///< it crashed or hung
    bool lost = false;  ///< nothing was found out of the candidates: what measures is gone
};
[[nodiscard]] TrialResult try_contestants(const Problem& problem, std::span<const Contestant> contestants,
                                          double seconds);

}  // namespace halcyon
