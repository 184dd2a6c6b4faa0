#include <fmt/format.h>

#include "layers/common/arguments.h"
#include "layers/common/data_format.h"
#include "layers/common/shapes.h"
#include "layers/common/window.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 2;

/// Pads for all axes of the input, the channels too.
Pads all_pads(const Attributes& attributes) {
    Pads pads = pads_of(attributes["padding"]);
    const bool first = is_channels_first(attributes);
    pads.before.insert(first ? pads.before.begin() : pads.before.end(), 0);
    pads.after.insert(first ? pads.after.begin() : pads.after.end(), 0);
    return pads;
}

// No sum here can overflow: extents and pads stay below 2^31.
std::optional<TensorType> infer_type(const LayerCall& call) {
    if (!is_image(call, "ZeroPadding2D", rank)) return std::nullopt;
    const Pads pads = all_pads(call.attributes);
    Shape shape = call.inputs[0].shape;
    for (std::size_t i = 0; i < shape.size(); ++i) shape[i] += pads.before[i] + pads.after[i];
    return computed(std::move(shape));
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const Pads pads = all_pads(attributes);
    const std::vector<std::int64_t> strides = output.strides();
    std::int64_t flat = 0;
    for_each_index(inputs[0].shape(), [&](const std::vector<std::int64_t>& index) {
        std::int64_t to = 0;
        for (std::size_t i = 0; i < index.size(); ++i) to += (index[i] + pads.before[i]) * strides[i];
        output[to] = inputs[0][flat++];
    });
}

int lower(Lowering& lowering) {
    Pads pads = all_pads(*lowering.attributes);
    Operation operation{.op = Op::pad};
    operation.pad_before = std::move(pads.before);
    operation.pad_after = std::move(pads.after);
    return lowering.add(std::move(operation), {0}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace

extern const LayerDef zero_padding2d;
const LayerDef zero_padding2d{
    .name = "ZeroPadding2D",
    .doc = "Rows and columns of zeros round the image.",
    .arguments =
        {
            {"padding", argument::explicit_padding(rank),
             Value(Value::Sequence(rank, Value(Value::Sequence{Value(1), Value(1)}))), "how many"},
            data_format_argument(),
        },
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
