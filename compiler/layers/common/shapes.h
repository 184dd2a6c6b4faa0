#pragma once

#include <optional>
#include <string_view>

#include "graph/layer_def.h"

namespace halcyon {

// What layers ask of their inputs, and how they say so. All report at the call ("" argument) unless they say otherwise.

/// Whether input 0 has one axis for each of `rank` spatial axes and one for channels; reports if not.
[[nodiscard]] bool is_image(const LayerCall& call, std::string_view layer, int rank);

/// An axis as Keras counts it, batch included (-1 is the last, 1 the first after the batch), as an index into a shape
/// without batch; reports at the argument `axis` if there is none.
[[nodiscard]] std::optional<int> axis_of(const LayerCall& call, std::string_view argument, std::int64_t axis, int rank);

/// Likewise for an axis that has been checked.
[[nodiscard]] int checked_axis(std::int64_t axis, int rank);

/// Whether a weight of that shape has no more than max_elements; reports at the argument if not.
[[nodiscard]] bool weight_fits(const LayerCall& call, std::string_view argument, std::string_view weight,
                               const Shape& shape);

/// The broadcast of all inputs, for layers that merge; reports which two shapes disagree.
[[nodiscard]] std::optional<TensorType> merged_type(const LayerCall& call, std::string_view layer);

/// float32 of that shape: what every layer computes.
[[nodiscard]] TensorType computed(Shape shape);

}  // namespace halcyon
