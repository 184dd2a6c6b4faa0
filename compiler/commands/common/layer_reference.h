#pragma once

#include <string>

#include "graph/layer_def.h"

namespace halcyon {

/// One layer for a terminal: what it does, its arguments with defaults and what they may be.
[[nodiscard]] std::string layer_text(const LayerDef& layer);
/// Every layer with its sentence, one a line.
[[nodiscard]] std::string layer_list_text();
/// The page docs/layers.md.
[[nodiscard]] std::string layer_reference_markdown();

}  // namespace halcyon
