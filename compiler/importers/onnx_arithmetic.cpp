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
        if (number == (scales ? 1.0 : 0.0)) return result;
        // What a picture's numbers become before the first layer is one of Keras's.
        std::vector<int> inputs;
        const ImportedLayer* before = scales ? nullptr : builder.maker_of(x.id, inputs);
        const bool rescales = before != nullptr && before->operation == '*' && before->number.real() &&
                              inputs[0] < static_cast<int>(builder.network.inputs.size());
        result.id = rescales
                        ? builder.layer("Rescaling", {{"scale", before->number}, {"offset", Value(number)}}, inputs)
                        : builder.arithmetic(scales ? '*' : '+', x.id, number);
        return result;
    }
    const ConstantOperand operand = constant_beside(builder, x, array);
    const auto made = [&](int id) { return builder.made(id, operand.shape, operand.order, operand.value); };
    if (read_once && operand.id == x.id && !operand.expands &&
        builder.absorb(x.id, scales, operand.array, static_cast<int>(operand.order.size())))
        return made(x.id);
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
        result = with_constant(call, a, *b.constant, true, is_read_once(call, a));
    } else if (a.constant) {
        result = with_constant(call, b, *a.constant, true, is_read_once(call, b));
    } else {
        result = joined(call.builder, a, b, [&](int x, int y) { return call.builder.arithmetic('*', x, y); });
    }
    return with_id(result, recognized(call.builder, result.id));
}

void import_multiply(OnnxCall& call) {
    call.give(product_of(call, call.input(0), call.input(1)));
}

OnnxValue quotient_of(OnnxCall& call) {
    const OnnxValue &a = call.input(0), &b = call.input(1);
    OnnxBuilder& builder = call.builder;
    if (b.constant && b.constant->shape.empty()) {
        const int quotient = builder.arithmetic('/', a.id, as_written(to_array(*b.constant)[0]));
        return with_id(a, recognized(builder, quotient));
    }
    if (b.constant) {
        const StoredTensor inverse = mapped(builder, *b.constant, [](double x) { return 1.0 / x; });
        const OnnxValue result = with_constant(call, a, inverse, true, false);
        return with_id(result, recognized(builder, result.id));
    }
    if (a.constant && a.constant->shape.empty())
        return with_id(b, builder.arithmetic('/', b.id, as_written(to_array(*a.constant)[0]), true));
    if (a.constant)
        return with_constant(call, with_id(b, builder.arithmetic('/', b.id, 1.0, true)), *a.constant, true, false);
    const OnnxValue result = joined(builder, a, b, [&](int x, int y) { return builder.arithmetic('/', x, y); });
    return with_id(result, normalized(builder, result.id));
}

/// Of whole numbers the quotient is one too: what stands behind its point is dropped.
void import_divide(OnnxCall& call) {
    OnnxValue quotient = quotient_of(call);
    if (is_integer(call.input(0))) {
        OnnxBuilder& builder = call.builder;
        const int sign = builder.layer("Sign", {}, {quotient.id});
        const int size = builder.layer("Floor", {}, {builder.layer("Absolute", {}, {quotient.id})});
        quotient.id = builder.arithmetic('*', sign, size);
    }
    call.give(quotient);
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
            return extreme_of(call, a, as_value(builder, bound, a), largest);
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

/// condition * a + (1 - condition) * b: both masked, so that neither loses digits.
OnnxValue chosen_number(OnnxCall& call, const OnnxValue& condition, double a, double b) {
    OnnxBuilder& builder = call.builder;
    const auto masked = [&](int mask, double number) {
        return number == 1.0 ? mask : builder.arithmetic('*', mask, number);
    };
    if (b == 0.0) return with_id(condition, masked(condition.id, a));
    const int otherwise = masked(builder.arithmetic('-', condition.id, 1.0, true), b);
    if (a == 0.0) return with_id(condition, otherwise);
    return with_id(condition, builder.arithmetic('+', masked(condition.id, a), otherwise));
}

void import_where(OnnxCall& call) {
    OnnxBuilder& builder = call.builder;
    std::vector<OnnxValue> values{call.input(0), call.input(1), call.input(2)};
    const auto number = [&](std::size_t index) {
        return values[index].constant && to_array(*values[index].constant).size() == 1
                   ? to_array(*values[index].constant)[0]
                   : NAN;
    };
    if (!values[0].constant && std::isfinite(number(1)) && std::isfinite(number(2)))
        return call.give(chosen_number(call, values[0], as_written(number(1)), as_written(number(2))));
    if (values[0].constant && is_uniform(to_array(*values[0].constant))) {
        const OnnxValue& chosen = values[to_array(*values[0].constant)[0] != 0.0 ? 1 : 2];
        std::optional<Shape> shape = broadcast(values[1].shape(), values[2].shape());
        if (shape) shape = broadcast(*shape, values[0].shape());
        if (!chosen.constant && shape == chosen.shape()) return call.give(chosen);
    }
    const OnnxValue like = *std::find_if(values.begin(), values.end(), [](const auto& each) { return !each.constant; });
    for (OnnxValue& value : values)
        if (value.constant) value = as_value(builder, to_array(*value.constant), like);
    call.give(joined(builder, values, [&](const std::vector<int>& ids) { return builder.layer("Where", {}, ids); }));
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
