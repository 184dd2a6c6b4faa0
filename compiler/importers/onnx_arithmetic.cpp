#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "importers/onnx_broadcast.h"
#include "importers/onnx_constants.h"
#include "importers/onnx_operators.h"
#include "importers/onnx_patterns.h"

namespace halcyon::importers {
namespace {

/// x * scale, or x + offset, with the constant as a weight, or as a number where it is only one.
OnnxValue with_constant(OnnxCall& call, const OnnxValue& x, const StoredTensor& constant, bool scales, bool read_once) {
    OnnxBuilder& builder = call.builder;
    const Array array = to_array(constant);
    if (is_uniform(array) && broadcast(x.shape(), array.shape()) == x.shape()) {
        OnnxValue result = x;
        while (result.axes.size() < array.shape().size()) result.axes.insert(result.axes.begin(), Axis{});
        const double number = as_written(array[0]);
        if (number != (scales ? 1.0 : 0.0)) result.id = builder.arithmetic(scales ? '*' : '+', x.id, number);
        return result;
    }
    const ConstantOperand operand = constant_beside(builder, x, array);
    const auto made = [&](int id) { return builder.made(id, operand.shape, operand.order, operand.value); };
    if (!scales && read_once && operand.id == x.id && builder.add_bias(x.id, operand.array)) return made(x.id);
    constexpr std::int64_t few = 4;
    const bool per_channel = operand.array.shape().size() == 1 && operand.expands == false;
    if (per_channel && operand.array.size() <= few && operand.array.size() == operand.last_extent) {
        Value::Sequence numbers;
        for (double number : operand.array.values()) numbers.emplace_back(as_written(number));
        return made(builder.layer(
            "Rescaling",
            {{"scale", scales ? Value(numbers) : Value(1.0)}, {"offset", scales ? Value(0.0) : Value(numbers)}},
            {operand.id}));
    }
    const int id =
        builder.layer("Affine", {{scales ? "scale" : "offset", shape_argument(operand.array.shape())}}, {operand.id});
    builder.weight(scales ? "scale" : "offset", operand.array);
    return made(id);
}

StoredTensor mapped(OnnxBuilder& builder, const StoredTensor& tensor, double (*function)(double)) {
    Array array = to_array(tensor);
    std::transform(array.values().begin(), array.values().end(), array.values().begin(), function);
    return builder.keep(StoredType::float32, array);
}

OnnxValue with_id(OnnxValue value, int id) {
    value.id = id;
    return value;
}

bool is_read_once(const OnnxCall& call, const OnnxValue& x) {
    for (std::size_t i = 0; i < call.inputs.size(); ++i)
        if (call.inputs[i] == &x) return call.read_once[i];
    return false;
}

OnnxValue sum_of(OnnxCall& call, const OnnxValue& a, const OnnxValue& b) {
    if (b.constant) return with_constant(call, a, *b.constant, false, is_read_once(call, a));
    if (a.constant) return with_constant(call, b, *a.constant, false, is_read_once(call, b));
    return joined(call.builder, a, b, [&](int x, int y) { return call.builder.arithmetic('+', x, y); });
}

void import_add(OnnxCall& call) {
    call.give(sum_of(call, call.input(0), call.input(1)));
}

void import_subtract(OnnxCall& call) {
    const OnnxValue &a = call.input(0), &b = call.input(1);
    OnnxBuilder& builder = call.builder;
    const auto negative = [](double x) { return -x; };
    if (b.constant) {
        call.give(with_constant(call, a, mapped(builder, *b.constant, negative), false, is_read_once(call, a)));
    } else if (a.constant && is_uniform(to_array(*a.constant)) && to_array(*a.constant).size() == 1) {
        call.give(with_id(b, builder.arithmetic('-', b.id, as_written(to_array(*a.constant)[0]), true)));
    } else if (a.constant) {
        call.give(
            with_constant(call, with_id(b, builder.arithmetic('*', b.id, -1.0, true)), *a.constant, false, false));
    } else {
        call.give(joined(builder, a, b, [&](int x, int y) { return builder.arithmetic('-', x, y); }));
    }
}

OnnxValue product_of(OnnxCall& call, const OnnxValue& a, const OnnxValue& b) {
    OnnxValue result;
    if (b.constant) {
        result = with_constant(call, a, *b.constant, true, false);
    } else if (a.constant) {
        result = with_constant(call, b, *a.constant, true, false);
    } else {
        result = joined(call.builder, a, b, [&](int x, int y) { return call.builder.arithmetic('*', x, y); });
    }
    return with_id(result, recognized(call.builder, result.id));
}

void import_multiply(OnnxCall& call) {
    call.give(product_of(call, call.input(0), call.input(1)));
}

void import_divide(OnnxCall& call) {
    const OnnxValue &a = call.input(0), &b = call.input(1);
    OnnxBuilder& builder = call.builder;
    if (b.constant && b.constant->shape.empty()) {
        const int quotient = builder.arithmetic('/', a.id, as_written(to_array(*b.constant)[0]));
        call.give(with_id(a, recognized(builder, quotient)));
    } else if (b.constant) {
        const StoredTensor inverse = mapped(builder, *b.constant, [](double x) { return 1.0 / x; });
        OnnxValue result = with_constant(call, a, inverse, true, false);
        call.give(with_id(result, recognized(builder, result.id)));
    } else if (a.constant && a.constant->shape.empty()) {
        call.give(with_id(b, builder.arithmetic('/', b.id, as_written(to_array(*a.constant)[0]), true)));
    } else if (a.constant) {
        call.give(with_constant(call, with_id(b, builder.arithmetic('/', b.id, 1.0, true)), *a.constant, true, false));
    } else {
        call.give(joined(builder, a, b, [&](int x, int y) { return builder.arithmetic('/', x, y); }));
    }
}

void import_power(OnnxCall& call) {
    const OnnxValue &a = call.input(0), &b = call.input(1);
    OnnxBuilder& builder = call.builder;
    if (b.constant) {
        const Array exponent = to_array(*b.constant);
        if (!is_uniform(exponent) || broadcast(a.shape(), exponent.shape()) != a.shape())
            throw Refused{"its exponents are not one number"};
        OnnxValue result = a;
        while (result.axes.size() < exponent.shape().size()) result.axes.insert(result.axes.begin(), Axis{});
        return call.give(with_id(result, builder.arithmetic('p', a.id, as_written(exponent[0]))));
    }
    if (!a.constant) throw Refused{"its exponents are computed, and Halcyon's are numbers"};
    const Array base = to_array(*a.constant);
    if (base.size() != 1 || !(base[0] > 0.0)) throw Refused{"its base is not one positive number"};
    const int exponent = builder.arithmetic('*', b.id, std::log(base[0]));
    call.give(with_id(b, builder.layer("Exponential", {}, {exponent})));
}

OnnxValue extreme_of(OnnxCall& call, const OnnxValue& a, const OnnxValue& b, bool largest) {
    OnnxBuilder& builder = call.builder;
    if (a.constant) return extreme_of(call, b, a, largest);
    if (b.constant) {
        const Array bound = to_array(*b.constant);
        if (!is_uniform(bound) || broadcast(a.shape(), bound.shape()) != a.shape())
            throw Refused{"Halcyon compares with one number or a tensor that is computed"};
        const double number = as_written(bound[0]);
        if (largest && number == 0.0) return with_id(a, builder.layer("ReLU", {}, {a.id}));
        return with_id(a, builder.layer("Clip", {{largest ? "x_min" : "x_max", Value(number)}}, {a.id}));
    }
    return joined(builder, a, b,
                  [&](int x, int y) { return builder.layer(largest ? "Maximum" : "Minimum", {}, {x, y}); });
}

/// a, then with b, then with c, ...
OnnxValue folded(const OnnxCall& call, const std::function<OnnxValue(const OnnxValue&, const OnnxValue&)>& join) {
    OnnxValue result = call.input(0);
    for (std::size_t i = 1; i < call.inputs.size(); ++i) result = join(result, call.input(i));
    if (result.constant) throw Refused{"it computes a constant in a way that Halcyon does not"};
    return result;
}

template <bool largest>
void import_extreme(OnnxCall& call) {
    call.give(folded(call, [&](const OnnxValue& a, const OnnxValue& b) { return extreme_of(call, a, b, largest); }));
}

template <bool mean>
void import_sum(OnnxCall& call) {
    OnnxValue sum = folded(call, [&](const OnnxValue& a, const OnnxValue& b) { return sum_of(call, a, b); });
    const auto count = static_cast<double>(call.inputs.size());
    call.give(mean && count > 1.0 ? with_id(sum, call.builder.arithmetic('/', sum.id, count)) : sum);
}

/// The sign of a - b, from which every comparison follows.
OnnxValue order_between(OnnxCall& call) {
    import_subtract(call);
    const OnnxValue difference = call.outputs[0];
    return with_id(difference, call.builder.layer("Sign", {}, {difference.id}));
}

enum class Comparison { less, greater, less_or_equal, greater_or_equal, equal };

/// 1 where it holds, else 0.
template <Comparison comparison>
void import_comparison(OnnxCall& call) {
    OnnxBuilder& builder = call.builder;
    const OnnxValue order = order_between(call);
    int id = order.id;
    const bool turned = comparison == Comparison::less || comparison == Comparison::greater_or_equal;
    const bool inverted = comparison != Comparison::less && comparison != Comparison::greater;
    if (comparison == Comparison::equal) {
        id = builder.layer("Absolute", {}, {id});
    } else {
        if (turned) id = builder.arithmetic('*', id, -1.0, true);
        id = builder.layer("ReLU", {}, {id});
    }
    if (inverted) id = builder.arithmetic('-', id, 1.0, true);
    OnnxValue result = with_id(order, id);
    result.whole = true;
    call.give(result);
}

void import_and(OnnxCall& call) {
    OnnxValue result = product_of(call, call.input(0), call.input(1));
    result.whole = true;
    call.give(result);
}

void import_or(OnnxCall& call) {
    OnnxValue result = extreme_of(call, call.input(0), call.input(1), true);
    result.whole = true;
    call.give(result);
}

void import_xor(OnnxCall& call) {
    import_subtract(call);
    OnnxValue result = with_id(call.outputs[0], call.builder.layer("Absolute", {}, {call.outputs[0].id}));
    result.whole = true;
    call.give(result);
}

/// With a number instead of one side: condition * (number - other) + other would lose other's digits, so both are masked.
OnnxValue chosen_number(OnnxCall& call, const OnnxValue& condition, const OnnxValue& other, double number,
                        bool if_true) {
    OnnxBuilder& builder = call.builder;
    if (!std::isfinite(number)) throw Refused{"it chooses a number that is not finite"};
    const OnnxValue inverse = with_id(condition, builder.arithmetic('-', condition.id, 1.0, true));
    const OnnxValue kept = product_of(call, if_true ? inverse : condition, other);
    if (number == 0.0) return kept;
    const OnnxValue& mask = if_true ? condition : inverse;
    return sum_of(call, kept, with_id(mask, builder.arithmetic('*', mask.id, number)));
}

void import_where(OnnxCall& call) {
    const OnnxValue &condition = call.input(0), &a = call.input(1), &b = call.input(2);
    if (condition.constant) throw Refused{"its condition is a constant"};
    for (const bool if_true : {true, false}) {
        const OnnxValue &constant = if_true ? a : b, &other = if_true ? b : a;
        if (!constant.constant || other.constant) continue;
        const Array array = to_array(*constant.constant);
        if (array.size() != 1) throw Refused{"it chooses constants that are not one number"};
        return call.give(chosen_number(call, condition, other, as_written(array[0]), if_true));
    }
    if (a.constant) throw Refused{"it chooses between constants"};
    // Both sides and the condition in one shape's order of axes.
    OnnxBuilder& builder = call.builder;
    int first = -1;
    const OnnxValue sides = joined(builder, a, b, [&](int x, int y) {
        first = x;
        return y;
    });
    const OnnxValue first_side = with_id(sides, first);
    if (broadcast(a.shape(), b.shape()) != a.shape() || a.shape() != b.shape())
        throw Refused{"its two sides have different shapes"};
    call.give(joined(builder, first_side, condition,
                     [&](int x, int c) { return builder.layer("Where", {}, {c, x, sides.id}); }));
}

}  // namespace

const std::vector<OnnxOperator>& onnx_arithmetic() {
    static const std::vector<OnnxOperator> table = {
        {"Add", import_add},
        {"Sub", import_subtract},
        {"Mul", import_multiply},
        {"Div", import_divide},
        {"Pow", import_power},
        {"Max", import_extreme<true>},
        {"Min", import_extreme<false>},
        {"Sum", import_sum<false>},
        {"Mean", import_sum<true>},
        {"Less", import_comparison<Comparison::less>},
        {"Greater", import_comparison<Comparison::greater>},
        {"LessOrEqual", import_comparison<Comparison::less_or_equal>},
        {"GreaterOrEqual", import_comparison<Comparison::greater_or_equal>},
        {"Equal", import_comparison<Comparison::equal>},
        {"And", import_and},
        {"Or", import_or},
        {"Xor", import_xor},
        {"Where", import_where},
    };
    return table;
}

}  // namespace halcyon::importers
