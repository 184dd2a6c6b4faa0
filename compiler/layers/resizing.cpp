#include <optional>

#include <fmt/format.h>

#include "layers/common/arguments.h"
#include "layers/common/image.h"
#include "layers/common/resize.h"
#include "layers/common/shapes.h"
#include "support/checked.h"

namespace halcyon::layers {
namespace {

Shape wanted(const Attributes& attributes) {
    return {attributes.integer("height"), attributes.integer("width")};
}

/// What is cut away or added before the image is resized.
AspectCut cut_of(const Attributes& attributes, const Shape& image) {
    const Shape spatial = spatial_of(image);
    if (attributes.boolean("crop_to_aspect_ratio")) return cropped_to_aspect(spatial, wanted(attributes));
    if (attributes.boolean("pad_to_aspect_ratio")) return padded_to_aspect(spatial, wanted(attributes));
    return {{0, 0}, {0, 0}};
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    if (!can_interpolate(call)) return std::nullopt;
    if (attributes.boolean("crop_to_aspect_ratio") && attributes.boolean("pad_to_aspect_ratio")) {
        call.error(Code::bad_argument, "pad_to_aspect_ratio",
                   "only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be True");
        return std::nullopt;
    }
    if (!is_image(call, "Resizing", 2)) return std::nullopt;
    const Shape image = image_of(attributes, call.inputs[0].shape);
    const Shape size = wanted(attributes);
    const AspectCut cut = cut_of(attributes, image);
    const std::optional<std::int64_t> whole = checked_product(
        Shape{image[0] - cut.before[0] - cut.after[0], image[1] - cut.before[1] - cut.after[1], image[2]});
    if (!whole || *whole > max_elements) {
        call.error(Code::too_large, "pad_to_aspect_ratio",
                   fmt::format("the image with its borders would have more than {} elements", max_elements));
        return std::nullopt;
    }
    for (std::size_t i = 0; i < 2; ++i) {
        // Where nothing becomes smaller there is nothing to smooth.
        if (!attributes.boolean("antialias") || size[i] >= image[i] - cut.before[i] - cut.after[i]) continue;
        call.error(Code::not_supported, "antialias", "smoothing before an image is made smaller is not supported");
        return std::nullopt;
    }
    const Shape shape{size[0], size[1], image.back()};
    return computed(is_channels_first(attributes) ? channels_moved_first(shape) : shape);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const Array image = image_of(attributes, inputs[0]);
    const Array whole = cut_away(image, cut_of(attributes, image.shape()), attributes.real("fill_value"));
    const Array result = resized(*resize_operation(attributes.string("interpolation")), whole, wanted(attributes));
    output = is_channels_first(attributes) ? channels_moved_first(result) : result;
}

int lower(Lowering& lowering) {
    const Attributes& attributes = *lowering.attributes;
    const int whole =
        lower_cut(lowering, 0, cut_of(attributes, lowering.inputs[0].shape), attributes.real("fill_value"));
    return lower_resize(lowering, *resize_operation(attributes.string("interpolation")), whole, wanted(attributes));
}

}  // namespace

extern const LayerDef resizing;
const LayerDef resizing{
    .name = "Resizing",
    .doc = "An image of another size.",
    .arguments =
        {
            {"height", argument::positive_integer(), std::nullopt, "rows of the result"},
            {"width", argument::positive_integer(), std::nullopt, "columns of the result"},
            interpolation_argument("bilinear"),
            {"crop_to_aspect_ratio", argument::boolean(), Value(false),
             "whether the image's borders are cut off first, so that nothing is stretched"},
            {"pad_to_aspect_ratio", argument::boolean(), Value(false),
             "whether the image gets borders first, so that nothing is stretched"},
            {"fill_mode", argument::choice({"constant"}), Value("constant"), "how such borders are filled"},
            {"fill_value", argument::real(), Value(0.0), "what they are filled with"},
            {"antialias", argument::boolean(), Value(false), "whether an image is smoothed before it becomes smaller"},
            data_format_argument(),
        },
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
