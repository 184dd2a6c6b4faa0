#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "graph/layer_def.h"

namespace halcyon {

/// One layer for a terminal: what it does, its arguments with defaults and what they may be.
[[nodiscard]] std::string layer_text(const LayerDef& layer);
/// Every layer with its sentence, one a line.
[[nodiscard]] std::string layer_list_text();
/// Likewise for machines; defaults are as one would write them.
[[nodiscard]] nlohmann::ordered_json layer_json(const LayerDef& layer);
/// The page docs/layers.md.
[[nodiscard]] std::string layer_reference_markdown();

}  // namespace halcyon
