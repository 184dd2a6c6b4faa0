#pragma once

#include "graph/graph.h"

namespace halcyon {

/// Removes transposes and reshapes that cancel or change nothing, and moves transposes down through elementwise operations,
/// concatenations and pads towards the outputs, where they meet their opposites or a door. A transpose before Flatten and a
/// dense layer goes into the dense kernel's rows. Afterwards a network written channels_first computes channels last inside.
/// Needs operations; keeps every output's value.
[[nodiscard]] Graph cancel_views(Graph graph);

}  // namespace halcyon
