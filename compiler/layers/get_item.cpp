#include <algorithm>

#include <fmt/format.h>

#include "layers/common/arguments.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

constexpr std::int64_t largest = (std::int64_t{1} << 31) - 1;

/// Which elements of each axis: `count` of them, from `begin` on.
struct Slicing {
    std::vector<std::int64_t> begin, step, count;
};

Slicing slicing_of(const Attributes& attributes) {
    return {attributes.integers("begin"), attributes.integers("step"), attributes.integers("count")};
}

bool takes_all(const Slicing& slicing, const Shape& input) {
    const auto all_are = [](const std::vector<std::int64_t>& values, std::int64_t value) {
        return std::all_of(values.begin(), values.end(), [=](std::int64_t v) { return v == value; });
    };
    return slicing.count == input && all_are(slicing.begin, 0) && all_are(slicing.step, 1);
}

/// No sum here can overflow: all numbers stay below 2^31, and so does their product with an extent below 2^62.
std::optional<TensorType> infer_type(const LayerCall& call) {
    const Shape& input = call.inputs[0].shape;
    const auto [begin, step, count] = slicing_of(call.attributes);
    if (begin.size() != input.size() || step.size() != input.size() || count.size() != input.size()) {
        call.error(
            Code::bad_rank, "",
            fmt::format("begin, step and count need {} numbers each for the input {}", input.size(), to_text(input)));
        return std::nullopt;
    }
    for (std::size_t axis = 0; axis < input.size(); ++axis) {
        const std::int64_t last = begin[axis] + (count[axis] - 1) * step[axis];
        if (begin[axis] < input[axis] && last >= 0 && last < input[axis] && step[axis] != 0) continue;
        call.error(Code::shape_mismatch, "",
                   fmt::format("{} elements from {} on in steps of {} are not in axis {} of the input {}", count[axis],
                               begin[axis], step[axis], axis + 1, to_text(input)));
        return std::nullopt;
    }
    if (call.attributes.is_none("shape")) return computed(count);
    Shape shape = call.attributes.integers("shape");
    Shape without_ones = shape, taken = count;
    std::erase(without_ones, 1);
    std::erase(taken, 1);
    if (without_ones == taken) return computed(std::move(shape));
    call.error(Code::shape_mismatch, "shape",
               fmt::format("{} is not {} but for axes of 1", to_text(shape), to_text(count)));
    return std::nullopt;
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const auto [begin, step, count] = slicing_of(attributes);
    const std::vector<std::int64_t> strides = inputs[0].strides();
    std::int64_t flat = 0;
    for_each_index(count, [&](const std::vector<std::int64_t>& index) {
        std::int64_t from = 0;
        for (std::size_t i = 0; i < index.size(); ++i) from += (begin[i] + index[i] * step[i]) * strides[i];
        output[flat++] = inputs[0][from];
    });
}

int lower(Lowering& lowering) {
    Slicing slicing = slicing_of(*lowering.attributes);
    int result = 0;
    if (!takes_all(slicing, lowering.inputs[0].shape)) {
        Operation operation{.op = Op::slice};
        operation.begin = std::move(slicing.begin);
        operation.step = std::move(slicing.step);
        result = lowering.add(std::move(operation), {0}, {}, ScalarExpr::input(0), slicing.count);
    }
    if (slicing.count == lowering.output.shape) return result;
    return lowering.add({.op = Op::reshape}, {result}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace

extern const LayerDef get_item;
const LayerDef get_item{
    .name = "GetItem",
    .doc = "Some elements along each axis: what x[:, 1:, ::2] and x[..., ::-1] are.",
    .arguments =
        {
            {"begin", argument::sequence_of(argument::integer(0)), std::nullopt, "the first element along each axis"},
            {"step", argument::sequence_of(argument::integer(-largest)), std::nullopt,
             "how far it is to the next one; negative steps go backwards"},
            {"count", argument::sequence_of(argument::positive_integer()), std::nullopt, "how many elements"},
            {"shape", argument::optional(argument::sequence_of(argument::positive_integer())), Value(),
             "the result's shape without the batch, if axes of 1 come or go"},
        },
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
