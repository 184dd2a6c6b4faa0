#pragma once

#include "commands/common/listing.h"
#include "compile.h"

namespace halcyon {

/// Each call's operands and result with their layouts.
[[nodiscard]] Listing list_layouts(const Program& program);
/// The layers of the calls that only move numbers, into another order or place, and compute nothing.
[[nodiscard]] std::vector<std::string> layers_of_reorders(const Program& program);

/// How many calls copy the few rows that one band leaves to the next.
[[nodiscard]] std::size_t count_carried_rows(const Program& program);
/// The values in the workspace: where they lie, from which call to which they live.
[[nodiscard]] Listing list_memory(const Program& program);
/// Each kernel's task, the candidate that computes it, and where that came from.
[[nodiscard]] Listing list_schedules(const CompiledModel& model);

}  // namespace halcyon
