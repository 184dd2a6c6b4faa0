#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "kernels/candidate.h"
#include "schedule/records.h"

// Which candidates to try next, and which has won. Nothing here measures or knows the time: all of it is arithmetic on what
// it is told.

namespace halcyon {

/// One legal way of computing a task.
struct Option {
    Candidate candidate;
    double cost = 0.0;       ///< as KernelFamily::cost
    std::int64_t bytes = 0;  ///< of packed constants
    double max_error = 0.0;  ///< what its result may be off by
};

/// What a trial found out about an option.
struct Score {
    TrialStatus status = TrialStatus::ok;
    double seconds = 0.0;
    double noise = 0.0;  ///< as Timing::noise
    friend bool operator==(const Score&, const Score&) = default;
};

/// Whether `challenger` is faster by more than the noise of both, and by one percent at least.
[[nodiscard]] bool beats(const Score& challenger, const Score& champion);

/// Many short measurements, few long ones: measures all entrants, keeps the faster half of those that are right, measures
/// those three times as long, and so on, `rounds` times or until one is left. `measure` may give fewer scores than it was
/// asked for: then time is over. The last score of each entrant that has one.
using Measure = std::function<std::vector<Score>(const std::vector<std::size_t>& options, double seconds)>;
[[nodiscard]] std::vector<std::pair<std::size_t, Score>>
successive_halving(std::vector<std::size_t> entrants, double seconds, int rounds, const Measure& measure);

/// The search for one task's best option.
class TaskSearch {
public:
    /// Equal seeds and scores give equal searches. `preferred`: options to try first, before that of least cost.
    TaskSearch(std::vector<Option> options, std::vector<std::size_t> preferred, std::uint64_t seed);

    [[nodiscard]] const std::vector<Option>& options() const { return options_; }
    /// What is known of an option, from a record or a trial.
    void tell(std::size_t option, const Score& score);
    [[nodiscard]] const std::optional<Score>& score(std::size_t option) const { return scores_[option]; }
    [[nodiscard]] std::size_t known() const;

    /// Makes the option the best if it beats what has been; true if so. Needs its score.
    bool challenge(std::size_t option);
    /// Nothing before the first challenge.
    [[nodiscard]] std::optional<std::size_t> best() const { return best_; }

    /// Up to `count` options of which nothing is known. First the cheapest by analysis, of all and of each family; then half of
    /// them the most promising by what analysis says and measurements have shown of its error, half children of the best:
    /// with one parameter changed, or each parameter from one of two.
    [[nodiscard]] std::vector<std::size_t> next(std::size_t count);

private:
    [[nodiscard]] double predicted(std::size_t option) const;
    [[nodiscard]] std::vector<std::size_t> parents() const;
    [[nodiscard]] bool is_child(std::size_t option, const std::vector<std::size_t>& parents) const;

    std::vector<Option> options_;         ///< by cost
    std::vector<std::size_t> preferred_;  ///< in the order in which they are tried
    std::vector<std::optional<Score>> scores_;
    std::optional<std::size_t> best_;
    std::mt19937_64 random_;
};

/// A task among others, for pick_task.
struct TaskStanding {
    double share = 0.0;  ///< what its calls take of the network's time, measured or estimated
    std::size_t trials = 0;
    std::size_t rounds_without_gain = 0;
    bool finished = false;
};
/// The task where a further round promises most: every one gets its first, those that take longest before the others; a round
/// without a gain halves what the next promises. Nothing when all are finished.
[[nodiscard]] std::optional<std::size_t> pick_task(std::span<const TaskStanding> tasks);

}  // namespace halcyon
