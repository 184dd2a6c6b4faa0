#pragma once

#include <string_view>

#include "graph/layer_def.h"
#include "layers/common/activations.h"

namespace halcyon {

/// The activation of that name at input(0); CHECK_INTERNAL that there is one.
[[nodiscard]] ScalarExpr activation_named(std::string_view name);

}  // namespace halcyon
