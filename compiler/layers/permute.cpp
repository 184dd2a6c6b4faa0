#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::vector<int> axes_of(const Attributes& attributes) {
    std::vector<int> axes;
    for (std::int64_t dim : attributes.integers("dims")) axes.push_back(static_cast<int>(dim) - 1);
    return axes;
}

/// Keras refuses other numbers when the layer is made; a layer here is only made when it is applied.
std::optional<Value> normalize_dims(const Value& written, std::string& why) {
    static const ArgumentType integers = argument::sequence_of(argument::positive_integer());
    std::optional<Value> normal = integers.normalize(written, why);
    if (!normal) return std::nullopt;
    std::vector<std::int64_t> dims;
    for (const Value& dim : *normal->sequence()) dims.push_back(*dim.integer());
    std::sort(dims.begin(), dims.end());
    std::vector<std::int64_t> wanted(dims.size());
    std::iota(wanted.begin(), wanted.end(), 1);
    if (dims == wanted) return normal;
    why = "each axis must stand once";
    return std::nullopt;
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    const Shape& input = call.inputs[0].shape;
    const std::vector<int> axes = axes_of(call.attributes);
    if (axes.size() != input.size()) {
        call.error(
            Code::bad_rank, "dims",
            fmt::format("{} axes are named for the input {}, which has {}", axes.size(), to_text(input), input.size()));
        return std::nullopt;
    }
    Shape shape;
    for (int axis : axes) shape.push_back(input[static_cast<std::size_t>(axis)]);
    return computed(std::move(shape));
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    output = inputs[0].transposed(axes_of(attributes));
}

int lower(Lowering& lowering) {
    Operation operation{.op = Op::transpose};
    operation.axes = axes_of(*lowering.attributes);
    return lowering.add(std::move(operation), {0}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace

extern const LayerDef permute;
const LayerDef permute{
    .name = "Permute",
    .doc = "The axes in another order.",
    .arguments = {{"dims",
                   {"the axes 1, 2, ... (the batch is 0) in their new order", normalize_dims},
                   std::nullopt,
                   "axis i of the result is axis dims[i - 1] of the input"}},
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
