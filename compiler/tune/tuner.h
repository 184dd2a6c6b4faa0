#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backend/kernel_compiler.h"
#include "plan/plan.h"
#include "schedule/records.h"
#include "tune/search.h"
#include "tune/trial.h"

namespace halcyon {

/// One distinct task of a network, with all that the search needs.
struct TuningTask {
    Task task;
    Candidate layouts;                 ///< as the call that is measured has them
    std::vector<Option> options;       ///< legal wherever the network has the task
    std::optional<std::size_t> usual;  ///< the one that the program has now: it stays unless it is beaten
    std::string name;                  ///< of the first layer that it computes
    int calls = 1;
    std::int64_t runs = 1;  ///< of its kernel when the network runs once: calls for one item are repeated
};

/// Every distinct task of the program, in order. `max_error` as for choose_candidate.
[[nodiscard]] std::vector<TuningTask> tuning_tasks(const Program& program, double max_error);

enum class Effort { low, medium, high };

struct TuningLimits {
    Effort effort = Effort::medium;
    std::optional<std::size_t> trials;  ///< new ones, of all tasks together
    std::optional<double> seconds;
};

/// The outside world, so that tests need neither compiler nor clock.
struct Laboratory {
    /// May give fewer than asked for once `stop` says so.
    std::function<std::vector<CompiledTrial>(const std::vector<Kernel>&)> compile;
    std::function<Problem(const TuningTask&)> prepare;
    std::function<TrialResult(const Problem&, std::span<const Contestant>, double seconds)> measure;
    std::function<double()> now;  ///< seconds
    std::function<bool()> stop;   ///< the user's wish
};

/// What is written into records besides the trial itself.
struct RecordLabels {
    std::string target, cpu, versions, model, run;
};

/// How far the tuner is.
struct TuningNews {
    const TuningTask& task;
    std::size_t trials = 0;        ///< new ones, of all tasks
    std::size_t task_trials = 0;   ///< of this task, with those from records
    std::optional<double> best{};  ///< seconds of the task's best
    double network_seconds = 0.0;  ///< estimated
    double gain = 1.0;             ///< first network_seconds / the current ones
    double seconds_passed = 0.0;
    std::size_t tasks_finished = 0, tasks = 0;
};

/// What is known of one task at the end.
struct TunedTask {
    const TuningTask* task = nullptr;
    std::optional<std::size_t> best;           ///< an option, if any was measured and right
    std::vector<std::optional<Score>> scores;  ///< by option
    std::size_t trials = 0;                    ///< with those from records
};

/// Searches until limits or options are exhausted or the user stops it. What `records` knows is not measured again; every
/// trial goes into it at once. `records` may be null.
[[nodiscard]] std::vector<TunedTask> tune(const std::vector<TuningTask>& tasks, const TuningLimits& limits,
                                          const Laboratory& laboratory, Records* records, const RecordLabels& labels,
                                          const std::function<void(const TuningNews&)>& report);

}  // namespace halcyon
