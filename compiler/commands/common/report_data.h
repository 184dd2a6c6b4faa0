#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "commands/common/time_program.h"
#include "report/tuning_curves.h"

namespace halcyon {

/// One plan of a network with all that a report says of it.
struct ReportedBuild {
    CompiledModel model;
    std::string spec;                   ///< as on the command line
    std::string weights;                ///< where they are from; empty: not needed
    std::optional<ProgramTimes> times;  ///< nothing: times are estimates
    std::string why_estimated;          ///< then
    TuningCurves curves;
};

/// How often a run of the program runs the kernels of each task, by to_text(Task).
[[nodiscard]] std::map<std::string, std::int64_t> runs_of_tasks(const Program& program);

/// What the report's scripts show of a build; `label` tells it from another one. Times are milliseconds where they were
/// measured; estimates are millions of cycles, and rates are then by the cycle.
[[nodiscard]] nlohmann::ordered_json to_json(const ReportedBuild& build, const std::string& label,
                                             const Sources& sources);

/// "31 kernels take 1.234 ms on ..., measured": what a report says of a build in one sentence.
[[nodiscard]] std::string summary_of(const ReportedBuild& build, const std::string& label);

}  // namespace halcyon
