// How the picture, or whatever the model reads, was prepared for Keras.

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "commands/common/array_tools.h"
#include "commands/common/hypothesis.h"

namespace halcyon {
namespace {

using Change = std::function<std::optional<Array>(const Array&)>;

/// One guess that changes every input that is a door; nothing where the change does not apply to any.
void guess_doors(std::vector<Guess>& guesses, const Evidence& evidence, std::string cause, const Change& change) {
    bool any = false;
    for (std::size_t i = 0; i < evidence.written.inputs.size(); ++i)
        any |= evidence.input_is_door[i] && change(evidence.written.inputs[i]).has_value();
    if (!any) return;
    guesses.push_back({std::move(cause), [doors = evidence.input_is_door, change](LayerTrial& trial) {
                           for (std::size_t i = 0; i < trial.inputs.size(); ++i) {
                               if (!doors[i]) continue;
                               if (auto changed = change(trial.inputs[i])) trial.inputs[i] = std::move(*changed);
                           }
                       }});
}

/// The axis of a picture's three channels.
std::optional<std::size_t> colour_axis(const Shape& shape) {
    if (shape.size() != 3) return std::nullopt;
    if (shape[2] == 3) return 2;
    if (shape[0] == 3) return 0;
    return std::nullopt;
}

std::optional<Array> with_channels_reversed(const Array& input) {
    const auto axis = colour_axis(input.shape());
    if (!axis) return std::nullopt;
    return reversed(input, *axis);
}

std::vector<Guess> channel_order(const Evidence& evidence) {
    std::vector<Guess> guesses;
    guess_doors(guesses, evidence, "the input's channels should be in the opposite order (RGB, BGR)",
                with_channels_reversed);
    return guesses;
}

struct Scaling {
    const char* how;
    double factor, offset;
};

constexpr Scaling scalings[] = {
    {"divided by 255: Rescaling(1 / 255)", 1.0 / 255, 0.0},
    {"multiplied by 255: it was divided by 255 already", 255.0, 0.0},
    {"brought from 0..255 to -1..1: Rescaling(1 / 127.5, -1)", 1.0 / 127.5, -1.0},
    {"brought from 0..1 to -1..1: Rescaling(2, -1)", 2.0, -1.0},
    {"brought from -1..1 to 0..255: it was scaled already", 127.5, 127.5},
    {"brought from -1..1 to 0..1: it was scaled already", 0.5, 0.5},
    {"divided by 256: Rescaling(1 / 256)", 1.0 / 256, 0.0},
    {"brought from 0..255 to -1..1: Rescaling(1 / 128, -1)", 1.0 / 128, -1.0},
    {"lowered by 127.5: Rescaling(1, -127.5)", 1.0, -127.5},
    {"lowered by 128: Rescaling(1, -128)", 1.0, -128.0},
    {"lowered by 0.5: Rescaling(1, -0.5)", 1.0, -0.5},
    {"inverted: 255 - x", -1.0, 255.0},
    {"inverted: 1 - x", -1.0, 1.0},
};

std::vector<Guess> scaling(const Evidence& evidence) {
    std::vector<Guess> guesses;
    for (const Scaling& scaling : scalings) {
        const auto scale = [&scaling](const Array& input) { return scaled(input, scaling.factor, scaling.offset); };
        guess_doors(guesses, evidence, fmt::format("the input should be {}", scaling.how), scale);
        guess_doors(
            guesses, evidence,
            fmt::format("the input should be {}, with its channels in the opposite order (RGB, BGR)", scaling.how),
            [scale](const Array& input) -> std::optional<Array> {
                const auto other = with_channels_reversed(input);
                if (!other) return std::nullopt;
                return scale(*other);
            });
    }
    return guesses;
}

/// (x * factor - mean) / deviation, channel by channel.
struct ImageNet {
    const char* how;
    bool reversed;
    double factor;
    double mean[3], deviation[3];
};

constexpr ImageNet imagenet[] = {
    {"as preprocess_input makes it for VGG and ResNet: BGR, less the mean of ImageNet",
     true,
     1.0,
     {103.939, 116.779, 123.68},
     {1.0, 1.0, 1.0}},
    {"lowered by the mean of ImageNet, in RGB", false, 1.0, {123.68, 116.779, 103.939}, {1.0, 1.0, 1.0}},
    {"lowered by the mean of ImageNet, in BGR", false, 1.0, {103.939, 116.779, 123.68}, {1.0, 1.0, 1.0}},
    {"as PyTorch's models take it: divided by 255, less ImageNet's mean, by its deviation",
     false,
     1.0 / 255,
     {0.485, 0.456, 0.406},
     {0.229, 0.224, 0.225}},
    {"as PyTorch's models take it: less ImageNet's mean, by its deviation",
     false,
     1.0,
     {0.485, 0.456, 0.406},
     {0.229, 0.224, 0.225}},
};

std::vector<Guess> means(const Evidence& evidence) {
    std::vector<Guess> guesses;
    for (const ImageNet& mode : imagenet) {
        guess_doors(guesses, evidence, fmt::format("the input should be {}", mode.how),
                    [&mode](const Array& input) -> std::optional<Array> {
                        const auto axis = colour_axis(input.shape());
                        if (!axis) return std::nullopt;
                        Array result = mode.reversed ? reversed(input, *axis) : input;
                        const std::int64_t step = input.strides()[*axis];
                        for (std::int64_t i = 0; i < result.size(); ++i) {
                            const std::int64_t channel = i / step % 3;
                            result[i] = (result[i] * mode.factor - mode.mean[channel]) / mode.deviation[channel];
                        }
                        return result;
                    });
    }
    guess_doors(guesses, evidence, "the input should be standardized: less its own mean, by its own deviation",
                [](const Array& input) -> std::optional<Array> {
                    const auto values = input.values();
                    const auto count = static_cast<double>(values.size());
                    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
                    double squares = 0.0;
                    for (double value : values) squares += (value - mean) * (value - mean);
                    if (!(squares > 0.0)) return std::nullopt;
                    const double deviation = std::sqrt(squares / count);
                    return scaled(input, 1.0 / deviation, -mean / deviation);
                });
    return guesses;
}

/// Pictures are arrays of three axes, or of two.
std::vector<Guess> orientation(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const auto guess = [&](const char* how, auto change) {
        guess_doors(guesses, evidence, fmt::format("the input {}", how), [change](const Array& input) {
            const std::size_t rank = input.shape().size();
            return rank < 2 || rank > 3 ? std::optional<Array>() : std::optional<Array>(change(input));
        });
    };
    guess("is transposed: height and width should be exchanged", [](const Array& input) {
        return input.shape().size() == 2 ? input.transposed({1, 0}) : input.transposed({1, 0, 2});
    });
    guess("is upside down", [](const Array& input) { return reversed(input, 0); });
    guess("is mirrored: left and right should be exchanged", [](const Array& input) { return reversed(input, 1); });
    return guesses;
}

/// Of a picture with its channels last, and of one with its channels first.
std::vector<Guess> axes_order(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const auto guess = [&](const char* order, bool last, const std::vector<int>& stored) {
        guess_doors(guesses, evidence, fmt::format("the input's numbers are in the order {}", order),
                    [stored, last](const Array& input) -> std::optional<Array> {
                        const Shape& shape = input.shape();
                        if (shape.size() != 3 || (last ? shape[2] > shape[0] : shape[0] > shape[2]))
                            return std::nullopt;
                        return read_as_stored(input, stored);
                    });
    };
    guess("channels, height, width (channels_first)", true, {2, 0, 1});
    guess("height, width, channels (channels_last)", false, {1, 2, 0});
    return guesses;
}

std::vector<Guess> exchanged_doors(const Evidence& evidence) {
    std::vector<Guess> guesses;
    const std::vector<NodeId>& doors = evidence.graph.inputs;
    const Node& node = evidence.graph.nodes[static_cast<std::size_t>(evidence.node)];
    for (std::size_t i = 0; i < evidence.written.inputs.size(); ++i) {
        if (!evidence.input_is_door[i]) continue;
        for (const NamedArray& other : evidence.activations) {
            const bool is_door = std::any_of(doors.begin(), doors.end(), [&](NodeId door) {
                return evidence.graph.nodes[static_cast<std::size_t>(door)].name == other.name;
            });
            const NodeId door = node.inputs.empty() ? evidence.node : node.inputs[i];
            const std::string& name = evidence.graph.nodes[static_cast<std::size_t>(door)].name;
            if (!is_door || other.name == name || other.shape != evidence.written.inputs[i].shape()) continue;
            guesses.push_back({fmt::format("the input '{}' should be what was given as '{}'", name, other.name),
                               [i, load = other.load](LayerTrial& trial) { trial.inputs[i] = load(); }});
        }
    }
    return guesses;
}

constexpr Hypothesis hypotheses[] = {
    {"channel order", channel_order}, {"scale", scaling},         {"mean", means},
    {"orientation", orientation},     {"axes order", axes_order}, {"exchanged inputs", exchanged_doors},
};

}  // namespace

std::span<const Hypothesis> input_hypotheses() {
    return hypotheses;
}

}  // namespace halcyon
