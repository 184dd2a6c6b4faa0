#include <algorithm>
#include <map>

#include "kernels/estimate.h"
#include "kernels/kernel_family.h"
#include "tune/tuning_tasks.h"

namespace halcyon {
namespace {

/// Random numbers of one sign meet the bounds of exact families with room to spare.
constexpr double exact_error = 1e-5;

double error_of(const KernelFamily& family, const Task& task, const Candidate& candidate) {
    return family.error_bound == nullptr ? 0.0 : family.error_bound(task, candidate);
}

std::int64_t packed_bytes(const KernelFamily& family, const Task& task, const Candidate& candidate) {
    std::int64_t bytes = 0;
    for (std::size_t k = 0; k < task.constants.size(); ++k)
        bytes += aligned(4 * element_count(family.packed_shape == nullptr
                                               ? task.constants[k]
                                               : family.packed_shape(task, candidate, static_cast<int>(k))));
    return bytes;
}

/// Bytes of all weights as they are before any candidate packs them, to a power of two, so that alike networks share records.
/// Beyond the most all come from memory; small ones leave the second cache all the same.
std::int64_t weights_between(const Program& program) {
    constexpr std::int64_t most = 64 << 20;
    std::int64_t bytes = 4 * program.target.l2_bytes;
    std::int64_t weights = 0;
    for (const KernelCall& call : program.calls)
        for (const Shape& constant : program.kernels[static_cast<std::size_t>(call.kernel)].task.constants)
            weights += 4 * element_count(constant);
    while (bytes < most && bytes < weights) bytes *= 2;
    return bytes;
}

bool is_legal_as(const KernelFamily& family, const Task& task, const Candidate& candidate, const Candidate& layouts,
                 const TargetInfo& target) {
    Candidate there = layouts;
    there.family = candidate.family;
    there.parameters = candidate.parameters;
    return family.accepts(task, there) && family.legal(task, there, target);
}

/// Every candidate that is legal in all the layouts that the network has the task in.
std::vector<Option> options_of(const Task& task, const std::vector<const Candidate*>& layouts, const TargetInfo& target,
                               double max_error) {
    std::vector<Option> options;
    const Estimate estimate(target);
    Candidate apart = *layouts.front();
    apart.in_place = -1;
    for (const KernelFamily* family : kernel_family_table()) {
        if (!family->matches(task, target) || !family->accepts(task, apart)) continue;
        for (Candidate& candidate : candidates(*family, task, apart, target)) {
            const double error = error_of(*family, task, candidate);
            if (error > max_error) continue;
            const bool everywhere = std::all_of(layouts.begin(), layouts.end(), [&](const Candidate* other) {
                return is_legal_as(*family, task, candidate, *other, target);
            });
            if (!everywhere) continue;
            const double cost = estimate(*family, task, candidate);
            const std::int64_t bytes = packed_bytes(*family, task, candidate);
            options.push_back(
                {std::move(candidate), cost, bytes, error > 0.0 ? std::max(max_error, exact_error) : exact_error});
        }
    }
    std::stable_sort(options.begin(), options.end(), [](const Option& a, const Option& b) { return a.cost < b.cost; });
    return options;
}

}  // namespace

std::vector<TuningTask> tuning_tasks(const Program& program, double max_error) {
    std::vector<TuningTask> tasks;
    std::map<std::string, std::size_t> number_of;
    std::vector<std::vector<const Candidate*>> used;
    for (std::size_t number = 0; number < program.calls.size(); ++number) {
        const KernelCall& call = program.calls[number];
        const Kernel& kernel = program.kernels[static_cast<std::size_t>(call.kernel)];
        const auto [found, is_new] = number_of.try_emplace(to_text(kernel.task), tasks.size());
        if (is_new) {
            Candidate apart = kernel.candidate;
            apart.in_place = -1;
            tasks.push_back({kernel.task, std::move(apart), {}, {}, call.layer, 0, 0});
            used.emplace_back();
        }
        ++tasks[found->second].calls;
        tasks[found->second].runs += program.repetitions(number);
        used[found->second].push_back(&kernel.candidate);
    }
    const std::int64_t between = weights_between(program);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        TuningTask& task = tasks[i];
        task.weights_between = between;
        const Candidate& now = *used[i].front();
        task.options = options_of(task.task, used[i], program.target, max_error);
        const auto usual = std::find_if(task.options.begin(), task.options.end(), [&](const Option& option) {
            return option.candidate.family == now.family && option.candidate.parameters == now.parameters;
        });
        if (usual != task.options.end()) task.usual = static_cast<std::size_t>(usual - task.options.begin());
    }
    return tasks;
}

}  // namespace halcyon
