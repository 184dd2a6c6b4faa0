#pragma once

#include <map>
#include <string>
#include <vector>

#include "schedule/records.h"

namespace halcyon {

/// One trial, as far as a curve shows it.
struct CurvePoint {
    double seconds = 0.0;  ///< 0 unless ok
    double noise = 0.0;    ///< as a share of it
    TrialStatus status = TrialStatus::ok;
    std::string candidate;
    friend bool operator==(const CurvePoint&, const CurvePoint&) = default;
};

/// How the tuning of a network's tasks went on one CPU.
struct TuningCurves {
    std::string cpu;
    std::map<std::string, std::vector<CurvePoint>> tasks;  ///< in the order of the trials
    /// Seconds of the network after each trial: the sum of all tasks' best times so far, and of the first times of those that
    /// have none yet.
    std::vector<double> network;
    std::size_t outdated = 0;  ///< trials of kernels that have changed since: not shown
};

/// `runs` tells how often the network runs the kernel of each task. Of the trials those for these tasks and the target count
/// that were made on `cpu` or, where it made none, on the CPU that made most.
[[nodiscard]] TuningCurves tuning_curves(const std::vector<TrialRecord>& records, const std::string& target,
                                         const std::string& cpu, const std::map<std::string, std::int64_t>& runs);

}  // namespace halcyon
