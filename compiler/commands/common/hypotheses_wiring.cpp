// What the layer is connected to, and what can be said of its numbers where nothing else explains them.

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "commands/common/array_tools.h"
#include "commands/common/hypothesis.h"
#include "graph/apply_scalar.h"

namespace halcyon {
namespace {

/// An Identity of one of its inputs.
void become_input(LayerTrial& trial, std::size_t index) {
    Array input = std::move(trial.inputs[index]);
    trial.inputs.clear();
    trial.inputs.push_back(std::move(input));
    trial.weights.clear();
    trial.attributes = {};
    trial.layer = find_layer("Identity");
}

std::vector<Guess> without_layer(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const std::size_t count = evidence.written.inputs.size();
    for (std::size_t i = 0; i < count; ++i) {
        const std::string which = count > 1 ? fmt::format("input {}", i + 1) : "its input";
        guesses.push_back({fmt::format("Keras does nothing here: {} comes out as it is", which),
                           [i](LayerTrial& trial) { become_input(trial, i); }});
    }
    return guesses;
}

/// A layer of which nothing was expected may be one that Keras does not have.
std::vector<Guess> superfluous_layer(const Evidence& evidence) {
    return evidence.expected == nullptr ? without_layer(evidence) : std::vector<Guess>();
}

std::vector<Guess> inputs_from(const Evidence& evidence, bool in_spec, const char* remark) {
    std::vector<Guess> guesses;
    const std::vector<NodeId>& inputs = evidence.graph.nodes[static_cast<std::size_t>(evidence.node)].inputs;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const std::string& name = evidence.graph.nodes[static_cast<std::size_t>(inputs[i])].name;
        for (const NamedArray& other : evidence.activations) {
            if (other.in_spec != in_spec || other.name == name || other.shape.empty()) continue;
            guesses.push_back({fmt::format("its input should be '{}'{}, not '{}'", other.name, remark, name),
                               [i, load = other.load](LayerTrial& trial) { trial.inputs[i] = load(); }});
        }
    }
    return guesses;
}

std::vector<Guess> missing_layer(const Evidence& evidence) {
    return inputs_from(evidence, false, ", a layer that the spec lacks");
}

std::vector<Guess> other_inputs(const Evidence& evidence) {
    return inputs_from(evidence, true, "");
}

std::vector<Guess> input_order(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const std::size_t count = evidence.written.inputs.size();
    if (count < 2 || count > 4) return guesses;
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    while (std::next_permutation(order.begin(), order.end())) {
        std::string text;
        for (std::size_t i : order) text += fmt::format("{}{}", text.empty() ? "" : ", ", i + 1);
        guesses.push_back({fmt::format("its inputs should come in the order {}", text), [order](LayerTrial& trial) {
                               std::vector<Array> inputs;
                               for (std::size_t i : order) inputs.push_back(trial.inputs[i]);
                               trial.inputs = std::move(inputs);
                           }});
    }
    return guesses;
}

std::vector<Guess> missing_addition(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const Shape& shape = evidence.graph.nodes[static_cast<std::size_t>(evidence.node)].type.shape;
    for (const NamedArray& other : evidence.activations) {
        if (other.shape != shape) continue;
        guesses.push_back(
            {fmt::format("'{}' is added to it in Keras", other.name), [load = other.load](LayerTrial& trial) {
                 trial.after = [addend = load()](const Array& result) {
                     if (result.shape() != addend.shape()) return result;
                     const Array both[] = {result, addend};
                     return apply_scalar(ScalarExpr::input(0) + ScalarExpr::input(1), both, {}, result.shape());
                 };
             }});
    }
    return guesses;
}

/// Another class that takes the same arguments.
void guess_class(std::vector<Guess>& guesses, const Evidence& evidence, const std::string& name) {
    const LayerDef* layer = find_layer(name);
    if (layer == nullptr || layer == evidence.written.layer) return;
    guesses.push_back({fmt::format("{}, not {}", name, evidence.written.layer->name),
                       [layer](LayerTrial& trial) { trial.layer = layer; }});
}

std::vector<Guess> other_class(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const std::string name(evidence.written.layer->name);
    for (const auto& [one, other] : {std::pair{"Max", "Average"}, std::pair{"Average", "Max"}}) {
        const std::size_t at = name.find(one);
        if (at != std::string::npos && name.find("Pooling") != std::string::npos)
            guess_class(guesses, evidence, std::string(name).replace(at, std::string_view(one).size(), other));
    }
    if (evidence.written.inputs.size() < 2 || !evidence.written.layer->is_elementwise()) return guesses;
    for (const LayerDef* layer : layer_table()) {
        if (layer->is_elementwise() && layer->max_inputs > 1 && layer->arguments.empty())
            guess_class(guesses, evidence, std::string(layer->name));
    }
    return guesses;
}

/// Dropout that was at work: what it keeps is larger.
std::vector<Guess> dropout_at_work(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const Value* rate = evidence.written.attributes.find("rate");
    if (evidence.expected == nullptr || rate == nullptr || !rate->real() || !(*rate->real() < 1.0)) return guesses;
    guesses.push_back({"it was at work in Keras, as in training: call the model with training=False",
                       [kept = 1.0 - *rate->real(), expected = evidence.expected](LayerTrial& trial) {
                           trial.after = [kept, expected](Array result) {
                               if (result.shape() != expected->shape()) return result;
                               for (std::int64_t i = 0; i < result.size(); ++i)
                                   result[i] = (*expected)[i] == 0.0 ? 0.0 : result[i] / kept;
                               return result;
                           };
                       }});
    return guesses;
}

/// Mean and variance of each channel, the last axis, over all items.
std::pair<Array, Array> statistics(const std::vector<Array>& items) {
    const std::int64_t channels = items[0].shape().back();
    Array mean({channels}), variance({channels});
    std::int64_t places = 0;
    for (const Array& item : items) {
        for (std::int64_t i = 0; i < item.size(); ++i) mean[i % channels] += item[i];
        places += item.size() / channels;
    }
    const auto count = static_cast<double>(places);
    for (double& value : mean.values()) value /= count;
    for (const Array& item : items) {
        for (std::int64_t i = 0; i < item.size(); ++i) {
            const double distance = item[i] - mean[i % channels];
            variance[i % channels] += distance * distance / count;
        }
    }
    return {mean, variance};
}

/// A batch normalization that was at work uses the batch's own statistics.
std::vector<Guess> statistics_of_batch(const Evidence& evidence) {
    const std::size_t weights = evidence.written.weights.size();
    if (evidence.written.attributes.find("momentum") == nullptr || weights < 2) return {};
    const std::vector<Array> items = evidence.input_items(0);
    if (items.empty() || items[0].size() == 0 || items[0].shape().empty() ||
        items[0].shape().back() != evidence.written.weights.back().size())
        return {};
    return {{"its statistics are those of the batch, as in training: call the model with training=False",
             [weights, both = statistics(items)](LayerTrial& trial) {
                 trial.weights[weights - 2] = both.first;
                 trial.weights[weights - 1] = both.second;
             }}};
}

/// The numbers a and b with which a * x + b comes nearest to y, by least squares.
struct Line {
    double a = 0.0, b = 0.0;
};

template <typename Select>
std::optional<Line> fitted_line(const Array& x, const Array& y, const Select& select) {
    double n = 0.0, sum_x = 0.0, sum_y = 0.0;
    for (std::int64_t i = 0; i < x.size(); ++i) {
        if (!select(i)) continue;
        if (!std::isfinite(x[i]) || !std::isfinite(y[i])) return std::nullopt;
        n += 1.0;
        sum_x += x[i];
        sum_y += y[i];
    }
    double xx = 0.0, xy = 0.0;
    for (std::int64_t i = 0; i < x.size(); ++i) {
        if (!select(i)) continue;
        xx += (x[i] - sum_x / n) * (x[i] - sum_x / n);
        xy += (x[i] - sum_x / n) * (y[i] - sum_y / n);
    }
    // Two numbers are always fitted by two.
    if (n < 8.0 || !(xx > 0.0)) return std::nullopt;
    return Line{xy / xx, sum_y / n - xy / xx * sum_x / n};
}

/// "1 / 255" of 0.00392157; else six digits.
std::string number_text(double value) {
    const double inverse = std::round(1.0 / value * 2.0) / 2.0;
    if (std::abs(value) < 0.6 && std::isfinite(inverse) && std::abs(value * inverse - 1.0) < 1e-5)
        return fmt::format("1 / {}", inverse);
    return fmt::format("{:.6g}", value);
}

std::string line_text(const Line& line, double magnitude) {
    if (std::abs(line.b) < 1e-6 * magnitude) return number_text(line.a) + " * x";
    return fmt::format("{} * x {} {:.6g}", number_text(line.a), line.b < 0.0 ? '-' : '+', std::abs(line.b));
}

double magnitude_of(const Array& array) {
    double magnitude = 0.0;
    for (double value : array.values()) magnitude = std::max(magnitude, std::abs(value));
    return magnitude;
}

/// Rescaling by other numbers than those that are written.
std::vector<Guess> other_rescaling(const Evidence& evidence) {
    if (evidence.expected == nullptr || evidence.written.layer->name != "Rescaling" ||
        evidence.written.inputs[0].shape() != evidence.expected->shape())
        return {};
    const auto line = fitted_line(evidence.written.inputs[0], *evidence.expected, [](std::int64_t) { return true; });
    if (!line) return {};
    const double offset = std::abs(line->b) < 1e-6 * magnitude_of(*evidence.expected) ? 0.0 : line->b;
    return {{fmt::format("scale={}, offset={:.6g}", number_text(line->a), offset), [line](LayerTrial& trial) {
                 trial.attributes.set("scale", line->a);
                 trial.attributes.set("offset", line->b);
             }}};
}

std::vector<Guess> one_line(const Evidence& evidence) {
    const auto result = evidence.expected != nullptr ? result_of(evidence.written) : std::nullopt;
    if (!result || result->shape() != evidence.expected->shape()) return {};
    const auto line = fitted_line(*result, *evidence.expected, [](std::int64_t) { return true; });
    if (!line) return {};
    return {{fmt::format("Keras has {}, where x is what this layer gives",
                         line_text(*line, magnitude_of(*evidence.expected))),
             [line](LayerTrial& trial) {
                 trial.after = [line](const Array& array) { return scaled(array, line->a, line->b); };
             }}};
}

std::vector<Guess> line_per_channel(const Evidence& evidence) {
    const auto result = evidence.expected != nullptr ? result_of(evidence.written) : std::nullopt;
    if (!result || result->shape() != evidence.expected->shape() || result->shape().size() < 2) return {};
    const std::int64_t channels = result->shape().back();
    std::vector<Line> lines;
    for (std::int64_t channel = 0; channel < channels; ++channel) {
        const auto line =
            fitted_line(*result, *evidence.expected, [&](std::int64_t i) { return i % channels == channel; });
        if (!line) return {};
        lines.push_back(*line);
    }
    return {{"every channel is multiplied by a number and has one added: another bias, or other statistics of a "
             "normalization",
             [lines](LayerTrial& trial) {
                 trial.after = [lines](Array array) {
                     for (std::int64_t i = 0; i < array.size(); ++i) {
                         const Line& line = lines[static_cast<std::size_t>(i) % lines.size()];
                         array[i] = line.a * array[i] + line.b;
                     }
                     return array;
                 };
             }}};
}

constexpr Hypothesis structures[] = {
    {"missing layer", missing_layer},
    {"superfluous layer", superfluous_layer},
};

constexpr Hypothesis wirings[] = {
    {"layer without effect", without_layer},
    {"other input", other_inputs},
    {"order of inputs", input_order},
    {"missing addition", missing_addition},
    {"other class", other_class},
    {"training", dropout_at_work},
    {"training of a normalization", statistics_of_batch},
};

constexpr Hypothesis fits[] = {
    {"other rescaling", other_rescaling},
    {"one line", one_line},
    {"a line for each channel", line_per_channel},
};

}  // namespace

std::span<const Hypothesis> structure_hypotheses() {
    return structures;
}

std::span<const Hypothesis> wiring_hypotheses() {
    return wirings;
}

std::span<const Hypothesis> fit_hypotheses() {
    return fits;
}

}  // namespace halcyon
