#include <optional>

#include "layers/common/arguments.h"
#include "layers/common/image.h"
#include "layers/common/resize.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

Shape wanted(const Attributes& attributes) {
    return {attributes.integer("height"), attributes.integer("width")};
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    if (!is_image(call, "CenterCrop", 2)) return std::nullopt;
    const Shape size = wanted(call.attributes);
    const Shape shape{size[0], size[1], image_of(call.attributes, call.inputs[0].shape).back()};
    return computed(is_channels_first(call.attributes) ? channels_moved_first(shape) : shape);
}

/// The middle of an image that is large enough; of one that is not, the middle of the wanted aspect ratio, to be enlarged.
AspectCut cut_of(const Shape& image, const Shape& size) {
    const Shape spatial = spatial_of(image);
    if (size[0] > spatial[0] || size[1] > spatial[1]) return cropped_to_aspect(spatial, size);
    AspectCut cut;
    for (std::size_t i = 0; i < 2; ++i) {
        cut.before.push_back((spatial[i] - size[i]) / 2);
        cut.after.push_back(spatial[i] - size[i] - cut.before[i]);
    }
    return cut;
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const Array image = image_of(attributes, inputs[0]);
    const Shape size = wanted(attributes);
    const Array result = resized(Op::resize_bilinear, cut_away(image, cut_of(image.shape(), size), 0.0), size);
    output = is_channels_first(attributes) ? channels_moved_first(result) : result;
}

int lower(Lowering& lowering) {
    const Shape size = wanted(*lowering.attributes);
    const int middle = lower_cut(lowering, 0, cut_of(lowering.inputs[0].shape, size), 0.0);
    return lower_resize(lowering, Op::resize_bilinear, middle, size);
}

}  // namespace

extern const LayerDef center_crop;
const LayerDef center_crop{
    .name = "CenterCrop",
    .doc = "The middle of an image; of one that is too small, its middle enlarged.",
    .arguments = {{"height", argument::positive_integer(), std::nullopt, "rows of the result"},
                  {"width", argument::positive_integer(), std::nullopt, "columns of the result"},
                  data_format_argument()},
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
