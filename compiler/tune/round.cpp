#include "tune/round.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <set>

#include "support/check.h"

namespace halcyon {
namespace {

/// Numbers in memory for tasks that a later round goes on with.
constexpr std::size_t most_problem_bytes = std::size_t{1} << 30;

std::size_t bytes_of(const Problem& problem) {
    std::int64_t numbers = problem.expected.size();
    for (const Array& array : problem.operands.inputs) numbers += array.size();
    for (const Array& array : problem.operands.constants) numbers += array.size();
    return static_cast<std::size_t>(numbers) * sizeof(double);
}

/// work(), done by another thread.
template <typename Work>
auto done_elsewhere(const Work& work, const std::function<void()>& meanwhile) {
    constexpr std::chrono::milliseconds between_looks{5};
    auto result = std::async(std::launch::async, work);
    while (result.wait_for(between_looks) != std::future_status::ready) meanwhile();
    return result.get();
}

}  // namespace

Laboratory attentive(const Laboratory& laboratory, const std::function<void()>& meanwhile) {
    Laboratory result = laboratory;
    result.compile = [=](const std::vector<Kernel>& kernels) {
        return done_elsewhere([&] { return laboratory.compile(kernels); }, meanwhile);
    };
    result.prepare = [=](const TuningTask& task) {
        return done_elsewhere([&] { return laboratory.prepare(task); }, meanwhile);
    };
    return result;
}

Diligence diligence_of(Effort effort) {
    switch (effort) {
    case Effort::low: return {4, 8, 1, 0.005, 2};
    case Effort::medium: return {8, 64, 2, 0.01, 3};
    case Effort::high: return {16, 512, 4, 0.02, 4};
    }
    internal_error(__FILE__, __LINE__, "an unknown effort");
}

const Problem& RoundWorker::problem_of(const TuningTask& task) {
    if (const auto found = problems_.find(&task); found != problems_.end()) return found->second;
    std::size_t bytes = 0;
    for (const auto& [other, problem] : problems_) bytes += bytes_of(problem);
    if (bytes > most_problem_bytes) problems_.clear();
    return problems_.emplace(&task, laboratory_.prepare(task)).first->second;
}

/// What cannot be compiled is told. The best comes along where a trial against it lies ahead and this worker has it not.
void RoundWorker::compile(Race& race, const RoundOrder& order) {
    std::map<std::size_t, Contestant>& known = compiled_[&race.task];
    if (order.best) {
        race.champion_seconds = order.best->second.seconds;
        if (const auto found = known.find(order.best->first); found != known.end()) race.champion = found->second;
    }
    std::vector<std::size_t> wanted = order.batch;
    const bool champion_too = order.best && !race.champion;
    if (champion_too) wanted.insert(wanted.begin(), order.best->first);
    std::vector<Kernel> kernels;
    for (std::size_t option : wanted)
        kernels.push_back({race.task.task, race.task.options[option].candidate, race.task.name});
    const std::vector<CompiledTrial> compiled = laboratory_.compile(kernels);
    for (std::size_t i = 0; i < compiled.size(); ++i) {
        const Option& option = race.task.options[wanted[i]];
        const bool is_champion = champion_too && i == 0;
        if (!compiled[i].kernel) {
            if (!is_champion) race.tell(wanted[i], {compiled[i].hung ? TrialStatus::hung : TrialStatus::crashed});
            continue;
        }
        Contestant contestant{option.candidate, *compiled[i].kernel, option.max_error};
        if (is_champion)
            race.champion = std::move(contestant);
        else
            race.contestants.emplace(wanted[i], std::move(contestant));
    }
    known = race.contestants;
    if (race.champion) known.emplace(order.best->first, *race.champion);
}

/// One trial, against the best where there is one: then its time is that of the best times the ratio of the two, so that
/// times of different moments compare. Nothing where the laboratory is gone.
std::optional<Score> RoundWorker::trial(const Race& race, const Contestant& contestant, double seconds) {
    std::vector<Contestant> both;
    if (race.champion) both.push_back(*race.champion);
    both.push_back(contestant);
    const TrialResult result = laboratory_.measure(problem_of(race.task), both, seconds);
    if (result.lost) return std::nullopt;
    if (result.status != TrialStatus::ok) return Score{result.status};
    const Timing& own = result.timings.back();
    if (!own.right) return Score{TrialStatus::wrong_answer};
    if (!race.champion || !result.timings.front().right) return Score{TrialStatus::ok, own.seconds, own.noise};
    const Timing& champion = result.timings.front();
    return Score{TrialStatus::ok, race.champion_seconds * own.seconds / champion.seconds,
                 std::max(own.noise, champion.noise)};
}

/// Takes entrants away until one can be the champion.
void RoundWorker::crown_first(Race& race, const RoundOrder& order, std::vector<std::size_t>& entrants,
                              const std::function<bool()>& is_over) {
    while (!entrants.empty() && !is_over()) {
        const std::size_t option = entrants.front();
        entrants.erase(entrants.begin());
        const std::optional<Score> score = trial(race, race.contestants.at(option), diligence_.seconds * 10.0);
        if (!score) return entrants.clear();
        race.tell(option, *score);
        if (score->status != TrialStatus::ok || (order.best && !beats(*score, order.best->second))) continue;
        race.champion = race.contestants.at(option);
        race.champion_seconds = score->seconds;
        return;
    }
}

void RoundWorker::perform(const RoundOrder& order, const std::function<bool()>& is_over, const Tell& tell) {
    Race race{tasks_.at(order.task), tell, {}, {}};
    compile(race, order);
    std::vector<std::size_t> entrants;
    for (std::size_t option : order.batch)
        if (race.contestants.count(option) != 0) entrants.push_back(option);
    if (!race.champion) crown_first(race, order, entrants, is_over);
    const auto measure = [&](const std::vector<std::size_t>& options, double seconds) {
        std::vector<Score> scores;
        for (std::size_t option : options) {
            if (is_over()) break;
            const std::optional<Score> score = trial(race, race.contestants.at(option), seconds);
            if (!score) break;
            scores.push_back(*score);
            tell(option, *score);
        }
        return scores;
    };
    confirm_winner(race, successive_halving(std::move(entrants), diligence_.seconds, diligence_.halvings, measure),
                   is_over);
}

/// Who comes first of many is often lucky, and later times are ratios to the best's: so its time is taken once more, alone, and
/// who comes first then is asked likewise.
void RoundWorker::confirm_winner(const Race& race, std::vector<std::pair<std::size_t, Score>> standing,
                                 const std::function<bool()>& is_over) {
    if (!race.champion) return;
    std::set<std::size_t> confirmed;
    while (!is_over()) {
        std::pair<std::size_t, Score>* winner = nullptr;
        for (auto& entry : standing) {
            const Score champion{TrialStatus::ok, race.champion_seconds};
            if (beats(entry.second, winner == nullptr ? champion : winner->second)) winner = &entry;
        }
        if (winner == nullptr || !confirmed.insert(winner->first).second) return;
        const std::optional<Score> score = trial(race, race.contestants.at(winner->first), diligence_.seconds * 10.0);
        if (!score) return;
        winner->second = *score;
        race.tell(winner->first, *score);
    }
}

}  // namespace halcyon
