#include "plan/shared_packings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "kernels/estimate.h"

namespace halcyon {
namespace {

/// A kernel that reads a packed constant.
struct Use {
    int plan = 0;
    const TargetInfo* target = nullptr;
    const Task* task = nullptr;
    const Choice* choice = nullptr;
    int constant = 0;  ///< its number in the task

    [[nodiscard]] PackedForm form_now() const {
        return packed_form(*find_kernel_family(choice->candidate.family), *task, choice->candidate, constant);
    }
};

/// By the constant's text.
std::map<std::string, std::vector<Use>> packed_uses(const std::vector<Plan>& plans) {
    std::map<std::string, std::vector<Use>> uses;
    for (std::size_t p = 0; p < plans.size(); ++p) {
        const Program& program = plans[p].program;
        for (const Constant& constant : program.constants) {
            const Kernel& kernel = program.kernels.at(static_cast<std::size_t>(constant.kernel));
            if (find_kernel_family(kernel.candidate.family)->pack == nullptr) continue;
            if (constant.packed == kernel.task.constants.at(static_cast<std::size_t>(constant.index))) continue;
            uses[constant.value.text()].push_back({static_cast<int>(p), &program.target, &kernel.task,
                                                   &plans[p].choices.at(static_cast<std::size_t>(constant.kernel)),
                                                   constant.index});
        }
    }
    return uses;
}

/// The least cost of a kernel with each form that its constant can have. What was measured is taken to be no slower than the
/// least estimate.
std::map<PackedForm, double> costs_of(const Use& use, double max_error) {
    const Candidate& chosen = use.choice->candidate;
    if (use.choice->is_fixed) return {{use.form_now(), use.choice->cost}};
    const Estimate estimate(*use.target);
    std::map<PackedForm, double> costs;
    for (const KernelFamily* family : kernel_family_table()) {
        if (family->pack == nullptr || !family->matches(*use.task, *use.target) || !family->accepts(*use.task, chosen))
            continue;
        for (const Candidate& candidate : candidates(*family, *use.task, chosen, *use.target)) {
            if (family->error_bound != nullptr && family->error_bound(*use.task, candidate) > max_error) continue;
            const double cost = estimate(*family, *use.task, candidate);
            const auto [least, is_new] =
                costs.try_emplace(packed_form(*family, *use.task, candidate, use.constant), cost);
            least->second = std::min(least->second, cost);
        }
    }
    double least = use.choice->cost;
    for (const auto& [form, cost] : costs) least = std::min(least, cost);
    for (auto& [form, cost] : costs) cost *= use.choice->cost / least;
    costs[use.form_now()] = use.choice->cost;
    return costs;
}

/// One way of packing constants for all that read them.
struct Packing {
    std::optional<PackedForm> form;  ///< none: each kernel has its own best
    std::int64_t bytes = 0;
    double loss = 0.0;  ///< time, as a share of each program's
};

/// Constants that the same kernels read.
struct Group {
    std::vector<std::string> constants;
    std::int64_t first_bytes = 0;   ///< what they take in the first plan
    std::vector<Packing> packings;  ///< all that are possible
    std::size_t chosen = 0;
    [[nodiscard]] const Packing& packing() const { return packings[chosen]; }
};

std::int64_t bytes_of(const std::set<PackedForm>& forms) {
    std::int64_t bytes = 0;
    for (const PackedForm& form : forms) bytes += 4 * element_count(form);
    return bytes;
}

Group group_of(std::vector<std::string> constants, const std::vector<Use>& uses,
               const std::vector<double>& program_costs, double max_error) {
    std::vector<std::map<PackedForm, double>> costs;
    std::set<PackedForm> first, all;
    for (const Use& use : uses) {
        costs.push_back(costs_of(use, max_error));
        if (use.plan == 0) first.insert(use.form_now());
        all.insert(use.form_now());
    }
    Group group;
    const auto count = static_cast<std::int64_t>(constants.size());
    group.constants = std::move(constants);
    group.first_bytes = count * bytes_of(first);
    // A form that all agree on is kept: planned again, they might not.
    const std::optional<PackedForm> same = all.size() == 1 ? std::optional(*all.begin()) : std::nullopt;
    group.packings.push_back({same, count * bytes_of(all), 0.0});
    for (const auto& entry : costs.front()) {
        Packing packing{entry.first, count * bytes_of({entry.first}), 0.0};
        for (std::size_t i = 0; i < uses.size(); ++i) {
            const auto found = costs[i].find(entry.first);
            const double cost = found == costs[i].end() ? INFINITY : found->second;
            packing.loss += static_cast<double>(count) * (cost - uses[i].choice->cost) /
                            program_costs[static_cast<std::size_t>(uses[i].plan)];
        }
        if (std::isfinite(packing.loss)) group.packings.push_back(std::move(packing));
    }
    for (std::size_t i = 0; i < group.packings.size(); ++i) {
        const Packing &packing = group.packings[i], &least = group.packing();
        if (std::pair(packing.bytes, packing.loss) < std::pair(least.bytes, least.loss)) group.chosen = i;
    }
    return group;
}

/// Takes the packing that saves most time for each byte more, as long as there are bytes for one.
void spend(std::int64_t bytes, std::vector<Group>& groups) {
    while (true) {
        Group* best = nullptr;
        std::size_t choice = 0;
        double most = 0.0;
        for (Group& group : groups) {
            for (std::size_t i = 0; i < group.packings.size(); ++i) {
                const std::int64_t more = group.packings[i].bytes - group.packing().bytes;
                const double saved = group.packing().loss - group.packings[i].loss;
                if (more > bytes || saved <= 0.0) continue;
                const double worth = saved / static_cast<double>(std::max<std::int64_t>(more, 1));
                if (worth <= most) continue;
                most = worth;
                best = &group;
                choice = i;
            }
        }
        if (best == nullptr) return;
        bytes -= best->packings[choice].bytes - best->packing().bytes;
        best->chosen = choice;
    }
}

}  // namespace

PackedForms share_packings(const std::vector<Plan>& plans, double max_error, double growth) {
    std::vector<double> program_costs(plans.size(), 0.0);
    std::map<std::string, std::vector<std::string>> alike;  // constants, by what reads them
    const std::map<std::string, std::vector<Use>> uses = packed_uses(plans);
    for (const auto& [constant, users] : uses) {
        std::string kernels;
        for (const Use& use : users) {
            program_costs[static_cast<std::size_t>(use.plan)] += use.choice->cost;
            kernels += fmt::format("{} {} {} {}\n", use.plan, use.constant, to_text(*use.task),
                                   to_text(use.choice->candidate, *use.task));
        }
        if (users.size() > 1) alike[kernels].push_back(constant);
    }
    auto bytes = static_cast<std::int64_t>(growth * static_cast<double>(plans.front().program.constant_bytes));
    std::vector<Group> groups;
    for (const auto& [kernels, constants] : alike) {
        groups.push_back(group_of(constants, uses.at(constants.front()), program_costs, max_error));
        bytes += groups.back().first_bytes - groups.back().packing().bytes;
    }
    spend(bytes, groups);
    PackedForms forms;
    for (const Group& group : groups) {
        if (!group.packing().form) continue;
        for (const std::string& constant : group.constants) forms.emplace(constant, *group.packing().form);
    }
    return forms;
}

}  // namespace halcyon
