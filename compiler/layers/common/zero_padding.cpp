#include "layers/common/zero_padding.h"

#include "layers/common/arguments.h"
#include "layers/common/data_format.h"
#include "layers/common/shapes.h"
#include "layers/common/window.h"

namespace halcyon {
namespace {

/// Pads for all axes of the input, the channels too.
Pads all_pads(const Attributes& attributes) {
    Pads pads = pads_of(attributes["padding"]);
    const bool first = is_channels_first(attributes);
    pads.before.insert(first ? pads.before.begin() : pads.before.end(), 0);
    pads.after.insert(first ? pads.after.begin() : pads.after.end(), 0);
    return pads;
}

}  // namespace

std::vector<ArgumentDef> zero_padding_arguments(int rank) {
    const Value one_each{Value::Sequence{Value(1), Value(1)}};
    return {
        {"padding", argument::explicit_padding(rank), Value(Value::Sequence(static_cast<std::size_t>(rank), one_each)),
         "how many"},
        data_format_argument(),
    };
}

// No sum here can overflow: extents and pads stay below 2^31.
std::optional<TensorType> infer_zero_padding(const LayerCall& call, std::string_view layer, int rank) {
    if (!is_image(call, layer, rank)) return std::nullopt;
    const Pads pads = all_pads(call.attributes);
    Shape shape = call.inputs[0].shape;
    for (std::size_t i = 0; i < shape.size(); ++i) shape[i] += pads.before[i] + pads.after[i];
    return computed(std::move(shape));
}

void zero_padding_reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs,
                            Array& output) {
    const Pads pads = all_pads(attributes);
    const std::vector<std::int64_t> strides = output.strides();
    std::int64_t flat = 0;
    for_each_index(inputs[0].shape(), [&](const std::vector<std::int64_t>& index) {
        std::int64_t to = 0;
        for (std::size_t i = 0; i < index.size(); ++i) to += (index[i] + pads.before[i]) * strides[i];
        output[to] = inputs[0][flat++];
    });
}

int lower_zero_padding(Lowering& lowering) {
    Pads pads = all_pads(*lowering.attributes);
    Operation operation{.op = Op::pad};
    operation.pad_before = std::move(pads.before);
    operation.pad_after = std::move(pads.after);
    return lowering.add(std::move(operation), {0}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace halcyon
