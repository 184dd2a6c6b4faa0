#pragma once

#include "layers/common/data_format.h"
#include "layers/common/window.h"

namespace halcyon {

// An image as layers with a data_format see it: [spatial..., channels] whatever the attributes say.

[[nodiscard]] inline Shape image_of(const Attributes& attributes, const Shape& input) {
    return is_channels_first(attributes) ? channels_moved_last(input) : input;
}
[[nodiscard]] inline Array image_of(const Attributes& attributes, const Array& input) {
    return is_channels_first(attributes) ? channels_moved_last(input) : input;
}

/// Without the channels.
[[nodiscard]] inline Shape spatial_of(const Shape& image) {
    return {image.begin(), image.end() - 1};
}

}  // namespace halcyon
