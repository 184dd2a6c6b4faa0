#include <fmt/format.h>

#include "layers/common/arguments.h"
#include "layers/common/data_format.h"
#include "layers/common/upsampling.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 2;

std::optional<TensorType> infer_type(const LayerCall& call) {
    const std::string& interpolation = call.attributes.string("interpolation");
    if (interpolation == "nearest") return infer_upsampling(call, "UpSampling2D", rank);
    call.error(Code::not_supported, "interpolation",
               fmt::format("interpolation '{}' is not supported yet, only 'nearest'", interpolation));
    return std::nullopt;
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
            {"interpolation", argument::choice({"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"}),
             Value("nearest"), "'nearest' repeats; the others are not supported yet"},
        },
    .infer_type = infer_type,
    .reference = upsampling_reference,
    .lower = lower_upsampling,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
