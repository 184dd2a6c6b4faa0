#pragma once

#include <span>
#include <string>
#include <vector>

#include "backend/kernel_compiler.h"
#include "plan/program.h"
#include "tune/search.h"

namespace halcyon {

/// One way of computing a whole network, ready to be loaded.
struct BuiltNetwork {
    const Program& program;
    const std::vector<CompiledKernel>& kernels;
    const std::string& weights_blob;
};

/// Times whole networks against each other in a watched process, in turns, as time_contestants does with kernels. All have the
/// same doors. One score each.
[[nodiscard]] std::vector<Score> time_networks(std::span<const BuiltNetwork> networks, double seconds);

/// A task's other option that the whole network might prefer to its fastest: caches see all kernels at once.
struct Alternative {
    std::size_t task = 0, option = 0;
    double loss = 0.0;  ///< seconds a call of the network, by the tasks' own times
};

/// What is known of one task, for alternatives_of.
struct TaskScores {
    std::span<const Option> options;
    std::span<const std::optional<Score>> scores;
    std::size_t best = 0;
    int calls = 1;          ///< each with constants of its own
    std::int64_t runs = 1;  ///< as TuningTask::runs
};
/// For each task the fastest option of another family, or of fewer bytes by a tenth, that is at most a tenth slower than the best:
/// those that would lose least come first.
[[nodiscard]] std::vector<Alternative> alternatives_of(std::span<const TaskScores> tasks);

/// The option of each task so that all packed constants together take no more than `most_bytes`, where that is possible: from the
/// best, the steps that lose least time for their bytes come first. Options are changed in place; each task's bytes count
/// once a call.
void fit_bytes(std::span<const TaskScores> tasks, std::vector<std::size_t>& options, std::int64_t most_bytes);

}  // namespace halcyon
