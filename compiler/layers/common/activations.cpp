#include "layers/common/activations.h"

#include <algorithm>
#include <utility>

#include "layers/common/activation_layer.h"
#include "support/check.h"

namespace halcyon {
namespace activations {

ScalarExpr sigmoid(const ScalarExpr& x) {
    return 1.0 / (1.0 + exp(-x));
}

ScalarExpr elu(const ScalarExpr& x, double alpha) {
    // e^x - 1 without the cancellation that would leave nothing of a small x: 2 t / (1 - t) with t = tanh(x / 2).
    const ScalarExpr t = tanh(0.5 * x);
    return select(less(0.0, x), x, 2.0 * alpha * t / (1.0 - t));
}

ScalarExpr gelu(const ScalarExpr& x, bool approximate) {
    if (!approximate) return 0.5 * x * (1.0 + erf(x * 0.70710678118654752440));
    constexpr double sqrt_2_over_pi = 0.79788456080286535588;
    return 0.5 * x * (1.0 + tanh(sqrt_2_over_pi * (x + 0.044715 * x * x * x)));
}

ScalarExpr leaky_relu(const ScalarExpr& x, double negative_slope) {
    // A product with 0 would make a number of no infinity.
    if (negative_slope == 0.0) return max(x, 0.0);
    if (negative_slope <= 1.0) return max(x, negative_slope * x);
    return select(less(x, 0.0), negative_slope * x, x);
}

ScalarExpr relu(const ScalarExpr& x, std::optional<double> max_value, double negative_slope, double threshold) {
    if (negative_slope != 0.0 && !max_value && threshold == 0.0) return leaky_relu(x, negative_slope);
    ScalarExpr result = threshold == 0.0 ? max(x, 0.0) : select(less(threshold, x), x, 0.0);
    if (max_value) result = min(result, *max_value);
    if (negative_slope != 0.0) result = result - negative_slope * max(threshold - x, 0.0);
    return result;
}

}  // namespace activations

namespace {

// log(1 + e^x), written so that neither large nor small x overflows.
ScalarExpr softplus(const ScalarExpr& x) {
    return max(x, 0.0) + log(1.0 + exp(-abs(x)));
}

ScalarExpr hard_sigmoid(const ScalarExpr& x) {
    // relu6(x + 3) / 6 with limits that rounding keeps: exactly 0 and 1.
    return clip(x * (1.0 / 6.0) + 0.5, 0.0, 1.0);
}

ScalarExpr selu(const ScalarExpr& x) {
    return 1.05070098735548049342 * activations::elu(x, 1.67326324235437728482);
}

struct Activation {
    std::string_view name;
    ScalarExpr (*at)(const ScalarExpr& x);
};

const Activation scalar_activations[] = {
    {"linear", [](const ScalarExpr& x) { return x; }},
    {"relu", [](const ScalarExpr& x) { return max(x, 0.0); }},
    {"relu6", [](const ScalarExpr& x) { return clip(x, 0.0, 6.0); }},
    {"leaky_relu", [](const ScalarExpr& x) { return activations::leaky_relu(x, 0.2); }},
    {"elu", [](const ScalarExpr& x) { return activations::elu(x, 1.0); }},
    {"selu", selu},
    {"gelu", [](const ScalarExpr& x) { return activations::gelu(x, false); }},
    {"sigmoid", activations::sigmoid},
    {"hard_sigmoid", hard_sigmoid},
    {"silu", [](const ScalarExpr& x) { return x * activations::sigmoid(x); }},
    {"hard_silu", [](const ScalarExpr& x) { return x * hard_sigmoid(x); }},
    {"tanh", [](const ScalarExpr& x) { return tanh(x); }},
    {"exponential", [](const ScalarExpr& x) { return exp(x); }},
    {"softplus", softplus},
    {"softsign", [](const ScalarExpr& x) { return x / (1.0 + abs(x)); }},
    {"mish", [](const ScalarExpr& x) { return x * tanh(softplus(x)); }},
};

constexpr std::pair<std::string_view, std::string_view> aliases[] = {{"swish", "silu"}, {"hard_swish", "hard_silu"}};

}  // namespace

std::optional<ScalarExpr> scalar_activation(std::string_view name) {
    const std::string_view canonical = canonical_activation(name);
    for (const Activation& activation : scalar_activations) {
        if (activation.name == canonical) return activation.at(ScalarExpr::input(0));
    }
    return std::nullopt;
}

ScalarExpr activation_named(std::string_view name) {
    const std::optional<ScalarExpr> activation = scalar_activation(name);
    CHECK_INTERNAL(activation.has_value());
    return *activation;
}

std::string_view canonical_activation(std::string_view name) {
    for (const auto& [alias, meant] : aliases) {
        if (alias == name) return meant;
    }
    const std::vector<std::string_view>& names = activation_names();
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::string_view() : *found;
}

const std::vector<std::string_view>& activation_names() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        for (const Activation& activation : scalar_activations) all.push_back(activation.name);
        all.emplace_back("softmax");
        for (const auto& alias : aliases) all.push_back(alias.first);
        return all;
    }();
    return names;
}

}  // namespace halcyon
