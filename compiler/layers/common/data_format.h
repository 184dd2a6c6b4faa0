#pragma once

#include "graph/array.h"
#include "graph/value.h"

namespace halcyon {

/// Whether the attribute data_format says that axes are [C, spatial...].
[[nodiscard]] bool is_channels_first(const Attributes& attributes);

/// [C, spatial...] -> [spatial..., C], and back; unchanged with fewer than two axes.
[[nodiscard]] Shape channels_moved_last(Shape shape);
[[nodiscard]] Shape channels_moved_first(Shape shape);
[[nodiscard]] Array channels_moved_last(const Array& array);
[[nodiscard]] Array channels_moved_first(const Array& array);

/// A LayerDef::to_channels_last for layers whose axes are all said by data_format.
[[nodiscard]] Attributes as_channels_last(const Attributes& attributes, int rank);

}  // namespace halcyon
