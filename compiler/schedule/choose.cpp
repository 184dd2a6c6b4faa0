#include "schedule/choose.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace halcyon {
namespace {

/// Whether the candidate has exactly the entry's parameters, in any order.
bool has_parameters(const Candidate& candidate, const std::vector<Parameter>& wanted) {
    return candidate.parameters.size() == wanted.size() &&
           std::is_permutation(wanted.begin(), wanted.end(), candidate.parameters.begin());
}

std::string choices_text(const ParameterSpace& space) {
    std::vector<std::string> choices;
    for (const std::vector<int>& choice : space.choices) choices.push_back(fmt::format("{}", fmt::join(choice, "x")));
    return fmt::format("{} {}", space.name, fmt::join(choices, " "));
}

/// Whether every parameter is there with a value of its own choices, so that only the combination can be illegal.
bool in_space(const std::vector<Parameter>& parameters, const std::vector<ParameterSpace>& space) {
    return parameters.size() == space.size() &&
           std::all_of(space.begin(), space.end(), [&](const ParameterSpace& choices) {
               return std::any_of(parameters.begin(), parameters.end(), [&](const Parameter& parameter) {
                   return parameter.name == choices.name &&
                          std::count(choices.choices.begin(), choices.choices.end(), parameter.values) > 0;
               });
           });
}

/// The entry's candidate; reports why there is none.
std::optional<Choice> from_entry(const Schedules::Entry& entry, const Task& task, const Candidate& layouts,
                                 const TargetInfo& target, Diagnostics& diag) {
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
    const std::vector<ParameterSpace> space = family->space(task, layouts, target);
    const bool known = in_space(entry.parameters, space);
    std::vector<std::string> legal;
    for (const ParameterSpace& parameter : space) legal.push_back(choices_text(parameter));
    diag.error(Code::illegal_schedule, entry.span, "these parameters of '{}' {} for this task", entry.family,
               known ? "cannot be combined" : "are not legal")
        .hint = legal.empty() ? "it takes none" : fmt::format("legal values: {}", fmt::join(legal, "; "));
    return std::nullopt;
}

}  // namespace

std::optional<Choice> choose_candidate(const Task& task, const Candidate& layouts, const TargetInfo& target,
                                       const Schedules& schedules, Diagnostics& diag) {
    if (const Schedules::Entry* entry = schedules.find(to_text(task), target.name)) {
        // An entry speaks of the schedule, not of the memory plan: where it is not legal in place, the plan stays apart.
        Diagnostics in_place_diag;
        const bool in_place = layouts.in_place >= 0;
        auto choice = from_entry(*entry, task, layouts, target, in_place ? in_place_diag : diag);
        if (choice || in_place) return choice;
    }
    // Also behind an illegal entry, so that planning goes on to find more.
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
