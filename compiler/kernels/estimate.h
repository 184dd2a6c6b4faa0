#pragma once

#include <vector>

#include "kernels/kernel_family.h"

namespace halcyon {

/// What candidates cost on a target: the geometric mean over the kinds of machine that it stands for, so that a choice which is
/// good on all of them is preferred to one that is best on one and bad on another.
class Estimate {
public:
    explicit Estimate(const TargetInfo& target);

    /// Seconds at 1 GHz (cycles / 1e9) on one core.
    [[nodiscard]] double operator()(const KernelFamily& family, const Task& task, const Candidate& candidate) const;

private:
    std::vector<TargetInfo> machines_;
};

}  // namespace halcyon
