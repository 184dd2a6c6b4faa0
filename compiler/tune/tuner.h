#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "schedule/records.h"
#include "tune/fleet.h"
#include "tune/round.h"
#include "tune/tuning_tasks.h"

namespace halcyon {

struct TuningLimits {
    Effort effort = Effort::medium;
    std::optional<std::size_t> trials;  ///< new ones, of all tasks together
    std::optional<double> seconds;
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
/// trial goes into it at once. `records` may be null. With a fleet, rounds of different tasks are done at once by it and here;
/// which rounds a task gets does not depend on who does them.
[[nodiscard]] std::vector<TunedTask> tune(const std::vector<TuningTask>& tasks, const TuningLimits& limits,
                                          const Laboratory& laboratory, Records* records, const RecordLabels& labels,
                                          const std::function<void(const TuningNews&)>& report, Fleet* fleet = nullptr);

}  // namespace halcyon
