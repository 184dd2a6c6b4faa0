#include "kernels/estimate.h"

#include <cmath>

namespace halcyon {

Estimate::Estimate(const TargetInfo& target) : machines_(machines_of(target)) {}

double Estimate::operator()(const KernelFamily& family, const Task& task, const Candidate& candidate) const {
    double product = 1.0;
    for (const TargetInfo& machine : machines_) product *= family.cost(task, candidate, machine);
    return std::pow(product, 1.0 / static_cast<double>(machines_.size()));
}

}  // namespace halcyon
