#include "schedule/choose.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace halcyon {
namespace {

/// Whether the candidate has exactly the entry's parameters, in any order.
bool has_parameters(const Candidate& candidate, const std::vector<Parameter>& wanted) {
    return candidate.parameters.size() == wanted.size() && std::is_permutation(wanted.begin(), wanted.end(), candidate.parameters.begin());
}

std::string choices_text(const ParameterSpace& space) {
    std::vector<std::string> choices;
    for (const std::vector<int>& choice : space.choices) choices.push_back(fmt::format("{}", fmt::join(choice, "x")));
    return fmt::format("{} {}", space.name, fmt::join(choices, " "));
}

/// The entry's candidate; reports why there is none.
std::optional<Choice> from_entry(const Schedules::Entry& entry, const Task& task, const Candidate& layouts, const TargetInfo& target,
                                 Diagnostics& diag) {
    const KernelFamily* family = find_kernel_family(entry.family);
    if (!family || !family->matches(task, target) || !family->accepts(task, layouts)) {
        std::vector<std::string_view> fitting;
        for (const KernelFamily* other : kernel_family_table())
            if (other->matches(task, target) && other->accepts(task, layouts)) fitting.push_back(other->name);
        diag.error(Code::illegal_schedule, entry.span, "'{}' cannot compute this task", entry.family).hint =
            fmt::format("families that can: {}", fmt::join(fitting, ", "));
        return std::nullopt;
    }
    for (Candidate& candidate : candidates(*family, task, layouts, target))
        if (has_parameters(candidate, entry.parameters)) {
            const double cost = family->cost(task, candidate, target);
            return Choice{std::move(candidate), entry.place, cost};
        }
    std::vector<std::string> legal;
    for (const ParameterSpace& space : family->space(task, layouts, target)) legal.push_back(choices_text(space));
    diag.error(Code::illegal_schedule, entry.span, "these parameters of '{}' are not legal for this task", entry.family).hint =
        fmt::format("legal values: {}", fmt::join(legal, "; "));
    return std::nullopt;
}

}  // namespace

std::optional<Choice> choose_candidate(const Task& task, const Candidate& layouts, const TargetInfo& target, const Schedules& schedules,
                                       Diagnostics& diag) {
    // An entry speaks of the schedule, not of the memory plan: in place only if the entry's candidate is legal there, silently.
    if (const Schedules::Entry* entry = schedules.find(to_text(task), target.name)) {
        Diagnostics in_place_diag;
        return from_entry(*entry, task, layouts, target, layouts.in_place >= 0 ? in_place_diag : diag);
    }
    std::optional<Choice> best;
    for (const KernelFamily* family : kernel_family_table()) {
        if (!family->matches(task, target) || !family->accepts(task, layouts)) continue;
        for (Candidate& candidate : candidates(*family, task, layouts, target)) {
            const double cost = family->cost(task, candidate, target);
            if (!best || cost < best->cost) best = Choice{std::move(candidate), "heuristic", cost};
        }
    }
    return best;
}

}  // namespace halcyon
