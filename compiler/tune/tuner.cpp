#include "tune/tuner.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <map>
#include <thread>

#include "kernels/family_revision.h"
#include "support/hash.h"

namespace halcyon {
namespace {

std::uint64_t seed_of(const Task& task) {
    const std::string digits = hash_hex(to_text(task)).substr(0, 15);
    std::uint64_t seed = 0;
    constexpr int hexadecimal = 16;
    std::from_chars(digits.data(), digits.data() + digits.size(), seed, hexadecimal);
    return seed;
}

/// Times in whole picoseconds, which records keep as they are: a run that goes on from records then says the same of what it
/// knows as the one before, to the last digit.
Score as_kept(Score score) {
    constexpr double picoseconds = 1e12;
    score.seconds = std::round(score.seconds * picoseconds) / picoseconds;
    return score;
}

constexpr int at_home = 0;
constexpr std::chrono::milliseconds between_looks{5};

/// A round that is being done.
struct Round {
    int worker = at_home;
    std::size_t waiting = 0;        ///< options that have not been tried yet
    std::vector<std::size_t> told;  ///< options with a score, each once
    bool gained = false;
};

/// A task while it is tuned.
struct Work {
    const TuningTask* task;
    TaskSearch search;
    std::optional<double> first_seconds;  ///< of the first that was right
    std::size_t rounds_without_gain = 0;
    bool finished = false;
    std::optional<Round> round;
};

class Tuner {
public:
    Tuner(const std::vector<TuningTask>& tasks, const TuningLimits& limits, const Laboratory& laboratory,
          Records* records, const RecordLabels& labels, const std::function<void(const TuningNews&)>& report,
          Fleet* fleet)
        : limits_(limits), diligence_(diligence_of(limits.effort)), laboratory_(laboratory), records_(records),
          labels_(labels), report_(report), fleet_(fleet), begin_(laboratory.now()), serving_(laboratory),
          worker_(tasks, diligence_, serving_) {
        if (fleet != nullptr) serving_ = attentive(laboratory, [this] { serve(); });
        for (const TuningTask& task : tasks) {
            std::vector<std::size_t> first;
            if (task.usual) first.push_back(*task.usual);
            works_.push_back({&task, TaskSearch(task.options, first, seed_of(task.task)), {}});
            remember(works_.back());
        }
    }

    std::vector<TunedTask> run() {
        while (true) {
            serve();
            if (is_over()) break;
            if (const std::optional<RoundOrder> order = next_round(at_home))
                do_here(*order);
            else if (std::none_of(works_.begin(), works_.end(), [](const Work& work) { return work.round; }))
                break;
            else
                std::this_thread::sleep_for(between_looks);
        }
        if (fleet_ != nullptr)
            for (const Fleet::News& news : fleet_->end()) take(news);
        std::vector<TunedTask> tuned;
        for (Work& work : works_) {
            if (work.round) conclude(work);
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
        for (const TrialRecord& record :
             records_->find(to_text(work.task->task), labels_.target, labels_.cpu, work.task->weights_between))
            known[record.candidate] = as_kept({record.status, record.nanoseconds * 1e-9, record.noise});
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
                                 work.rounds_without_gain, work.finished || work.round.has_value()});
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
                       .when = static_cast<std::int64_t>(std::time(nullptr)),
                       .weights_between = work.task->weights_between});
    }

    /// How many more trials may be begun.
    [[nodiscard]] std::size_t trials_left() const {
        if (!limits_.trials) return SIZE_MAX;
        std::size_t begun = trials_;
        for (const Work& work : works_) begun += work.round ? work.round->waiting : 0;
        return *limits_.trials - std::min(*limits_.trials, begun);
    }

    /// Begins the round that promises most; nothing where none can be begun now.
    std::optional<RoundOrder> next_round(int worker) {
        while (const std::size_t left = trials_left()) {
            const std::optional<std::size_t> picked = pick_task(standings());
            if (!picked) break;
            Work& work = works_[*picked];
            const std::size_t room =
                diligence_.trials_per_task - std::min(diligence_.trials_per_task, work.search.known());
            RoundOrder order{*picked, work.search.next(std::min({diligence_.batch, left, room})), {}};
            work.finished = order.batch.empty();
            if (work.finished) continue;
            if (const std::optional<std::size_t> best = work.search.best())
                order.best = {*best, *work.search.score(*best)};
            work.round = Round{worker, order.batch.size(), {}, false};
            return order;
        }
        return std::nullopt;
    }

    void do_here(const RoundOrder& order) {
        Work& work = works_[order.task];
        const auto is_over = [this] {
            serve();
            return is_out_of_time();
        };
        worker_.perform(order, is_over, [&](std::size_t option, const Score& score) { settle(work, option, score); });
        finish(work);
    }

    void settle(Work& work, std::size_t option, const Score& told_score) {
        const Score score = as_kept(told_score);
        if (!work.search.score(option)) {
            ++trials_;
            work.round->waiting -= std::min<std::size_t>(work.round->waiting, 1);
        }
        work.search.tell(option, score);
        record(work, option, score);
        std::vector<std::size_t>& told = work.round->told;
        if (std::find(told.begin(), told.end(), option) == told.end()) told.push_back(option);
        // The first that is right is what the others are measured against.
        if (!work.search.best() && work.search.challenge(option)) {
            work.first_seconds = score.seconds;
            work.round->gained = true;
        }
        tell(work);
    }

    /// The best of a round by its last scores.
    void conclude(Work& work) {
        std::vector<std::size_t>& told = work.round->told;
        std::sort(told.begin(), told.end(), [&](std::size_t a, std::size_t b) {
            return work.search.score(a)->seconds < work.search.score(b)->seconds;
        });
        for (std::size_t option : told)
            if (work.search.challenge(option)) work.round->gained = true;
    }

    void finish(Work& work) {
        conclude(work);
        work.rounds_without_gain = work.round->gained ? 0 : work.rounds_without_gain + 1;
        work.finished = !is_out_of_time() && (work.rounds_without_gain >= diligence_.patience ||
                                              work.search.known() >= diligence_.trials_per_task);
        work.round.reset();
    }

    /// What the fleet has to tell, and rounds for those of it that have none.
    void serve() {
        if (fleet_ == nullptr) return;
        for (const Fleet::News& news : fleet_->news()) take(news);
        while (!idle_.empty() && !is_over()) {
            const std::optional<RoundOrder> order = next_round(idle_.back());
            if (!order) break;
            fleet_->send(idle_.back(), *order);
            idle_.pop_back();
        }
    }

    Work* work_of(int worker) {
        const auto found = std::find_if(works_.begin(), works_.end(),
                                        [&](const Work& work) { return work.round && work.round->worker == worker; });
        return found == works_.end() ? nullptr : &*found;
    }

    void take(const Fleet::News& news) {
        if (const auto* joined = std::get_if<Fleet::Joined>(&news)) {
            idle_.push_back(joined->worker);
        } else if (const auto* trial = std::get_if<Fleet::Trial>(&news)) {
            Work* work = work_of(trial->worker);
            if (work != nullptr && trial->option < work->task->options.size())
                settle(*work, trial->option, trial->score);
        } else if (const auto* done = std::get_if<Fleet::Done>(&news)) {
            if (Work* work = work_of(done->worker)) finish(*work);
            idle_.push_back(done->worker);
        } else if (const auto* left = std::get_if<Fleet::Left>(&news)) {
            // What it had not tried is somebody else's now.
            if (Work* work = work_of(left->worker)) {
                conclude(*work);
                work->round.reset();
            }
            std::erase(idle_, left->worker);
        }
    }

    const TuningLimits limits_;
    const Diligence diligence_;
    const Laboratory& laboratory_;
    Records* records_;
    const RecordLabels& labels_;
    const std::function<void(const TuningNews&)>& report_;
    Fleet* fleet_;
    const double begin_;
    std::vector<Work> works_;
    std::vector<int> idle_;  ///< workers of the fleet
    Laboratory serving_;     ///< the same, without keeping the fleet waiting
    RoundWorker worker_;
    std::size_t trials_ = 0;
};

}  // namespace

std::vector<TunedTask> tune(const std::vector<TuningTask>& tasks, const TuningLimits& limits,
                            const Laboratory& laboratory, Records* records, const RecordLabels& labels,
                            const std::function<void(const TuningNews&)>& report, Fleet* fleet) {
    return Tuner(tasks, limits, laboratory, records, labels, report, fleet).run();
}

}  // namespace halcyon
