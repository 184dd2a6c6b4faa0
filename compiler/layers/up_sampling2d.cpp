#include "layers/common/arguments.h"
#include "layers/common/image.h"
#include "layers/common/resize.h"
#include "layers/common/upsampling.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 2;

bool repeats(const Attributes& attributes) {
    return attributes.string("interpolation") == "nearest";
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    if (!can_interpolate(call)) return std::nullopt;
    return infer_upsampling(call, "UpSampling2D", rank);
}

void reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
               Array& output) {
    if (repeats(attributes)) return upsampling_reference(attributes, weights, inputs, output);
    const Shape shape = image_of(attributes, output.shape());
    const Array result = resized(Op::resize_bilinear, image_of(attributes, inputs[0]), spatial_of(shape));
    output = is_channels_first(attributes) ? channels_moved_first(result) : result;
}

int lower(Lowering& lowering) {
    if (repeats(*lowering.attributes)) return lower_upsampling(lowering);
    return lower_resize(lowering, Op::resize_bilinear, 0, spatial_of(lowering.output.shape));
}

}  // namespace

extern const LayerDef up_sampling2d;
const LayerDef up_sampling2d{
    .name = "UpSampling2D",
    .doc = "An image with several times as many rows and columns.",
    .arguments =
        {
            {"size", argument::tuple_of(argument::positive_integer(), rank), repeated(2, rank),
             "how many rows and columns each becomes"},
            data_format_argument(),
            interpolation_argument("nearest"),
        },
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
