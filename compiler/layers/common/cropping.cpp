#include "layers/common/cropping.h"

#include <fmt/format.h>

#include "layers/common/data_format.h"
#include "layers/common/shapes.h"
#include "layers/common/window.h"

namespace halcyon {
namespace {

/// What is cut off along all axes of the input, the channels too.
Pads all_cuts(const Attributes& attributes) {
    Pads cuts = pads_of(attributes["cropping"]);
    const bool first = is_channels_first(attributes);
    cuts.before.insert(first ? cuts.before.begin() : cuts.before.end(), 0);
    cuts.after.insert(first ? cuts.after.begin() : cuts.after.end(), 0);
    return cuts;
}

std::vector<std::int64_t> negated(std::vector<std::int64_t> numbers) {
    for (std::int64_t& number : numbers) number = -number;
    return numbers;
}

}  // namespace

std::optional<TensorType> infer_cropping(const LayerCall& call, std::string_view layer, int rank) {
    if (!is_image(call, layer, rank)) return std::nullopt;
    const Pads cuts = all_cuts(call.attributes);
    Shape shape = call.inputs[0].shape;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        shape[i] -= cuts.before[i] + cuts.after[i];
        if (shape[i] >= 1) continue;
        call.error(Code::empty_result, "cropping",
                   fmt::format("{} and {} cut from an axis of {} leave nothing", cuts.before[i], cuts.after[i],
                               call.inputs[0].shape[i]));
        return std::nullopt;
    }
    return computed(std::move(shape));
}

void cropping_reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs,
                        Array& output) {
    const Pads cuts = all_cuts(attributes);
    const std::vector<std::int64_t> strides = inputs[0].strides();
    std::int64_t flat = 0;
    for_each_index(output.shape(), [&](const std::vector<std::int64_t>& index) {
        std::int64_t from = 0;
        for (std::size_t i = 0; i < index.size(); ++i) from += (index[i] + cuts.before[i]) * strides[i];
        output[flat++] = inputs[0][from];
    });
}

// A negative pad takes away what a positive one would add.
int lower_cropping(Lowering& lowering) {
    const Pads cuts = all_cuts(*lowering.attributes);
    Operation operation{.op = Op::pad};
    operation.pad_before = negated(cuts.before);
    operation.pad_after = negated(cuts.after);
    return lowering.add(std::move(operation), {0}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace halcyon
