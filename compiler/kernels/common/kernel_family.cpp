#include "kernels/kernel_family.h"

namespace halcyon {

const KernelFamily* find_kernel_family(std::string_view name) {
    for (const KernelFamily* family : kernel_family_table()) {
        if (family->name == name) return family;
    }
    return nullptr;
}

std::vector<Candidate> candidates(const KernelFamily& family, const Task& task, const Candidate& layouts,
                                  const TargetInfo& target) {
    Candidate first = layouts;
    first.family = family.name;
    first.parameters.clear();
    std::vector<Candidate> partial{first};
    for (const ParameterSpace& parameter : family.space(task, layouts, target)) {
        std::vector<Candidate> extended;
        for (const Candidate& candidate : partial) {
            for (const std::vector<int>& values : parameter.choices) {
                extended.push_back(candidate);
                extended.back().parameters.push_back({parameter.name, values});
            }
        }
        partial = std::move(extended);
    }
    std::erase_if(partial, [&](const Candidate& candidate) { return !family.legal(task, candidate, target); });
    return partial;
}

}  // namespace halcyon
