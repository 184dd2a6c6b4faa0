#pragma once

#include "graph/graph.h"

namespace halcyon {

/// Replaces every layer by operations; identities (Dropout) vanish. From here on channels come last: a layer that says
/// channels_first becomes its channels-last twin between two transposes, which cancel_views removes where it can.
/// Needs an elaborated graph; origins say which layer's value each node computes.
[[nodiscard]] Graph lower_layers(const Graph& layers);

}  // namespace halcyon
