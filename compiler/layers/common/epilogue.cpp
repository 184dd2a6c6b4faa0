#include "layers/common/epilogue.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/apply_scalar.h"
#include "layers/common/activation_layer.h"
#include "layers/common/data_format.h"

namespace halcyon {
namespace {

ScalarExpr activation_at(const std::string& name, const ScalarExpr& x) {
    return activation_named(name).substitute(std::span(&x, 1), {});
}

}  // namespace

void add_bias_and_activate(Array& array, const Array* bias, const std::string& activation, int axis) {
    const bool softmax = activation == "softmax";
    ScalarExpr expr = ScalarExpr::input(0);
    if (bias != nullptr) expr = expr + ScalarExpr::constant(0);
    if (!softmax) expr = activation_at(activation, expr);
    if (!expr.is_identity()) {
        const std::span<const Array> constants = bias != nullptr ? std::span(bias, 1) : std::span<const Array>();
        array = apply_scalar(expr, std::span(&array, 1), constants, array.shape());
    }
    if (softmax) array = softmax_over(array, static_cast<int>(array.shape().size()) + axis);
}

int lower_with_epilogue(Lowering& lowering, Operation operation, ConstantExpr kernel, Shape shape, int input,
                        std::size_t bias) {
    const Attributes& attributes = *lowering.attributes;
    const std::string& activation = attributes.string("activation");
    std::vector<ConstantExpr> constants{std::move(kernel)};
    ScalarExpr epilogue = ScalarExpr::input(0);
    if (attributes.boolean("use_bias")) {
        constants.push_back(lowering.weights.at(bias));
        epilogue = epilogue + ScalarExpr::constant(1);
    }
    if (activation != "softmax") epilogue = activation_at(activation, epilogue);
    const int rank = static_cast<int>(shape.size());
    const int sums =
        lowering.add(std::move(operation), {input}, std::move(constants), std::move(epilogue), std::move(shape));
    if (activation != "softmax") return sums;
    const Value* axis = attributes.find("activation_axis");
    return lower_softmax(lowering, sums, rank + static_cast<int>(axis != nullptr ? *axis->integer() : -1));
}

Attributes activated_channels_last(const Attributes& attributes, int rank) {
    Attributes last = as_channels_last(attributes, rank);
    last.set("activation_axis", -2);
    return last;
}

Array softmax_over(const Array& array, int axis) {
    Array result(array.shape());
    const std::int64_t count = array.shape().at(static_cast<std::size_t>(axis));
    const std::int64_t step = array.strides()[static_cast<std::size_t>(axis)];
    for (std::int64_t first = 0; first < array.size(); ++first) {
        if (first / step % count != 0) continue;
        double largest = -std::numeric_limits<double>::infinity();
        for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, array[first + i * step]);
        double sum = 0.0;
        for (std::int64_t i = 0; i < count; ++i)
            sum += result[first + i * step] = std::exp(array[first + i * step] - largest);
        for (std::int64_t i = 0; i < count; ++i) result[first + i * step] /= sum;
    }
    return result;
}

int lower_softmax(Lowering& lowering, int value, int axis) {
    Operation softmax{.op = Op::softmax};
    softmax.axes = {axis};
    return lowering.add(std::move(softmax), {value}, {}, ScalarExpr::input(0), lowering.type_of(value).shape);
}

}  // namespace halcyon
