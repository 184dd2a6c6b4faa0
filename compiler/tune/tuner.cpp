#include "tune/tuner.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <map>

#include "kernels/family_revision.h"
#include "support/check.h"
#include "support/hash.h"

namespace halcyon {
namespace {

/// What one effort means.
struct Diligence {
    std::size_t batch;            ///< candidates of one round
    std::size_t trials_per_task;  ///< at most
    std::size_t patience;         ///< rounds without a gain before a task is finished
    double seconds;               ///< the shortest measurement
    int halvings;
};

Diligence diligence_of(Effort effort) {
    switch (effort) {
    case Effort::low: return {4, 8, 1, 0.005, 2};
    case Effort::medium: return {8, 64, 2, 0.01, 3};
    case Effort::high: return {16, 512, 4, 0.02, 4};
    }
    internal_error(__FILE__, __LINE__, "an unknown effort");
}

/// Numbers in memory for tasks that a later round goes on with.
constexpr std::size_t most_problem_bytes = std::size_t{1} << 30;

std::size_t bytes_of(const Problem& problem) {
    std::int64_t numbers = problem.expected.size();
    for (const Array& array : problem.operands.inputs) numbers += array.size();
    for (const Array& array : problem.operands.constants) numbers += array.size();
    return static_cast<std::size_t>(numbers) * sizeof(double);
}

std::uint64_t seed_of(const Task& task) {
    const std::string digits = hash_hex(to_text(task)).substr(0, 15);
    std::uint64_t seed = 0;
    constexpr int hexadecimal = 16;
    std::from_chars(digits.data(), digits.data() + digits.size(), seed, hexadecimal);
    return seed;
}

/// A task while it is tuned.
struct Work {
    const TuningTask* task;
    TaskSearch search;
    std::optional<Contestant> champion;   ///< the best, compiled
    std::optional<double> first_seconds;  ///< of the first that was right
    std::size_t rounds_without_gain = 0;
    bool finished = false;
};

class Tuner {
public:
    Tuner(const std::vector<TuningTask>& tasks, const TuningLimits& limits, const Laboratory& laboratory,
          Records* records, const RecordLabels& labels, const std::function<void(const TuningNews&)>& report)
        : limits_(limits), diligence_(diligence_of(limits.effort)), laboratory_(laboratory), records_(records),
          labels_(labels), report_(report), begin_(laboratory.now()) {
        for (const TuningTask& task : tasks) {
            std::vector<std::size_t> first;
            if (task.usual) first.push_back(*task.usual);
            works_.push_back({&task, TaskSearch(task.options, first, seed_of(task.task)), {}, {}});
            remember(works_.back());
        }
    }

    std::vector<TunedTask> run() {
        while (!is_over()) {
            const std::optional<std::size_t> next = pick_task(standings());
            if (!next) break;
            round(works_[*next]);
        }
        std::vector<TunedTask> tuned;
        for (const Work& work : works_) {
            TunedTask& result = tuned.emplace_back(TunedTask{work.task, work.search.best(), {}, work.search.known()});
            for (std::size_t i = 0; i < work.search.options().size(); ++i)
                result.scores.push_back(work.search.score(i));
        }
        return tuned;
    }

private:
    /// What records know of the task.
    void remember(Work& work) {
        if (work.task->options.size() <= 1) work.finished = true;
        if (records_ == nullptr) return;
        std::map<std::string, Score> known;
        for (const TrialRecord& record : records_->find(to_text(work.task->task), labels_.target, labels_.cpu))
            known[record.candidate] = {record.status, record.nanoseconds * 1e-9, record.noise};
        std::vector<std::pair<double, std::size_t>> right;
        for (std::size_t i = 0; i < work.task->options.size(); ++i) {
            const auto found = known.find(to_text(work.task->options[i].candidate, work.task->task));
            if (found == known.end()) continue;
            work.search.tell(i, found->second);
            if (found->second.status == TrialStatus::ok) right.emplace_back(found->second.seconds, i);
        }
        if (work.search.known() >= diligence_.trials_per_task) work.finished = true;
        if (!right.empty()) {
            if (work.task->usual) work.search.challenge(*work.task->usual);
            work.search.challenge(std::min_element(right.begin(), right.end())->second);
            const auto& usual = work.task->usual ? work.search.score(*work.task->usual) : std::nullopt;
            work.first_seconds = usual && usual->status == TrialStatus::ok
                                     ? usual->seconds
                                     : std::max_element(right.begin(), right.end())->first;
        }
    }

    [[nodiscard]] double passed() const { return laboratory_.now() - begin_; }
    [[nodiscard]] bool is_out_of_time() const {
        return laboratory_.stop() || (limits_.seconds && passed() >= *limits_.seconds);
    }
    [[nodiscard]] bool is_over() const { return is_out_of_time() || (limits_.trials && trials_ >= *limits_.trials); }

    /// Seconds of cost 1, as measured so far.
    [[nodiscard]] double scale() const {
        double seconds = 0.0;
        double costs = 0.0;
        for (const Work& work : works_) {
            const std::optional<std::size_t> best = work.search.best();
            if (!best) continue;
            seconds += work.search.score(*best)->seconds;
            costs += work.task->options[*best].cost;
        }
        return costs > 0.0 ? seconds / costs : 1.0;
    }

    [[nodiscard]] double seconds_of(const Work& work, double scale) const {
        if (const std::optional<std::size_t> best = work.search.best()) return work.search.score(*best)->seconds;
        return work.task->options.empty() ? 0.0 : work.task->options.front().cost * scale;
    }

    [[nodiscard]] std::vector<TaskStanding> standings() const {
        std::vector<TaskStanding> standings;
        const double by_cost = scale();
        for (const Work& work : works_)
            standings.push_back({static_cast<double>(work.task->runs) * seconds_of(work, by_cost), work.search.known(),
                                 work.rounds_without_gain, work.finished});
        return standings;
    }

    void tell(const Work& work) const {
        if (!report_) return;
        TuningNews news{.task = *work.task, .trials = trials_, .task_trials = work.search.known()};
        if (const std::optional<std::size_t> best = work.search.best()) news.best = work.search.score(*best)->seconds;
        const double by_cost = scale();
        double first = 0.0;
        for (const Work& each : works_) {
            const double now = static_cast<double>(each.task->runs) * seconds_of(each, by_cost);
            news.network_seconds += now;
            first += each.first_seconds ? static_cast<double>(each.task->runs) * *each.first_seconds : now;
            news.tasks_finished += each.finished ? 1 : 0;
        }
        news.gain = news.network_seconds > 0.0 ? first / news.network_seconds : 1.0;
        news.seconds_passed = passed();
        news.tasks = works_.size();
        report_(news);
    }

    void record(const Work& work, std::size_t option, const Score& score) const {
        if (records_ == nullptr) return;
        const Candidate& candidate = work.task->options[option].candidate;
        records_->add({.task = to_text(work.task->task),
                       .candidate = to_text(candidate, work.task->task),
                       .family = candidate.family,
                       .revision = std::string(family_revision(candidate.family)),
                       .target = labels_.target,
                       .cpu = labels_.cpu,
                       .threads = work.task->task.threads,
                       .status = score.status,
                       .nanoseconds = score.seconds * 1e9,
                       .noise = score.noise,
                       .versions = labels_.versions,
                       .model = labels_.model,
                       .run = labels_.run,
                       .when = static_cast<std::int64_t>(std::time(nullptr))});
    }

    const Problem& problem_of(const Work& work) {
        if (const auto found = problems_.find(work.task); found != problems_.end()) return found->second;
        std::size_t bytes = 0;
        for (const auto& [task, problem] : problems_) bytes += bytes_of(problem);
        if (bytes > most_problem_bytes) problems_.clear();
        return problems_.emplace(work.task, laboratory_.prepare(*work.task)).first->second;
    }

    /// The options compiled, by number. What cannot be compiled is told and recorded. The best comes along where a trial against
    /// it lies ahead and it is known from records only.
    std::map<std::size_t, Contestant> compile(Work& work, const std::vector<std::size_t>& batch) {
        std::vector<std::size_t> wanted = batch;
        if (work.search.best() && !work.champion) wanted.insert(wanted.begin(), *work.search.best());
        std::vector<Kernel> kernels;
        for (std::size_t option : wanted)
            kernels.push_back({work.task->task, work.task->options[option].candidate, work.task->name});
        std::map<std::size_t, Contestant> contestants;
        const std::vector<CompiledTrial> compiled = laboratory_.compile(kernels);
        for (std::size_t i = 0; i < compiled.size(); ++i) {
            const Option& option = work.task->options[wanted[i]];
            if (compiled[i].kernel) {
                Contestant contestant{option.candidate, *compiled[i].kernel, option.max_error};
                if (work.search.best() == wanted[i])
                    work.champion = std::move(contestant);
                else
                    contestants.emplace(wanted[i], std::move(contestant));
            } else if (work.search.best() != wanted[i]) {
                settle(work, wanted[i], {compiled[i].hung ? TrialStatus::hung : TrialStatus::crashed});
            }
        }
        return contestants;
    }

    void settle(Work& work, std::size_t option, const Score& score) {
        if (!work.search.score(option)) ++trials_;
        work.search.tell(option, score);
        record(work, option, score);
        tell(work);
    }

    /// One trial, against the best where there is one: then its time is that of the best times the ratio of the two, so that
    /// times of different moments compare. Nothing where the laboratory is gone.
    std::optional<Score> trial(const Work& work, const Contestant& contestant, double seconds) {
        std::vector<Contestant> both;
        if (work.champion) both.push_back(*work.champion);
        both.push_back(contestant);
        const TrialResult result = laboratory_.measure(problem_of(work), both, seconds);
        if (result.lost) return std::nullopt;
        if (result.status != TrialStatus::ok) return Score{result.status};
        const Timing& own = result.timings.back();
        if (!own.right) return Score{TrialStatus::wrong_answer};
        if (!work.champion || !result.timings.front().right) return Score{TrialStatus::ok, own.seconds, own.noise};
        const Timing& champion = result.timings.front();
        const double best_seconds = work.search.score(*work.search.best())->seconds;
        return Score{TrialStatus::ok, best_seconds * own.seconds / champion.seconds,
                     std::max(own.noise, champion.noise)};
    }

    void round(Work& work) {
        const std::size_t left = limits_.trials ? *limits_.trials - trials_ : SIZE_MAX;
        const std::size_t room = diligence_.trials_per_task - std::min(diligence_.trials_per_task, work.search.known());
        const std::vector<std::size_t> batch = work.search.next(std::min({diligence_.batch, left, room}));
        bool gained = false;
        if (!batch.empty()) {
            std::map<std::size_t, Contestant> contestants = compile(work, batch);
            std::vector<std::size_t> entrants;
            for (std::size_t option : batch)
                if (contestants.count(option) != 0) entrants.push_back(option);
            if (!work.champion && !is_out_of_time()) gained = crown_first(work, entrants, contestants);
            const auto measure = [&](const std::vector<std::size_t>& options, double seconds) {
                std::vector<Score> scores;
                for (std::size_t option : options) {
                    if (is_out_of_time()) break;
                    const std::optional<Score> score = trial(work, contestants.at(option), seconds);
                    if (!score) break;
                    scores.push_back(*score);
                    settle(work, option, *score);
                }
                return scores;
            };
            std::vector<std::pair<std::size_t, Score>> standing =
                successive_halving(entrants, diligence_.seconds, diligence_.halvings, measure);
            std::sort(standing.begin(), standing.end(),
                      [](const auto& a, const auto& b) { return a.second.seconds < b.second.seconds; });
            for (const auto& [option, score] : standing) {
                if (!work.search.challenge(option)) continue;
                work.champion = contestants.at(option);
                gained = true;
            }
        }
        work.rounds_without_gain = gained ? 0 : work.rounds_without_gain + 1;
        work.finished = !is_out_of_time() && (batch.empty() || work.rounds_without_gain >= diligence_.patience ||
                                              work.search.known() >= diligence_.trials_per_task);
    }

    /// The first entrant whose result is right is what the others are measured against.
    bool crown_first(Work& work, std::vector<std::size_t>& entrants,
                     const std::map<std::size_t, Contestant>& contestants) {
        while (!entrants.empty() && !is_out_of_time()) {
            const std::size_t option = entrants.front();
            entrants.erase(entrants.begin());
            const std::optional<Score> score = trial(work, contestants.at(option), diligence_.seconds * 10.0);
            if (!score) return false;
            settle(work, option, *score);
            if (!work.search.challenge(option)) continue;
            work.champion = contestants.at(option);
            work.first_seconds = score->seconds;
            tell(work);
            return true;
        }
        return false;
    }

    const TuningLimits limits_;
    const Diligence diligence_;
    const Laboratory& laboratory_;
    Records* records_;
    const RecordLabels& labels_;
    const std::function<void(const TuningNews&)>& report_;
    const double begin_;
    std::vector<Work> works_;
    std::map<const TuningTask*, Problem> problems_;
    std::size_t trials_ = 0;
};

}  // namespace

std::vector<TunedTask> tune(const std::vector<TuningTask>& tasks, const TuningLimits& limits,
                            const Laboratory& laboratory, Records* records, const RecordLabels& labels,
                            const std::function<void(const TuningNews&)>& report) {
    return Tuner(tasks, limits, laboratory, records, labels, report).run();
}

}  // namespace halcyon
