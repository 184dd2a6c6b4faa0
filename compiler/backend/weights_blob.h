#pragma once

#include <string>
#include <vector>

#include "graph/evaluate.h"
#include "plan/program.h"

namespace halcyon {

/// Evaluates and packs every constant of the program in double, rounds to float32 and lays them out: `constant_bytes`
/// bytes, gaps zero.
[[nodiscard]] std::string pack_weights(const Program& program, const WeightSource& weights);

/// One blob for all batch sizes of a library, given each program's own: a constant that another program packs alike
/// comes once. Moves the programs' offsets there; the first one's stay.
[[nodiscard]] std::string share_weights(std::vector<Program>& programs, std::vector<std::string> blobs);

}  // namespace halcyon
