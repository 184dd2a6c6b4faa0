#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "importers/onnx_constants.h"
#include "importers/onnx_operators.h"
#include "importers/onnx_patterns.h"

namespace halcyon::importers {
namespace {

/// Functions of single elements do not care how a value lies.
void give_alike(OnnxCall& call, int id, bool whole = false) {
    OnnxValue value = call.input(0);
    value.id = id;
    value.whole = whole;
    call.give(std::move(value));
}

/// "Sigmoid" -> "sigmoid", where Keras has the same under that name.
template <const char* name>
void import_named(OnnxCall& call) {
    give_alike(call, activation(call.builder, name, call.input(0).id));
}

template <const char* type>
void import_layer(OnnxCall& call) {
    const std::string_view layer = type;
    give_alike(call, call.builder.layer(layer, {}, {call.input(0).id}),
               layer == "Floor" || layer == "Round" || layer == "Sign");
}

constexpr char relu[] = "relu", sigmoid[] = "sigmoid", tanh_name[] = "tanh", softplus[] = "softplus",
               softsign[] = "softsign", mish[] = "mish", hard_silu[] = "hard_silu";
constexpr char exponential[] = "Exponential", log_name[] = "Log", absolute[] = "Absolute", erf_name[] = "Erf",
               floor_name[] = "Floor", round_name[] = "Round", sign[] = "Sign";

void import_leaky(OnnxCall& call) {
    const double alpha = call.number("alpha", 0.01);
    OnnxBuilder& builder = call.builder;
    const int x = call.input(0).id;
    if (alpha >= 0.0) return give_alike(call, builder.layer("LeakyReLU", {{"negative_slope", Value(alpha)}}, {x}));
    // Keras has no negative slopes: max(x, 0) + alpha * min(x, 0).
    const int below = builder.arithmetic('*', builder.layer("Clip", {{"x_max", Value(0.0)}}, {x}), alpha);
    give_alike(call, builder.arithmetic('+', builder.layer("ReLU", {}, {x}), below));
}

void import_elu(OnnxCall& call) {
    give_alike(call, call.builder.layer("ELU", {{"alpha", Value(call.number("alpha", 1.0))}}, {call.input(0).id}));
}

/// alpha * elu(x / alpha) with ELU's own alpha 1.
void import_celu(OnnxCall& call) {
    const double alpha = call.number("alpha", 1.0);
    int id = call.input(0).id;
    if (!(alpha > 0.0)) throw Refused{fmt::format("its alpha is {}", alpha)};
    if (alpha != 1.0) id = call.builder.arithmetic('/', id, alpha);
    id = call.builder.layer("ELU", {}, {id});
    if (alpha != 1.0) id = call.builder.arithmetic('*', id, alpha);
    give_alike(call, id);
}

/// gamma * elu(x, alpha); with its own constants Keras's.
void import_selu(OnnxCall& call) {
    constexpr double usual_alpha = 1.6732632, usual_gamma = 1.0507010;
    const double alpha = call.number("alpha", usual_alpha), gamma = call.number("gamma", usual_gamma);
    if (std::abs(alpha - usual_alpha) < 1e-5 && std::abs(gamma - usual_gamma) < 1e-5)
        return give_alike(call, activation(call.builder, "selu", call.input(0).id));
    const int id = call.builder.layer("ELU", {{"alpha", Value(alpha)}}, {call.input(0).id});
    give_alike(call, call.builder.arithmetic('*', id, gamma));
}

void import_thresholded(OnnxCall& call) {
    give_alike(call, call.builder.layer("ReLU", {{"threshold", Value(call.number("alpha", 1.0))}}, {call.input(0).id}));
}

void import_hard_sigmoid(OnnxCall& call) {
    const double alpha = call.number("alpha", 0.2), beta = call.number("beta", 0.5);
    int id = call.input(0).id;
    if (std::abs(alpha - 1.0 / 6.0) < 1e-6 && beta == 0.5)
        return give_alike(call, activation(call.builder, "hard_sigmoid", id));
    id = call.builder.arithmetic('+', call.builder.arithmetic('*', id, alpha), beta);
    give_alike(call, call.builder.layer("ReLU", {{"max_value", Value(1.0)}}, {id}));
}

void import_gelu(OnnxCall& call) {
    const bool approximate = call.text("approximate", "none") == "tanh";
    const int id = call.input(0).id;
    give_alike(call, approximate ? call.builder.layer("Gelu", {{"approximate", Value(true)}}, {id})
                                 : activation(call.builder, "gelu", id));
}

void import_swish(OnnxCall& call) {
    const double alpha = call.number("alpha", 1.0);
    const int id = call.input(0).id;
    if (alpha == 1.0) return give_alike(call, activation(call.builder, "silu", id));
    const int gate = activation(call.builder, "sigmoid", call.builder.arithmetic('*', id, alpha));
    give_alike(call, call.builder.arithmetic('*', id, gate));
}

void import_prelu(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    const Array slope = call.constant(1, "slope");
    if (slope.size() == 1 && slope[0] >= 0.0)
        return give_alike(
            call, call.builder.layer("LeakyReLU", {{"negative_slope", Value(as_written(slope[0]))}}, {value.id}));
    const std::vector<int> order = call.builder.order_of(value);
    const Shape shape = value.shape();
    if (slope.shape().size() > shape.size()) throw Refused{"its slope does not fit its input"};
    Shape aligned(shape.size() - slope.shape().size(), 1);
    aligned.insert(aligned.end(), slope.shape().begin(), slope.shape().end());
    Value::Sequence shared;
    Shape extents;
    std::vector<int> turned;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto axis = static_cast<std::size_t>(order[i]);
        if (aligned[axis] != 1 && aligned[axis] != shape[axis]) throw Refused{"its slope does not fit its input"};
        if (aligned[axis] == 1 && shape[axis] != 1) shared.emplace_back(static_cast<std::int64_t>(i) + 1);
        extents.push_back(aligned[axis]);
        turned.push_back(order[i]);
    }
    for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis) {
        if (std::find(order.begin(), order.end(), axis) != order.end()) continue;
        if (aligned[static_cast<std::size_t>(axis)] != 1)
            throw Refused{"its slope differs from item to item of the batch"};
        turned.push_back(axis);
    }
    OnnxBuilder::Arguments arguments;
    if (!shared.empty()) arguments.emplace_back("shared_axes", Value(shared));
    const int laid = call.builder.arranged(value, order);
    const int id = call.builder.layer("PReLU", arguments, {laid});
    call.builder.weight("alpha", slope.reshaped(aligned).transposed(turned).reshaped(extents));
    call.give(id, order);
}

/// A bound that may be an attribute, an input, or not there.
std::optional<double> bound(const OnnxCall& call, std::string_view name, std::size_t index) {
    double value = call.number(name, NAN);
    if (call.has(index)) value = call.number_in(index, name);
    constexpr double everything = 3.4e38;
    if (std::isnan(value) || std::abs(value) >= everything) return std::nullopt;
    return value;
}

void import_clip(OnnxCall& call) {
    const std::optional<double> low = bound(call, "min", 1), high = bound(call, "max", 2);
    const int x = call.input(0).id;
    if (!low && !high) return give_alike(call, x);
    if (low == 0.0 && !high) return give_alike(call, call.builder.layer("ReLU", {}, {x}));
    if (low == 0.0 && *high >= 0.0)
        return give_alike(call, call.builder.layer("ReLU", {{"max_value", Value(*high)}}, {x}));
    OnnxBuilder::Arguments arguments;
    if (low && high && *low > *high) {
        // Then the result is `max` everywhere.
        arguments = {{"x_min", Value(*high)}, {"x_max", Value(*high)}};
    } else {
        if (low) arguments.emplace_back("x_min", Value(*low));
        if (high) arguments.emplace_back("x_max", Value(*high));
    }
    give_alike(call, call.builder.layer("Clip", arguments, {x}));
}

void import_sqrt(OnnxCall& call) {
    give_alike(call, call.builder.arithmetic('p', call.input(0).id, 0.5));
}

void import_reciprocal(OnnxCall& call) {
    give_alike(call, call.builder.arithmetic('/', call.input(0).id, 1.0, true));
}

void import_negative(OnnxCall& call) {
    give_alike(call, call.builder.arithmetic('*', call.input(0).id, -1.0, true), call.input(0).whole);
}

void import_ceil(OnnxCall& call) {
    const int down = call.builder.layer("Floor", {}, {call.builder.arithmetic('*', call.input(0).id, -1.0, true)});
    give_alike(call, call.builder.arithmetic('*', down, -1.0, true), true);
}

void import_not(OnnxCall& call) {
    give_alike(call, call.builder.arithmetic('-', call.input(0).id, 1.0, true), true);
}

void import_nothing(OnnxCall& call) {
    call.give(call.input(0));
}

/// To whole numbers by dropping what stands behind the point; to true where a number is not 0.
void import_cast(OnnxCall& call) {
    const std::int64_t to = call.integer("to", 1);
    constexpr std::int64_t boolean = 9;
    const OnnxValue& value = call.input(0);
    OnnxBuilder& builder = call.builder;
    const bool real = to == 1 || to == 10 || to == 11 || to == 16;
    if (!real && !is_integer_type(to))
        throw Refused{"it rounds to numbers of fewer than 8 bits, or makes text of them"};
    int id = value.id;
    if (to == boolean && !value.whole) {
        id = builder.layer("Absolute", {}, {builder.layer("Sign", {}, {id})});
    } else if (!real && !value.whole) {
        const int direction = builder.layer("Sign", {}, {id});
        id = builder.arithmetic('*', direction, builder.layer("Floor", {}, {builder.layer("Absolute", {}, {id})}));
    }
    give_alike(call, id, value.whole || !real);
}

}  // namespace

const std::vector<OnnxOperator>& onnx_activations() {
    static const std::vector<OnnxOperator> table = {
        {"Relu", import_named<relu>},
        {"Sigmoid", import_named<sigmoid>},
        {"Tanh", import_named<tanh_name>},
        {"Softplus", import_named<softplus>},
        {"Softsign", import_named<softsign>},
        {"Mish", import_named<mish>},
        {"HardSwish", import_named<hard_silu>},
        {"Exp", import_layer<exponential>},
        {"Log", import_layer<log_name>},
        {"Abs", import_layer<absolute>},
        {"Erf", import_layer<erf_name>},
        {"Floor", import_layer<floor_name>},
        {"Round", import_layer<round_name>},
        {"Sign", import_layer<sign>},
        {"Ceil", import_ceil},
        {"LeakyRelu", import_leaky},
        {"PRelu", import_prelu},
        {"Elu", import_elu},
        {"Celu", import_celu},
        {"Selu", import_selu},
        {"ThresholdedRelu", import_thresholded},
        {"HardSigmoid", import_hard_sigmoid},
        {"Gelu", import_gelu},
        {"Swish", import_swish},
        {"Clip", import_clip},
        {"Sqrt", import_sqrt},
        {"Reciprocal", import_reciprocal},
        {"Neg", import_negative},
        {"Not", import_not},
        {"Identity", import_nothing},
        {"Dropout", import_nothing},
        {"Cast", import_cast},
    };
    return table;
}

}  // namespace halcyon::importers
