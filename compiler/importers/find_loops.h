#pragma once

#include "importers/spec_tree.h"

namespace halcyon::importers {

enum class LoopKind {
    counting,  ///< only numbers in names change, by one from round to round
    any,       ///< what changes stands in a table; loops may be in loops
};

/// Statements of the model that repeat one after the other, each round reading what the one before made, become loops.
void find_loops(SpecTree& tree, LoopKind kind);

/// How much there is to read: lines, and the cells of tables, which are less each.
[[nodiscard]] double reading_cost(const SpecTree& tree);

}  // namespace halcyon::importers
