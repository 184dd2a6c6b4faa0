// What the layer was told: a stride, a padding, an epsilon, an activation other than Keras's.

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "commands/common/hypothesis.h"
#include "graph/apply_scalar.h"
#include "layers/common/activations.h"
#include "layers/common/epilogue.h"
#include "layers/common/window.h"

namespace halcyon {
namespace {

using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

Value as_value(const Pairs& pairs) {
    Value::Sequence sequence;
    for (const auto& [before, after] : pairs) sequence.push_back(Value(Value::Sequence{Value(before), Value(after)}));
    return sequence;
}

Value as_value(const std::vector<std::int64_t>& numbers) {
    return Value::Sequence(numbers.begin(), numbers.end());
}

const ArgumentDef* argument_of(const LayerDef& layer, std::string_view name) {
    for (const ArgumentDef& argument : layer.arguments) {
        if (argument.name == name && !argument.training_only) return &argument;
    }
    return nullptr;
}

/// (3, 3) is said as 3, as it is written.
std::string as_written(const Value& value) {
    const Value::Sequence* elements = value.sequence();
    const bool alike =
        elements != nullptr && !elements->empty() &&
        std::all_of(elements->begin(), elements->end(), [&](const Value& e) { return e == (*elements)[0]; });
    return alike ? as_written((*elements)[0]) : to_text(value);
}

/// The layer with another value of one of its arguments, if it has that argument and the value is one that it takes.
void guess_argument(std::vector<Guess>& guesses, const Evidence& evidence, const std::string& name,
                    const Value& written, const std::string& remark = "") {
    const ArgumentDef* argument = argument_of(*evidence.written.layer, name);
    const Value* current = evidence.written.attributes.find(name);
    if (argument == nullptr || current == nullptr) return;
    std::string why;
    const std::optional<Value> value = argument->type.normalize(written, why);
    if (!value || *value == *current) return;
    guesses.push_back({fmt::format("{}={}{}, not {}", name, as_written(*value), remark, as_written(*current)),
                       [name, value](LayerTrial& trial) { trial.attributes.set(name, *value); }});
}

/// The window's reach along each axis; empty for layers without a window.
std::vector<std::int64_t> reach_of(const Attributes& attributes) {
    for (const char* name : {"kernel_size", "pool_size"}) {
        if (attributes.find(name) == nullptr) continue;
        std::vector<std::int64_t> reach = attributes.integers(name);
        if (attributes.find("dilation_rate") == nullptr) return reach;
        const std::vector<std::int64_t> dilation = attributes.integers("dilation_rate");
        for (std::size_t i = 0; i < reach.size(); ++i) reach[i] = (reach[i] - 1) * dilation[i] + 1;
        return reach;
    }
    return {};
}

std::vector<Guess> padding(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const Attributes& attributes = evidence.written.attributes;
    const std::vector<std::int64_t> reach = reach_of(attributes);
    for (const char* word : {"same", "valid", "causal"}) guess_argument(guesses, evidence, "padding", word);
    if (!reach.empty()) {
        Pairs symmetric;
        for (std::int64_t r : reach) symmetric.emplace_back(r / 2, r / 2);
        guess_argument(guesses, evidence, "padding", as_value(symmetric),
                       " (symmetric, kernel_size // 2, as PyTorch pads)");
    }
    const Value* current = attributes.find("padding");
    if (!reach.empty() && current != nullptr && *current == Value("same")) {
        // The same amount as Keras's rule, the odd one on the other side.
        const Shape& input = evidence.written.inputs[0].shape();
        const bool first =
            attributes.find("data_format") != nullptr && attributes["data_format"] == Value("channels_first");
        const Shape spatial(input.begin() + (first ? 1 : 0), input.end() - (first ? 0 : 1));
        const char* size = attributes.find("kernel_size") != nullptr ? "kernel_size" : "pool_size";
        if (spatial.size() == reach.size()) {
            const Window window = sliding_window(attributes, size, spatial).window;
            Pairs other;
            for (std::size_t i = 0; i < reach.size(); ++i)
                other.emplace_back(window.pad_after[i], window.pad_before[i]);
            guess_argument(guesses, evidence, "padding", as_value(other), " (the odd one before, not behind)");
        }
    }
    for (int n : {1, 2, 3, 4}) guess_argument(guesses, evidence, "padding", n);
    if (const Value::Sequence* pairs = current != nullptr ? current->sequence() : nullptr) {
        Pairs turned;
        for (const Value& pair : *pairs) {
            if (const Value::Sequence* two = pair.sequence(); two != nullptr && two->size() == 2)
                turned.emplace_back(*(*two)[1].integer(), *(*two)[0].integer());
        }
        guess_argument(guesses, evidence, "padding", as_value(turned), " (before and behind exchanged)");
        std::reverse(turned.begin(), turned.end());
        guess_argument(guesses, evidence, "padding", as_value(turned));
    }
    for (const Pairs& pairs : {Pairs{{0, 1}, {0, 1}}, Pairs{{1, 0}, {1, 0}}})
        guess_argument(guesses, evidence, "padding", as_value(pairs));
    return guesses;
}

/// Steps and sizes: small numbers, or the same for other axes.
std::vector<Guess> steps(const Evidence& evidence) {
    std::vector<Guess> guesses;
    for (const char* name : {"strides", "dilation_rate", "pool_size", "size", "output_padding", "cropping"}) {
        const Value* current = evidence.written.attributes.find(name);
        if (current == nullptr) continue;
        if (const Value::Sequence* elements = current->sequence())
            guess_argument(guesses, evidence, name, Value::Sequence(elements->rbegin(), elements->rend()));
        guess_argument(guesses, evidence, name, Value());
        for (int n : {1, 2, 3, 4, 5, 7, 0}) guess_argument(guesses, evidence, name, n);
    }
    return guesses;
}

/// Window and stride of a pool go together.
std::vector<Guess> pool_windows(const Evidence& evidence) {
    std::vector<Guess> guesses;
    if (argument_of(*evidence.written.layer, "pool_size") == nullptr) return guesses;
    for (int size : {2, 3, 4, 5}) {
        for (int stride : {1, 2, 3}) {
            std::vector<Guess> sizes, strides;
            guess_argument(sizes, evidence, "pool_size", size);
            guess_argument(strides, evidence, "strides", stride);
            if (sizes.empty() || strides.empty()) continue;
            guesses.push_back({fmt::format("{}, and {}", sizes[0].cause, strides[0].cause),
                               [one = sizes[0].change, two = strides[0].change](LayerTrial& trial) {
                                   one(trial);
                                   two(trial);
                               }});
        }
    }
    return guesses;
}

/// The value of a number that comes nearest to what was expected: by steps over its range, then between the best three.
double nearest_value(const Evidence& evidence, const std::string& name, double low, double high, bool logarithmic) {
    constexpr int grid = 24, refinements = 40;
    const auto value_at = [&](double t) {
        return logarithmic ? low * std::pow(high / low, t) : low + (high - low) * t;
    };
    LayerTrial trial = evidence.written;
    const auto error_at = [&](double t) {
        trial.attributes.set(name, value_at(t));
        return evidence.error(trial);
    };
    double best = 0.0, least = std::numeric_limits<double>::infinity();
    for (int i = 0; i <= grid; ++i) {
        const double t = static_cast<double>(i) / grid;
        if (const double error = error_at(t); error < least) {
            least = error;
            best = t;
        }
    }
    double left = std::max(0.0, best - 1.0 / grid), right = std::min(1.0, best + 1.0 / grid);
    for (int i = 0; i < refinements; ++i) {
        const double third = (right - left) / 3.0;
        if (error_at(left + third) < error_at(right - third)) {
            right -= third;
        } else {
            left += third;
        }
    }
    return value_at((left + right) / 2.0);
}

/// Numbers that are usual, then the one that fits best.
struct NumberArgument {
    const char* name;
    std::vector<double> usual;
    double low, high;
    bool logarithmic;
};

std::vector<Guess> numbers_of_layers(const Evidence& evidence) {
    const NumberArgument arguments[] = {
        {"epsilon", {1e-3, 1e-5, 1e-6, 1e-7, 1e-4, 1e-8, 1e-12, 0.0}, 1e-9, 10.0, true},
        {"negative_slope", {0.0, 0.01, 0.1, 0.2, 0.3}, 0.0, 1.0, false},
        {"alpha", {0.01, 0.1, 0.2, 0.3, 1.0}, 0.0, 2.0, false},
        {"max_value", {6.0, 1.0}, 0.1, 20.0, false},
        {"threshold", {0.0, 1.0}, 0.0, 2.0, false},
    };
    std::vector<Guess> guesses;
    for (const NumberArgument& argument : arguments) {
        const Value* current = evidence.written.attributes.find(argument.name);
        if (current == nullptr) continue;
        guess_argument(guesses, evidence, argument.name, Value());
        for (double value : argument.usual) guess_argument(guesses, evidence, argument.name, value);
        if (!current->real()) continue;
        const double fitting =
            nearest_value(evidence, argument.name, argument.low, argument.high, argument.logarithmic);
        guesses.push_back(
            {fmt::format("{}={:.3g}, not {}", argument.name, fitting, to_text(*current)),
             [name = std::string(argument.name), fitting](LayerTrial& trial) { trial.attributes.set(name, fitting); }});
    }
    return guesses;
}

/// Everything that is yes or no, and choices between a few words or axes.
std::vector<Guess> choices(const Evidence& evidence) {
    std::vector<Guess> guesses;
    for (const auto& [name, value] : evidence.written.attributes.all()) {
        if (const bool* boolean = value.boolean()) guess_argument(guesses, evidence, name, !*boolean);
    }
    for (const char* format : {"channels_first", "channels_last"})
        guess_argument(guesses, evidence, "data_format", format);
    for (const char* way : {"nearest", "bilinear", "bicubic"}) guess_argument(guesses, evidence, "interpolation", way);
    for (int axis : {-1, 1, 2, 3, -2}) guess_argument(guesses, evidence, "axis", axis);
    for (int groups : {1, 2, 4, 8, 16, 32, -1}) guess_argument(guesses, evidence, "groups", groups);
    return guesses;
}

/// Permute's axes in another order.
std::vector<Guess> permutations(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const Value* dims = evidence.written.attributes.find("dims");
    if (dims == nullptr || dims->sequence() == nullptr || dims->sequence()->size() > 4) return guesses;
    std::vector<std::int64_t> order;
    for (std::size_t i = 1; i <= dims->sequence()->size(); ++i) order.push_back(static_cast<std::int64_t>(i));
    do guess_argument(guesses, evidence, "dims", as_value(order));
    while (std::next_permutation(order.begin(), order.end()));
    return guesses;
}

struct NamedActivation {
    std::string name;
    std::function<Array(const Array&)> apply;
};

Array applied(const ScalarExpr& expr, const Array& array) {
    return apply_scalar(expr, std::span(&array, 1), {}, array.shape());
}

std::vector<NamedActivation> all_activations() {
    std::vector<NamedActivation> all;
    for (std::string_view name : activation_names()) {
        if (canonical_activation(name) != name) continue;
        if (name == "softmax") {
            all.push_back({"softmax", [](const Array& x) {
                               return x.shape().empty() ? x : softmax_over(x, static_cast<int>(x.shape().size()) - 1);
                           }});
            continue;
        }
        all.push_back(
            {std::string(name), [expr = *scalar_activation(name)](const Array& x) { return applied(expr, x); }});
    }
    const ScalarExpr x = ScalarExpr::input(0);
    const auto add = [&](std::string name, const ScalarExpr& expr) {
        all.push_back({std::move(name), [expr](const Array& array) { return applied(expr, array); }});
    };
    for (double slope : {0.01, 0.1, 0.3}) {
        add(fmt::format("leaky_relu with the slope {}", slope), activations::leaky_relu(x, slope));
    }
    add("gelu by tanh (approximate=True)", activations::gelu(x, true));
    add("relu with the upper bound 1", activations::relu(x, 1.0, 0.0, 0.0));
    return all;
}

/// Another activation, or one where there is none: of a layer that has the argument, or behind any other.
std::vector<Guess> activation(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const Value* current = evidence.written.attributes.find("activation");
    const bool only_activation = evidence.written.weights.empty() && evidence.written.inputs.size() == 1;
    for (const NamedActivation& each : all_activations()) {
        const auto after = [apply = each.apply, elementwise = each.name != "softmax"](LayerTrial& trial) {
            trial.after = apply;
            trial.after_is_elementwise = elementwise;
        };
        if (current != nullptr) {
            if (*current == Value(each.name)) continue;
            const std::string cause = each.name == "linear"
                                          ? fmt::format("no activation, not {}", to_text(*current))
                                          : fmt::format("the activation {}, not {}", each.name, to_text(*current));
            guesses.push_back({cause, [after](LayerTrial& trial) {
                                   trial.attributes.set("activation", "linear");
                                   after(trial);
                               }});
            continue;
        }
        if (each.name == "linear") continue;
        if (only_activation) {
            guesses.push_back({fmt::format("{} in its place", each.name), [after](LayerTrial& trial) {
                                   trial.layer = find_layer("Identity");
                                   trial.attributes = {};
                                   after(trial);
                               }});
        }
        guesses.push_back({fmt::format("{} follows it in Keras", each.name), after});
    }
    return guesses;
}

/// Rows and columns of padding round an average pool's input that count as zeros, as PyTorch's do by default.
std::vector<Guess> counted_padding(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const Attributes& attributes = evidence.written.attributes;
    const Shape& shape = evidence.written.inputs[0].shape();
    if (!evidence.written.layer->name.starts_with("AveragePooling")) return guesses;
    const std::size_t rank = attributes.integers("pool_size").size();
    const std::size_t begin = attributes["data_format"] == Value("channels_first") ? 1 : 0;
    if (shape.size() != rank + 1) return guesses;
    const Window window = sliding_window(attributes, "pool_size",
                                         Shape(shape.begin() + static_cast<std::ptrdiff_t>(begin),
                                               shape.begin() + static_cast<std::ptrdiff_t>(begin + rank)))
                              .window;
    guesses.push_back({"the mean should count the padding as zeros, as PyTorch's count_include_pad does",
                       [window, begin](LayerTrial& trial) {
                           Shape larger = trial.inputs[0].shape();
                           for (std::size_t i = 0; i < window.size.size(); ++i)
                               larger[begin + i] += window.pad_before[i] + window.pad_after[i];
                           Array padded(larger);
                           const std::vector<std::int64_t> steps = padded.strides();
                           std::int64_t from = 0;
                           for_each_index(trial.inputs[0].shape(), [&](const std::vector<std::int64_t>& index) {
                               std::int64_t to = 0;
                               for (std::size_t axis = 0; axis < index.size(); ++axis) {
                                   const bool spatial = axis >= begin && axis < begin + window.size.size();
                                   to += (index[axis] + (spatial ? window.pad_before[axis - begin] : 0)) * steps[axis];
                               }
                               padded[to] = trial.inputs[0][from++];
                           });
                           trial.inputs[0] = std::move(padded);
                           trial.attributes.set("padding", "valid");
                       }});
    return guesses;
}

constexpr Hypothesis hypotheses[] = {
    {"padding", padding},           {"steps and sizes", steps},           {"pool window", pool_windows},
    {"activation", activation},     {"counted padding", counted_padding}, {"choices", choices},
    {"numbers", numbers_of_layers}, {"permutation", permutations},
};

}  // namespace

std::span<const Hypothesis> argument_hypotheses() {
    return hypotheses;
}

}  // namespace halcyon
