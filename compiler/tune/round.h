#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend/kernel_compiler.h"
#include "tune/search.h"
#include "tune/trial.h"
#include "tune/tuning_tasks.h"

namespace halcyon {

enum class Effort { low, medium, high };

/// What an effort means.
struct Diligence {
    std::size_t batch;            ///< candidates of one round
    std::size_t trials_per_task;  ///< at most
    std::size_t patience;         ///< rounds without a gain before a task is finished
    double seconds;               ///< the shortest measurement
    int halvings;
};
[[nodiscard]] Diligence diligence_of(Effort effort);

/// The outside world, so that tests need neither compiler nor clock.
struct Laboratory {
    /// May give fewer than asked for once `stop` says so.
    std::function<std::vector<CompiledTrial>(const std::vector<Kernel>&)> compile;
    std::function<Problem(const TuningTask&)> prepare;
    std::function<TrialResult(const Problem&, std::span<const Contestant>, double seconds)> measure;
    std::function<double()> now;  ///< seconds
    std::function<bool()> stop;   ///< the user's wish
};

/// The same, but another thread does what takes long while this one calls `meanwhile` again and again.
[[nodiscard]] Laboratory attentive(const Laboratory& laboratory, const std::function<void()>& meanwhile);

/// Options of one task that are compiled together and race each other. Whoever has the same tasks can do it.
struct RoundOrder {
    std::size_t task = 0;
    std::vector<std::size_t> batch;
    std::optional<std::pair<std::size_t, Score>> best;  ///< of the task so far: what the batch is measured against

    friend bool operator==(const RoundOrder&, const RoundOrder&) = default;
};

/// Does rounds: compiles, and measures by successive halving. Between rounds it only remembers what saves work.
class RoundWorker {
public:
    /// Both must outlive it.
    RoundWorker(const std::vector<TuningTask>& tasks, const Diligence& diligence, const Laboratory& laboratory)
        : tasks_(tasks), diligence_(diligence), laboratory_(laboratory) {}

    /// Tells each trial when it is done: an option comes again when it is measured longer. The first that is right is what the
    /// others are measured against, where the task has no best. Ends early when `is_over` says so or the laboratory is gone.
    using Tell = std::function<void(std::size_t option, const Score& score)>;
    void perform(const RoundOrder& order, const std::function<bool()>& is_over, const Tell& tell);

private:
    /// A task in the present round.
    struct Race {
        const TuningTask& task;
        const Tell& tell;
        std::map<std::size_t, Contestant> contestants;
        std::optional<Contestant> champion;
        double champion_seconds = 0.0;
    };
    void compile(Race& race, const RoundOrder& order);
    [[nodiscard]] std::optional<Score> trial(const Race& race, const Contestant& contestant, double seconds);
    void crown_first(Race& race, const RoundOrder& order, std::vector<std::size_t>& entrants,
                     const std::function<bool()>& is_over);
    void confirm_winner(const Race& race, std::vector<std::pair<std::size_t, Score>> standing,
                        const std::function<bool()>& is_over);
    const Problem& problem_of(const TuningTask& task);

    const std::vector<TuningTask>& tasks_;
    const Diligence diligence_;
    const Laboratory& laboratory_;
    std::map<const TuningTask*, Problem> problems_;
    std::map<const TuningTask*, std::map<std::size_t, Contestant>> compiled_;  ///< in the task's last round
};

}  // namespace halcyon
