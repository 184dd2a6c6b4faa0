// The layer's numbers: in another order, another layer's, or meaning something else.

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "commands/common/array_tools.h"
#include "commands/common/hypothesis.h"

namespace halcyon {
namespace {

const Node& node_of(const Evidence& evidence) {
    return evidence.graph.nodes[static_cast<std::size_t>(evidence.node)];
}

/// "kernel" of "conv2d_1/kernel".
std::string_view short_name(std::string_view name) {
    return name.substr(name.rfind('/') + 1);
}

bool is_kernel(std::string_view name) {
    return short_name(name).ends_with("kernel");
}

void guess_weight(std::vector<Guess>& guesses, std::size_t index, std::string cause,
                  std::function<Array(const Array&)> change) {
    guesses.push_back({std::move(cause), [index, change = std::move(change)](LayerTrial& trial) {
                           trial.weights[index] = change(trial.weights[index]);
                       }});
}

/// How other programs call the axes of a kernel: filters, channels, height, width.
std::vector<std::string> axis_names(std::size_t rank) {
    switch (rank) {
    case 2: return {"inputs", "outputs"};
    case 3: return {"window", "channels", "filters"};
    case 4: return {"height", "width", "channels", "filters"};
    default: return {};
    }
}

/// The orders that other programs have; the first that fits is named first.
std::vector<std::pair<std::vector<int>, const char*>> known_orders(std::size_t rank) {
    switch (rank) {
    case 2: return {{{1, 0}, "PyTorch's"}};
    case 3: return {{{2, 1, 0}, "PyTorch's"}};
    case 4: return {{{3, 2, 0, 1}, "PyTorch's"}, {{3, 0, 1, 2}, "TensorFlow Lite's"}};
    default: return {};
    }
}

std::string names_of_axes(const std::vector<std::string>& names, const std::vector<int>& order) {
    std::string text;
    for (int axis : order) text += (text.empty() ? "" : ", ") + names[static_cast<std::size_t>(axis)];
    return text;
}

std::vector<Guess> kernel_order(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const std::vector<Weight>& weights = node_of(evidence).weights;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t rank = weights[i].shape.size();
        const std::vector<std::string> names = axis_names(rank);
        if (!is_kernel(weights[i].name) || names.empty()) continue;
        std::vector<int> order(rank);
        std::iota(order.begin(), order.end(), 0);
        const std::string usual = names_of_axes(names, order);
        const auto guess = [&](const std::vector<int>& stored, const std::string& whose) {
            guess_weight(guesses, i,
                         fmt::format("the numbers of {} are in the order ({}){}, not in Keras's ({})", weights[i].name,
                                     names_of_axes(names, stored), whose, usual),
                         [stored](const Array& kernel) { return read_as_stored(kernel, stored); });
        };
        for (const auto& [stored, whose] : known_orders(rank)) guess(stored, fmt::format(", {}", whose));
        if (rank > 2) {
            guess_weight(guesses, i,
                         fmt::format("{} is turned by 180 degrees: it is a true convolution's, not a correlation's",
                                     weights[i].name),
                         [rank](Array kernel) {
                             for (std::size_t axis = 0; axis + 2 < rank; ++axis) kernel = reversed(kernel, axis);
                             return kernel;
                         });
        }
        while (std::next_permutation(order.begin(), order.end())) guess(order, "");
        for (std::size_t axis = 0; axis < rank; ++axis) {
            guess_weight(guesses, i, fmt::format("{} is backwards along its axis of {}", weights[i].name, names[axis]),
                         [axis](const Array& kernel) { return reversed(kernel, axis); });
        }
        if (rank != 4) continue;
        guess_weight(
            guesses, i,
            fmt::format("{} is in the order (filters, channels, height, width) and turned by 180 degrees",
                        weights[i].name),
            [](const Array& kernel) { return reversed(reversed(read_as_stored(kernel, {3, 2, 0, 1}), 0), 1); });
    }
    return guesses;
}

/// The shape that a Flatten or Reshape before the layer has read; empty where there is none.
Shape shape_before_flatten(const Evidence& evidence) {
    NodeId at = node_of(evidence).inputs.empty() ? -1 : node_of(evidence).inputs[0];
    while (at >= 0) {
        const Node& node = evidence.graph.nodes[static_cast<std::size_t>(at)];
        if (node.inputs.size() != 1) return {};
        const Shape& read = evidence.graph.nodes[static_cast<std::size_t>(node.inputs[0])].type.shape;
        if (node.type.shape.size() != 1) return {};
        if (read.size() > 1) return read;
        at = node.inputs[0];
    }
    return {};
}

/// A dense layer's inputs were numbered by another Flatten than ours.
std::vector<Guess> flatten_order(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const std::vector<Weight>& weights = node_of(evidence).weights;
    const Shape shape = shape_before_flatten(evidence);
    if (shape.size() < 2 || weights.empty() || weights[0].shape.size() != 2 ||
        weights[0].shape[0] != element_count(shape))
        return guesses;
    const auto rank = static_cast<int>(shape.size());
    std::vector<int> first(shape.size()), last(shape.size());
    for (int i = 0; i < rank; ++i) {
        first[static_cast<std::size_t>(i)] = (i + rank - 1) % rank;
        last[static_cast<std::size_t>(i)] = (i + 1) % rank;
    }
    const auto guess = [&](const char* flattened, std::vector<int> stored) {
        Shape split = shape;
        split.push_back(weights[0].shape[1]);
        stored.push_back(rank);
        guess_weight(guesses, 0,
                     fmt::format("the rows of {} are in the order of a Flatten of {}", weights[0].name, flattened),
                     [split, stored](const Array& kernel) {
                         const Shape& whole = kernel.shape();
                         return read_as_stored(kernel.reshaped(split), stored).reshaped(whole);
                     });
    };
    guess("(channels, height, width), as PyTorch's", first);
    guess("(height, width, channels)", last);
    return guesses;
}

/// Flatten and Reshape read their input in another order.
std::vector<Guess> reading_order(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const LayerTrial& written = evidence.written;
    if (!written.weights.empty() || written.inputs.size() != 1 || evidence.expected == nullptr) return guesses;
    const Shape& input = written.inputs[0].shape();
    if (input.size() < 2 || input.size() > 4 || evidence.expected->size() != written.inputs[0].size() ||
        evidence.expected->shape() == input)
        return guesses;
    std::vector<int> order(input.size());
    std::iota(order.begin(), order.end(), 0);
    while (std::next_permutation(order.begin(), order.end())) {
        std::string axes;
        for (int axis : order) axes += fmt::format("{}{}", axes.empty() ? "" : ", ", axis + 1);
        guesses.push_back(
            {fmt::format("it should read its input as if Permute(({})) came before", axes), [order](LayerTrial& trial) {
                 // Its own arguments may not take a permuted shape.
                 const Shape shape = trial.inputs[0].shape();
                 trial.inputs[0] = trial.inputs[0].transposed(order).reshaped(shape);
             }});
    }
    return guesses;
}

std::vector<Guess> bias(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const std::vector<Weight>& weights = node_of(evidence).weights;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::string_view name = short_name(weights[i].name);
        if (name != "bias" && name != "beta") continue;
        guess_weight(guesses, i,
                     fmt::format("no {} is added in Keras ({}=False)", name, name == "bias" ? "use_bias" : "center"),
                     [](const Array& array) { return Array(array.shape()); });
        guess_weight(guesses, i, fmt::format("{} has the opposite sign", weights[i].name),
                     [](const Array& array) { return scaled(array, -1.0, 0.0); });
    }
    return guesses;
}

/// The layer's own tensors under each other's names: gamma and beta, mean and variance.
std::vector<Guess> exchanged_inside(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const std::vector<Weight>& weights = node_of(evidence).weights;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        for (std::size_t j = i + 1; j < weights.size(); ++j) {
            if (weights[i].shape != weights[j].shape) continue;
            guesses.push_back({fmt::format("{} and {} are exchanged", weights[i].name, weights[j].name),
                               [i, j](LayerTrial& trial) { std::swap(trial.weights[i], trial.weights[j]); }});
        }
    }
    return guesses;
}

/// All numbers of another layer of the kind, or one tensor of any other.
std::vector<Guess> exchanged_outside(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const std::vector<Weight>& weights = node_of(evidence).weights;
    std::vector<std::vector<const NamedArray*>> fitting(weights.size());
    for (const NamedArray& other : evidence.other_weights) {
        for (std::size_t i = 0; i < weights.size(); ++i) {
            if (other.shape == weights[i].shape) fitting[i].push_back(&other);
        }
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
        for (const NamedArray* other : fitting[i]) {
            guess_weight(guesses, i,
                         fmt::format("{} should have the numbers that {} has", weights[i].name, other->name),
                         [load = other->load](const Array&) { return load(); });
        }
    }
    for (const NamedArray& other : evidence.other_weights) {
        // Whole layers, found by their first tensor.
        const std::string layer = other.name.substr(0, other.name.rfind('/') + 1);
        if (weights.size() < 2 || short_name(other.name) != short_name(weights[0].name) || layer.empty()) continue;
        std::vector<std::function<Array()>> loads;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const auto found = std::find_if(fitting[i].begin(), fitting[i].end(), [&](const NamedArray* candidate) {
                return candidate->name == layer + std::string(short_name(weights[i].name));
            });
            if (found != fitting[i].end()) loads.push_back((*found)->load);
        }
        if (loads.size() != weights.size()) continue;
        guesses.push_back({fmt::format("its weights should be those of '{}'", layer.substr(0, layer.size() - 1)),
                           [loads](LayerTrial& trial) {
                               for (std::size_t i = 0; i < loads.size(); ++i) trial.weights[i] = loads[i]();
                           }});
    }
    return guesses;
}

/// A variance that is a deviation, or the other way round.
std::vector<Guess> variances(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const auto mapped = [](double (*f)(double)) {
        return [f](Array array) {
            for (double& value : array.values()) value = f(value);
            return array;
        };
    };
    const std::vector<Weight>& weights = node_of(evidence).weights;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (!short_name(weights[i].name).ends_with("variance")) continue;
        const std::string& name = weights[i].name;
        guess_weight(guesses, i, fmt::format("{} holds standard deviations", name),
                     mapped([](double x) { return x * x; }));
        guess_weight(guesses, i, fmt::format("{} should hold standard deviations", name),
                     mapped([](double x) { return std::sqrt(std::max(x, 0.0)); }));
        guess_weight(guesses, i, fmt::format("{} holds reciprocals", name), mapped([](double x) { return 1.0 / x; }));
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (short_name(weights[i].name) != "gamma") continue;
        guess_weight(guesses, i, fmt::format("{} is 1 in Keras (scale=False)", weights[i].name),
                     [](const Array& array) { return Array(array.shape(), 1.0); });
    }
    return guesses;
}

/// Channels dealt out to the groups in turn instead of in blocks.
std::vector<Guess> group_order(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const Attributes& attributes = evidence.written.attributes;
    const Value* groups = attributes.find("groups");
    if (groups == nullptr || groups->integer() == nullptr || *groups->integer() < 2) return guesses;
    const bool first =
        attributes.find("data_format") != nullptr && attributes["data_format"] == Value("channels_first");
    guesses.push_back(
        {"the groups take the channels in turn, not in blocks", [count = *groups->integer(), first](LayerTrial& trial) {
             const Array& input = trial.inputs[0];
             const std::size_t axis = first ? 0 : input.shape().size() - 1;
             const std::int64_t channels = input.shape()[axis];
             if (channels % count != 0) return;
             const std::int64_t step = input.strides()[axis];
             Array turned(input.shape());
             for (std::int64_t i = 0; i < input.size(); ++i) {
                 const std::int64_t c = i / step % channels;
                 const std::int64_t from = c % (channels / count) * count + c / (channels / count);
                 turned[i] = input[i + (from - c) * step];
             }
             trial.inputs[0] = std::move(turned);
         }});
    return guesses;
}

constexpr Hypothesis hypotheses[] = {
    {"kernel order", kernel_order},
    {"flatten order", flatten_order},
    {"reading order", reading_order},
    {"bias", bias},
    {"weights of the layer exchanged", exchanged_inside},
    {"weights of layers exchanged", exchanged_outside},
    {"variances", variances},
    {"groups", group_order},
};

}  // namespace

std::span<const Hypothesis> weight_hypotheses() {
    return hypotheses;
}

}  // namespace halcyon
