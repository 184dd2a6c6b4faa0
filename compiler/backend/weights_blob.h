#pragma once

#include <string>

#include "graph/evaluate.h"
#include "plan/program.h"

namespace halcyon {

/// Evaluates and packs every constant of the program in double, rounds to float32 and lays them out: `constant_bytes`
/// bytes, gaps zero.
[[nodiscard]] std::string pack_weights(const Program& program, const WeightSource& weights);

}  // namespace halcyon
