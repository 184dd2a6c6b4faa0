#include "tune/search.h"

#include <algorithm>
#include <cmath>

namespace halcyon {
namespace {

constexpr double least_gain = 0.01;
constexpr std::size_t best_parents = 3;
constexpr double longer = 3.0;

std::size_t different_parameters(const Candidate& a, const Candidate& b) {
    std::size_t count = 0;
    for (const Parameter& parameter : a.parameters)
        count += std::count(b.parameters.begin(), b.parameters.end(), parameter) == 0;
    return count;
}

bool is_right(const std::optional<Score>& score) {
    return score && score->status == TrialStatus::ok;
}

}  // namespace

bool beats(const Score& challenger, const Score& champion) {
    if (challenger.status != TrialStatus::ok) return false;
    if (champion.status != TrialStatus::ok) return true;
    const double margin = std::max({challenger.noise, champion.noise, least_gain});
    return challenger.seconds * (1.0 + margin) < champion.seconds;
}

std::vector<std::pair<std::size_t, Score>> successive_halving(std::vector<std::size_t> entrants, double seconds,
                                                              int rounds, const Measure& measure) {
    std::vector<std::pair<std::size_t, Score>> last;
    for (int round = 0; round < rounds && !entrants.empty(); ++round, seconds *= longer) {
        const std::vector<Score> scores = measure(entrants, seconds);
        std::vector<std::pair<double, std::size_t>> standing;
        for (std::size_t i = 0; i < scores.size(); ++i) {
            const auto known =
                std::find_if(last.begin(), last.end(), [&](const auto& entry) { return entry.first == entrants[i]; });
            if (known == last.end())
                last.emplace_back(entrants[i], scores[i]);
            else
                known->second = scores[i];
            if (scores[i].status == TrialStatus::ok) standing.emplace_back(scores[i].seconds, entrants[i]);
        }
        if (scores.size() < entrants.size() || entrants.size() == 1) break;
        std::sort(standing.begin(), standing.end());
        standing.resize((standing.size() + 1) / 2);
        entrants.clear();
        for (const auto& [time, entrant] : standing) entrants.push_back(entrant);
    }
    return last;
}

TaskSearch::TaskSearch(std::vector<Option> options, std::vector<std::size_t> preferred, std::uint64_t seed)
    : options_(std::move(options)), scores_(options_.size()), random_(seed) {
    std::vector<std::size_t> by_cost(options_.size());
    for (std::size_t i = 0; i < by_cost.size(); ++i) by_cost[i] = i;
    std::stable_sort(by_cost.begin(), by_cost.end(),
                     [&](std::size_t a, std::size_t b) { return options_[a].cost < options_[b].cost; });
    const auto add = [&](std::size_t option) {
        if (std::count(preferred_.begin(), preferred_.end(), option) == 0) preferred_.push_back(option);
    };
    for (std::size_t option : preferred) add(option);
    std::vector<std::string_view> families;
    for (std::size_t option : by_cost) {
        const std::string& family = options_[option].candidate.family;
        if (std::count(families.begin(), families.end(), family) != 0) continue;
        families.push_back(family);
        add(option);
    }
}

void TaskSearch::tell(std::size_t option, const Score& score) {
    scores_[option] = score;
}

std::size_t TaskSearch::known() const {
    return static_cast<std::size_t>(
        std::count_if(scores_.begin(), scores_.end(), [](const auto& score) { return score.has_value(); }));
}

bool TaskSearch::challenge(std::size_t option) {
    const std::optional<Score>& score = scores_[option];
    if (!is_right(score)) return false;
    if (best_ && (*best_ == option || !beats(*score, *scores_[*best_]))) return false;
    best_ = option;
    return true;
}

/// The cost, corrected by how far it was off for the most similar option that has been measured.
double TaskSearch::predicted(std::size_t option) const {
    double correction = 1.0;
    std::size_t least = SIZE_MAX;
    double largest = 0.0;
    for (std::size_t other = 0; other < options_.size(); ++other) {
        if (!is_right(scores_[other])) continue;
        const double ratio = scores_[other]->seconds / options_[other].cost;
        largest = std::max(largest, ratio);
        if (options_[other].candidate.family != options_[option].candidate.family) continue;
        const std::size_t distance = different_parameters(options_[option].candidate, options_[other].candidate);
        if (distance >= least) continue;
        least = distance;
        correction = ratio;
    }
    // Of a family of which nothing has been right so far nothing good is expected.
    if (least == SIZE_MAX && largest > 0.0) correction = largest;
    return options_[option].cost * correction;
}

/// The best of all, and the best of each family: the next best is often of the same kind and tells nothing of others.
std::vector<std::size_t> TaskSearch::parents() const {
    std::vector<std::size_t> right;
    for (std::size_t option = 0; option < options_.size(); ++option)
        if (is_right(scores_[option])) right.push_back(option);
    std::stable_sort(right.begin(), right.end(),
                     [&](std::size_t a, std::size_t b) { return scores_[a]->seconds < scores_[b]->seconds; });
    std::vector<std::size_t> chosen;
    for (std::size_t option : right) {
        const bool first_of_family = std::none_of(chosen.begin(), chosen.end(), [&](std::size_t other) {
            return options_[other].candidate.family == options_[option].candidate.family;
        });
        if (chosen.size() < best_parents || first_of_family) chosen.push_back(option);
    }
    return chosen;
}

bool TaskSearch::is_child(std::size_t option, const std::vector<std::size_t>& parents) const {
    const Candidate& child = options_[option].candidate;
    for (std::size_t first : parents) {
        if (options_[first].candidate.family != child.family) continue;
        if (different_parameters(child, options_[first].candidate) == 1) return true;
        // Each parameter from one of two parents.
        for (std::size_t second : parents) {
            if (second == first || options_[second].candidate.family != child.family) continue;
            const auto from = [&](std::size_t parent, const Parameter& parameter) {
                const std::vector<Parameter>& all = options_[parent].candidate.parameters;
                return std::count(all.begin(), all.end(), parameter) > 0;
            };
            if (std::all_of(child.parameters.begin(), child.parameters.end(), [&](const Parameter& parameter) {
                    return from(first, parameter) || from(second, parameter);
                }))
                return true;
        }
    }
    return false;
}

std::vector<std::size_t> TaskSearch::next(std::size_t count) {
    std::vector<std::size_t> chosen;
    const auto is_open = [&](std::size_t option) {
        return !scores_[option] && std::count(chosen.begin(), chosen.end(), option) == 0;
    };
    for (std::size_t option : preferred_)
        if (chosen.size() < count && is_open(option)) chosen.push_back(option);

    std::vector<std::pair<double, std::size_t>> promising;
    for (std::size_t option = 0; option < options_.size(); ++option)
        if (is_open(option)) promising.emplace_back(predicted(option), option);
    std::sort(promising.begin(), promising.end());

    // Children first, a random choice among them: what is nearest to the best by analysis comes anyway.
    const std::vector<std::size_t> best = parents();
    std::vector<std::size_t> children;
    for (const auto& [time, option] : promising)
        if (is_child(option, best)) children.push_back(option);
    std::shuffle(children.begin(), children.end(), random_);
    const std::size_t wanted = chosen.size() + (count - chosen.size()) / 2;
    for (std::size_t option : children)
        if (chosen.size() < wanted) chosen.push_back(option);
    for (const auto& [time, option] : promising)
        if (chosen.size() < count && is_open(option)) chosen.push_back(option);
    return chosen;
}

std::optional<std::size_t> pick_task(std::span<const TaskStanding> tasks) {
    std::optional<std::size_t> picked;
    const auto promise = [&](const TaskStanding& task) {
        return task.share * std::pow(0.5, static_cast<double>(task.rounds_without_gain));
    };
    const auto comes_before = [&](const TaskStanding& a, const TaskStanding& b) {
        if ((a.trials == 0) != (b.trials == 0)) return a.trials == 0;
        return promise(a) > promise(b);
    };
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        if (tasks[i].finished) continue;
        if (!picked || comes_before(tasks[i], tasks[*picked])) picked = i;
    }
    return picked;
}

}  // namespace halcyon
