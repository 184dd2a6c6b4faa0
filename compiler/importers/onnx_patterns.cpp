#include "importers/onnx_patterns.h"

#include <cmath>

namespace halcyon::importers {
namespace {

/// What float32 leaves of 1 / 6.
bool is_near(double a, double b) {
    return std::abs(a - b) <= 1e-6 * std::abs(b);
}

/// value = factor * base, by operators with numbers.
struct Scaled {
    int base;
    double factor;
};

Scaled scaled(const OnnxBuilder& builder, int value) {
    Scaled result{value, 1.0};
    std::vector<int> inputs;
    for (const ImportedLayer* layer = builder.maker_of(value, inputs); layer != nullptr;
         layer = builder.maker_of(result.base, inputs)) {
        const std::optional<double> number = layer->number.real();
        if (!number || (layer->operation != '*' && (layer->operation != '/' || layer->number_left))) break;
        result = {inputs[0], layer->operation == '*' ? result.factor * *number : result.factor / *number};
    }
    return result;
}

/// The input of x + number; -1 if it is none.
int without_offset(const OnnxBuilder& builder, int value, double offset) {
    std::vector<int> inputs;
    const ImportedLayer* layer = builder.maker_of(value, inputs);
    const std::optional<double> number = layer == nullptr ? std::nullopt : layer->number.real();
    return number && layer->operation == '+' && is_near(*number, offset) ? inputs[0] : -1;
}

/// The input of a layer with that one argument, or none; -1 if it is another layer.
int input_of(const OnnxBuilder& builder, int value, std::string_view type, std::string_view argument = "",
             const Value& is = {}) {
    std::vector<int> inputs;
    const ImportedLayer* layer = builder.maker_of(value, inputs);
    if (layer == nullptr || layer->operation != 0 || layer->def->name != type) return -1;
    if (argument.empty()) return layer->arguments.empty() ? inputs[0] : -1;
    if (layer->arguments.size() != 1 || layer->arguments[0].first != argument) return -1;
    const Value& given = layer->arguments[0].second;
    const bool equal = given == is || (given.real() && is.real() && given.real() == is.real());
    return equal ? inputs[0] : -1;
}

int activated(const OnnxBuilder& builder, int value, std::string_view name) {
    return input_of(builder, value, "Activation", "activation", Value(std::string(name)));
}

/// Whether `value` is 1 + erf(x / sqrt(2)).
bool is_normal_distribution(const OnnxBuilder& builder, int value, int x) {
    const int sum = without_offset(builder, value, 1.0);
    const int argument = sum < 0 ? -1 : input_of(builder, sum, "Erf");
    if (argument < 0) return false;
    const Scaled inner = scaled(builder, argument);
    return inner.base == x && is_near(inner.factor, std::sqrt(0.5));
}

/// The name of the activation that x * other, times a factor, is; "" if it is none.
std::string_view product_name(const OnnxBuilder& builder, int x, int other, double factor) {
    if (is_near(factor, 0.5) && is_normal_distribution(builder, other, x)) return "gelu";
    if (is_near(factor, 1.0 / 6.0)) {
        const int clipped = input_of(builder, other, "ReLU", "max_value", Value(6.0));
        if (clipped >= 0 && without_offset(builder, clipped, 3.0) == x) return "hard_silu";
    }
    if (factor != 1.0) return "";
    if (activated(builder, other, "sigmoid") == x) return "silu";
    if (activated(builder, other, "hard_sigmoid") == x) return "hard_silu";
    const int inner = activated(builder, other, "tanh");
    if (inner >= 0 && activated(builder, inner, "softplus") == x) return "mish";
    return "";
}

}  // namespace

int activation(OnnxBuilder& builder, std::string_view name, int value) {
    if (name == "relu") return builder.layer("ReLU", {}, {value});
    return builder.layer("Activation", {{"activation", Value(std::string(name))}}, {value});
}

int recognized(OnnxBuilder& builder, int value) {
    const Scaled whole = scaled(builder, value);
    if (is_near(whole.factor, 1.0 / 6.0)) {
        const int clipped = input_of(builder, whole.base, "ReLU", "max_value", Value(6.0));
        const int x = clipped < 0 ? -1 : without_offset(builder, clipped, 3.0);
        if (x >= 0) return activation(builder, "hard_sigmoid", x);
    }
    std::vector<int> inputs;
    const ImportedLayer* layer = builder.maker_of(whole.base, inputs);
    if (layer == nullptr || layer->operation != '*' || !layer->number.is_none() || inputs.size() != 2) return value;
    const Scaled left = scaled(builder, inputs[0]), right = scaled(builder, inputs[1]);
    const double factor = whole.factor * left.factor * right.factor;
    for (const auto& [x, other] : {std::pair(left.base, right.base), std::pair(right.base, left.base)}) {
        const std::string_view name = product_name(builder, x, other, factor);
        if (!name.empty()) return activation(builder, name, x);
    }
    return value;
}

int normalized(OnnxBuilder& builder, int value) {
    const auto arithmetic = [&](int from, char symbol) {
        std::vector<int> inputs;
        const ImportedLayer* layer = builder.maker_of(from, inputs);
        return layer != nullptr && layer->operation == symbol && layer->number.is_none() ? inputs : std::vector<int>{};
    };
    const auto with_number = [&](int from, char symbol, std::optional<double> wanted) {
        std::vector<int> inputs;
        const ImportedLayer* layer = builder.maker_of(from, inputs);
        const std::optional<double> number = layer == nullptr ? std::nullopt : layer->number.real();
        const bool fits = number && layer->operation == symbol && !layer->number_left && (!wanted || number == wanted);
        return fits ? std::pair(inputs[0], *number) : std::pair(-1, 0.0);
    };
    // The value and the axes that were averaged, which the mean keeps.
    const auto mean = [&](int from) {
        std::vector<int> inputs;
        const ImportedLayer* layer = builder.maker_of(from, inputs);
        std::pair<int, Value> result{-1, {}};
        if (layer == nullptr || layer->def->name != "Mean") return result;
        bool keeps = false;
        for (const auto& [name, argument] : layer->arguments) {
            if (name == "axis") result.second = argument;
            if (name == "keepdims") keeps = argument == Value(true);
        }
        if (keeps) result.first = inputs[0];
        return result;
    };
    const std::vector<int> quotient = arithmetic(value, '/');
    if (quotient.empty()) return value;
    const std::vector<int> difference = arithmetic(quotient[0], '-');
    const int shifted = with_number(quotient[1], 'p', 0.5).first;
    if (difference.empty() || shifted < 0) return value;
    const auto [variance, epsilon] = with_number(shifted, '+', std::nullopt);
    if (variance < 0) return value;
    const auto [squares, variance_axes] = mean(variance);
    const auto [x, axes] = mean(difference[1]);
    if (squares < 0 || x != difference[0] || !(axes == variance_axes)) return value;
    const std::vector<int> square = arithmetic(squares, '*');
    const bool squared = with_number(squares, 'p', 2.0).first == quotient[0] ||
                         (!square.empty() && square[0] == quotient[0] && square[1] == quotient[0]);
    if (!squared) return value;
    return builder.layer(
        "LayerNormalization",
        {{"axis", axes}, {"epsilon", Value(epsilon)}, {"center", Value(false)}, {"scale", Value(false)}}, {x});
}

}  // namespace halcyon::importers
