#pragma once

#include "graph/layer_def.h"

namespace halcyon {

// Images of another size, as TensorFlow 2 and Keras compute them: centres of pixels are aligned.

/// Halcyon's operation for a name such as "bilinear"; nothing for those that it does not compute.
[[nodiscard]] std::optional<Op> resize_operation(std::string_view interpolation);
/// The argument `interpolation`, with all of Keras's names; what is not computed is refused by `can_interpolate`.
[[nodiscard]] ArgumentDef interpolation_argument(std::string by_default);
[[nodiscard]] bool can_interpolate(const LayerCall& call);

/// The reference: [spatial..., channels] to other spatial extents.
[[nodiscard]] Array resized(Op op, const Array& image, const Shape& spatial);
/// The operation on a value, which keeps its channels.
int lower_resize(Lowering& lowering, Op op, int value, Shape spatial);

/// What Resizing and CenterCrop do before they resize: the part of the image that has the wanted aspect ratio, or the image
/// with borders up to it. Numbers of rows and columns; negative ones are added as borders.
struct AspectCut {
    Shape before, after;
};
[[nodiscard]] AspectCut cropped_to_aspect(const Shape& image, const Shape& wanted);
[[nodiscard]] AspectCut padded_to_aspect(const Shape& image, const Shape& wanted);
[[nodiscard]] Array cut_away(const Array& image, const AspectCut& cut, double outside);
int lower_cut(Lowering& lowering, int value, const AspectCut& cut, double outside);

}  // namespace halcyon
