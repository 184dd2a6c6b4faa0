#pragma once

#include <optional>
#include <string_view>

#include "graph/layer_def.h"

namespace halcyon {

/// A window and how often it fits.
struct SlidingWindow {
    Window window;
    Shape spatial;  ///< the extents of the result
};

/// The window that the attributes `size_name` (kernel_size or pool_size), strides (None: the size), padding and
/// dilation_rate (may be missing) describe over an image of those spatial extents; an extent of the result may be 0 or
/// less.
/// "same" is TensorFlow's rule: ceil(in / stride) results, what is missing split before and after, the odd one after.
/// "causal" pads before alone, by what the window reaches back.
[[nodiscard]] SlidingWindow sliding_window(const Attributes& attributes, const char* size_name, const Shape& spatial);

/// Likewise, with mistakes reported: a window that does not fit into the image.
[[nodiscard]] std::optional<SlidingWindow> fitting_window(const LayerCall& call, const char* size_name,
                                                          const Shape& spatial);

/// [(before, after), ...] of an attribute in the normal form of argument::explicit_padding.
struct Pads {
    Shape before, after;
};
[[nodiscard]] Pads pads_of(const Value& pairs);

}  // namespace halcyon
