#include "schedule/network_plan.h"

#include <algorithm>

#include <fmt/format.h>

namespace halcyon {
namespace {

constexpr const char* family = "plan";

std::string legal_values() {
    std::string text;
    for (const NetworkChoice& choice : network_choices)
        text += fmt::format("{}{} 0 1", text.empty() ? "" : "; ", choice.name);
    return text;
}

}  // namespace

std::string network_task(const std::string& model, std::int64_t batch, int threads) {
    return fmt::format("network {} batch {} threads {}", model, batch, threads);
}

Candidate to_candidate(const NetworkPlan& plan) {
    Candidate candidate;
    candidate.family = family;
    for (const NetworkChoice& choice : network_choices)
        candidate.parameters.push_back({choice.name, {plan.*choice.value ? 1 : 0}});
    return candidate;
}

std::string to_text(const NetworkPlan& plan) {
    std::string text = family;
    for (const NetworkChoice& choice : network_choices)
        text += fmt::format("  {} {:d}", choice.name, plan.*choice.value);
    return text;
}

NetworkPlan network_plan(const Schedules& schedules, const std::string& task, const std::string& target,
                         Diagnostics& diag) {
    NetworkPlan plan;
    const Schedules::Entry* entry = schedules.find(task, target);
    if (entry == nullptr) return plan;
    if (entry->family != family) {
        diag.error(Code::illegal_schedule, entry->span, "'{}' says nothing of a whole network", entry->family).hint =
            fmt::format("'{}' does", family);
        return plan;
    }
    for (const Parameter& parameter : entry->parameters) {
        const auto choice =
            std::find_if(network_choices.begin(), network_choices.end(),
                         [&](const NetworkChoice& candidate) { return parameter.name == candidate.name; });
        const bool is_legal = choice != network_choices.end() && parameter.values.size() == 1 &&
                              (parameter.values[0] == 0 || parameter.values[0] == 1);
        if (!is_legal) {
            diag.error(Code::illegal_schedule, entry->span, "these parameters of '{}' are not legal", family).hint =
                "legal values: " + legal_values();
            return plan;
        }
        plan.*choice->value = parameter.values[0] == 1;
    }
    return plan;
}

}  // namespace halcyon
