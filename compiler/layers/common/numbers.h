#pragma once

#include "graph/argument_type.h"
#include "graph/array.h"

namespace halcyon {

/// A number, or a tuple with one for each channel: what scales and means are.
[[nodiscard]] ArgumentType number_or_several();

/// Such an argument: of shape () or [n].
[[nodiscard]] Array numbers(const Value& value);

}  // namespace halcyon
