#include "schedule/choose.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "kernels/estimate.h"

namespace halcyon {
namespace {

/// What a neighbour's candidate may cost by analysis, relative to the least: how far analysis may err.
constexpr double most_transferred_cost = 1.03;

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

double error_of(const KernelFamily& family, const Task& task, const Candidate& candidate) {
    return family.error_bound == nullptr ? 0.0 : family.error_bound(task, candidate);
}

std::int64_t packed_bytes(const KernelFamily& family, const Task& task, const Candidate& candidate) {
    std::int64_t bytes = 0;
    for (std::size_t k = 0; k < task.constants.size(); ++k) {
        const bool packs = family.packed_shape != nullptr;
        const std::int64_t count =
            element_count(packs ? family.packed_shape(task, candidate, static_cast<int>(k)) : task.constants[k]);
        bytes += (count * 4 + 63) / 64 * 64;
    }
    return bytes;
}

/// What to change so that values go together: the least, and of several ways the first.
std::string nearest_combination(const std::vector<Candidate>& legal, const std::vector<Parameter>& wanted) {
    std::vector<std::string> least;
    for (const Candidate& candidate : legal) {
        std::vector<std::string> changes;
        for (const Parameter& parameter : candidate.parameters)
            if (std::count(wanted.begin(), wanted.end(), parameter) == 0)
                changes.push_back(fmt::format("{} {}", parameter.name, fmt::join(parameter.values, "x")));
        if (least.empty() || changes.size() < least.size()) least = std::move(changes);
    }
    return least.empty() ? "no combination is possible here"
                         : fmt::format("with {} it would be legal", fmt::join(least, "  "));
}

/// The entry's candidate; reports why there is none.
std::optional<Choice> from_entry(const Schedules::Entry& entry, const Task& task, const Candidate& layouts,
                                 const TargetInfo& target, Diagnostics& diag, double max_error) {
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
        if (entry.names(candidate)) {
            const double error = error_of(*family, task, candidate);
            if (error > max_error) {
                diag.error(Code::illegal_schedule, entry.span,
                           "'{}' may be off by {:.2g} here, which is more than allowed", entry.family, error)
                    .hint = "`--max-error` sets what is allowed; `--exact` allows nothing";
                return std::nullopt;
            }
            const double cost = Estimate(target)(*family, task, candidate);
            const std::int64_t bytes = packed_bytes(*family, task, candidate);
            return Choice{std::move(candidate), entry.place, cost, "", bytes, {{cost, bytes}}, false, entry.comment};
        }
    const std::vector<ParameterSpace> space = family->space(task, layouts, target);
    if (in_space(entry.parameters, space)) {
        diag.error(Code::illegal_schedule, entry.span, "these parameters of '{}' cannot be combined for this task",
                   entry.family)
            .hint = nearest_combination(candidates(*family, task, layouts, target), entry.parameters);
        return std::nullopt;
    }
    std::vector<std::string> legal;
    for (const ParameterSpace& parameter : space) legal.push_back(choices_text(parameter));
    diag.error(Code::illegal_schedule, entry.span, "these parameters of '{}' are not legal for this task", entry.family)
        .hint = legal.empty() ? "it takes none" : fmt::format("legal values: {}", fmt::join(legal, "; "));
    return std::nullopt;
}

bool packs_as(const std::map<int, PackedForm>& forms, const KernelFamily& family, const Task& task,
              const Candidate& candidate) {
    return std::all_of(forms.begin(), forms.end(), [&](const auto& wanted) {
        return packed_form(family, task, candidate, wanted.first) == wanted.second;
    });
}

/// Replaces what analysis has chosen by what was measured: the shipped entry of this task, else the entry of the nearest one.
class Measured {
public:
    Measured(const Task& task, const Candidate& layouts, const TargetInfo& target, const Schedules& schedules,
             double max_error, const std::map<int, PackedForm>& forms, double byte_price)
        : task_(task), layouts_(layouts), target_(target), schedules_(schedules), max_error_(max_error), forms_(forms),
          byte_price_(byte_price) {}

    void replace(Choice& choice) const {
        const std::string text = to_text(task_);
        const Schedules::Entry* own = schedules_.find(text, target_.name);
        if (own != nullptr && own->shipped && take(choice, *own, INFINITY, own->place, own->comment)) return;
        if (const Schedules::Entry* near = schedules_.find_nearest(text, target_.name))
            take(choice, *near, most_transferred_cost, near->place + ", nearest", "");
    }

private:
    /// Where bytes have a price, only by what takes no more of them.
    bool take(Choice& choice, const Schedules::Entry& entry, double most_cost, std::string source,
              std::string note) const {
        Diagnostics unsaid;
        std::optional<Choice> found = from_entry(entry, task_, layouts_, target_, unsaid, max_error_);
        if (!found || found->cost > choice.cost * most_cost) return false;
        if (byte_price_ > 0.0 && found->bytes > choice.bytes) return false;
        if (!packs_as(forms_, *find_kernel_family(entry.family), task_, found->candidate)) return false;
        choice.candidate = std::move(found->candidate);
        choice.source = std::move(source);
        choice.note = std::move(note);
        choice.cost = found->cost;
        choice.bytes = found->bytes;
        return true;
    }

    const Task& task_;
    const Candidate& layouts_;
    const TargetInfo& target_;
    const Schedules& schedules_;
    double max_error_;
    const std::map<int, PackedForm>& forms_;
    double byte_price_;
};

void add_tradeoff(std::vector<Tradeoff>& front, const Tradeoff& added) {
    const auto is_beaten = [](const Tradeoff& a, const Tradeoff& b) { return b.cost <= a.cost && b.bytes <= a.bytes; };
    if (std::any_of(front.begin(), front.end(), [&](const Tradeoff& other) { return is_beaten(added, other); })) return;
    std::erase_if(front, [&](const Tradeoff& other) { return is_beaten(other, added); });
    const auto place =
        std::find_if(front.begin(), front.end(), [&](const Tradeoff& other) { return other.cost > added.cost; });
    front.insert(place, added);
}

}  // namespace

PackedForm packed_form(const KernelFamily& family, const Task& task, const Candidate& candidate, int constant) {
    PackedForm form = family.packed_shape == nullptr ? task.constants.at(static_cast<std::size_t>(constant))
                                                     : family.packed_shape(task, candidate, constant);
    std::erase(form, 1);
    return form;
}

std::optional<Choice> choose_candidate(const Task& task, const Candidate& layouts, const TargetInfo& target,
                                       const Schedules& schedules, Diagnostics& diag, double max_error,
                                       const std::map<int, PackedForm>& forms, double byte_price) {
    if (const Schedules::Entry* entry = schedules.find(to_text(task), target.name); entry && !entry->shipped) {
        // An entry speaks of the schedule, not of the memory plan: where it is not legal in place, the plan stays apart.
        Diagnostics unsaid;
        const bool in_place = layouts.in_place >= 0;
        auto choice = from_entry(*entry, task, layouts, target, in_place ? unsaid : diag, max_error);
        if (choice) choice->is_fixed = true;
        if (choice || in_place) return choice;
    }
    // Also behind an illegal entry, so that planning goes on to find more.
    std::optional<Choice> best;
    std::vector<std::pair<std::string_view, double>> costs;
    std::string refused;
    std::vector<Tradeoff> tradeoffs;
    const Estimate estimate(target);
    const auto price = [&](const Choice& choice) {
        return choice.cost + byte_price * static_cast<double>(choice.bytes);
    };
    for (const KernelFamily* family : kernel_family_table()) {
        if (!family->matches(task, target) || !family->accepts(task, layouts)) continue;
        std::optional<Choice> of_family;
        double least_error = INFINITY;
        for (Candidate& candidate : candidates(*family, task, layouts, target)) {
            const double error = error_of(*family, task, candidate);
            least_error = std::min(least_error, error);
            if (error > max_error || !packs_as(forms, *family, task, candidate)) continue;
            const double cost = estimate(*family, task, candidate);
            const std::int64_t bytes = packed_bytes(*family, task, candidate);
            add_tradeoff(tradeoffs, {cost, bytes});
            Choice choice{std::move(candidate), std::string(heuristic), cost, "", bytes, {}};
            if (!of_family || price(choice) < price(*of_family)) of_family = std::move(choice);
        }
        if (of_family)
            costs.emplace_back(family->name, of_family->cost);
        else if (std::isfinite(least_error) && least_error > max_error)
            refused += fmt::format("{}{} error {:.2g}", refused.empty() ? "" : ", ", family->name, least_error);
        if (of_family && (!best || price(*of_family) < price(*best))) best = std::move(of_family);
    }
    if (!best) return best;
    best->tradeoffs = std::move(tradeoffs);
    for (const auto& [family, cost] : costs) {
        if (family == best->candidate.family) continue;
        best->others += fmt::format("{}{} {:.2f} x", best->others.empty() ? "" : ", ", family, cost / best->cost);
    }
    if (!refused.empty()) best->others += (best->others.empty() ? "" : ", ") + refused;
    Measured(task, layouts, target, schedules, max_error, forms, byte_price).replace(*best);
    return best;
}

}  // namespace halcyon
