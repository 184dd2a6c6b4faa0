// Mistakes as people make them when a network moves from one program to another, each in a network that Keras has computed.

#include <fmt/format.h>

#include "commands/common/array_tools.h"
#include "expectation.h"

using namespace halcyon;

namespace {

struct Mistake {
    const char* what;
    const char* network;
    std::function<void(Expectation&)> make;
    const char* layer;  ///< that must be named
    const char* cause;  ///< must be part of the cause that is named
};

/// The numbers as a file has them whose axes come in that order, read without heeding it.
std::function<void(Expectation&)> stored(const char* weight, std::vector<int> axes) {
    return [=](Expectation& net) {
        Array& array = net.weights.at(weight);
        array = array.transposed(axes).reshaped(array.shape());
    };
}

std::function<void(Expectation&)> exchanged(const char* one, const char* other) {
    return [=](Expectation& net) { std::swap(net.weights.at(one), net.weights.at(other)); };
}

std::function<void(Expectation&)> written(const char* from, const char* to) {
    return [=](Expectation& net) { net.replace(from, to); };
}

const std::vector<Mistake>& mistakes() {
    static const std::vector<Mistake> all = {
        {"kernel in PyTorch's order", "photo", stored("stem/kernel", {3, 2, 0, 1}), "stem",
         "the numbers of stem/kernel are in the order (filters, channels, height, width), PyTorch's"},
        {"channels and filters exchanged", "photo", stored("wide/kernel", {0, 1, 3, 2}), "wide",
         "are in the order (height, width, filters, channels)"},
        {"height and width of a kernel exchanged", "photo", stored("wide/kernel", {1, 0, 2, 3}), "wide",
         "are in the order (width, height, channels, filters)"},
        {"height and width of a depthwise kernel exchanged", "photo", stored("depth/kernel", {1, 0, 2, 3}), "depth",
         "are in the order (width, height, channels, filters)"},
        {"true convolution", "photo",
         [](Expectation& net) {
             Array& kernel = net.weights.at("last/kernel");
             kernel = reversed(reversed(kernel, 0), 1);
         },
         "last", "last/kernel is turned by 180 degrees"},
        {"dense kernel in PyTorch's order", "photo", stored("hidden/kernel", {1, 0}), "hidden",
         "are in the order (outputs, inputs), PyTorch's"},
        {"dense rows in the order of a channels-first Flatten", "photo",
         [](Expectation& net) {
             Array& kernel = net.weights.at("hidden/kernel");
             kernel = kernel.reshaped({4, 4, 8, 16}).transposed({2, 0, 1, 3}).reshaped({128, 16});
         },
         "hidden", "in the order of a Flatten of (channels, height, width)"},
        {"Flatten channels first", "photo", written("Flatten(name", "Flatten(data_format=\"channels_first\", name"),
         "flat", "data_format='channels_last', not 'channels_first'"},
        {"epsilon of PyTorch", "photo",
         written("BatchNormalization(name=\"stem_bn\")", "BatchNormalization(epsilon=1e-5, name=\"stem_bn\")"),
         "stem_bn", "epsilon=0.001, not 1e-05"},
        {"epsilon of a layer normalization", "pair",
         written("LayerNormalization(", "LayerNormalization(epsilon=0.02, "), "norm", "epsilon=0.001, not 0.02"},
        {"gamma and beta exchanged", "photo", exchanged("stem_bn/gamma", "stem_bn/beta"), "stem_bn",
         "stem_bn/gamma and stem_bn/beta are exchanged"},
        {"mean and variance exchanged", "photo", exchanged("depth_bn/moving_mean", "depth_bn/moving_variance"),
         "depth_bn", "depth_bn/moving_mean and depth_bn/moving_variance are exchanged"},
        {"variances given as deviations", "pair",
         [](Expectation& net) {
             for (double& value : net.weights.at("normalize/variance").values()) value = std::sqrt(value);
         },
         "normalize", "normalize/variance holds standard deviations"},
        {"batch normalization missing", "photo", written("BatchNormalization(name=\"depth_bn\")(x)", "x"), "leaky",
         "'depth_bn', a layer that the spec lacks"},
        {"channels of the picture in the opposite order", "photo",
         [](Expectation& net) { net.change_input = [](const Array& image) { return reversed(image, 2); }; }, "image",
         "channels should be in the opposite order"},
        {"picture transposed", "photo",
         [](Expectation& net) { net.change_input = [](const Array& image) { return image.transposed({1, 0, 2}); }; },
         "image", "transposed"},
        {"picture channels first", "photo",
         [](Expectation& net) {
             net.change_input = [](const Array& image) { return image.transposed({2, 0, 1}).reshaped(image.shape()); };
         },
         "image", "in the order channels, height, width"},
        {"picture scaled before", "photo",
         [](Expectation& net) { net.change_input = [](const Array& image) { return scaled(image, 1.0 / 255, 0.0); }; },
         "image", "multiplied by 255"},
        {"scaling missing", "photo", written("Rescaling(1 / 127.5, offset=-1, name=\"scale\")(image)", "image"), "stem",
         "brought from 0..255 to -1..1"},
        {"other scaling", "photo", written("1 / 127.5, offset=-1", "1 / 255"), "scale", "scale=1 / 127.5, offset=-1"},
        {"symmetric padding", "photo",
         written("strides=2, padding=\"same\", use_bias", "strides=2, padding=1, use_bias"), "stem", "padding='same'"},
        {"same instead of valid", "pair", written("groups=2, ", "groups=2, padding=\"same\", "), "grouped",
         "padding='valid', not 'same'"},
        {"same instead of causal", "pair", written("causal", "same"), "past", "padding='causal', not 'same'"},
        {"another stride", "pair", written("groups=2, ", "groups=2, strides=2, "), "grouped", "strides=1, not 2"},
        {"another dilation", "photo", written("dilation_rate=2, ", ""), "wide", "dilation_rate=2, not 1"},
        {"relu instead of relu6", "photo", written("ReLU(6.0, ", "ReLU("), "stem_relu", "relu6"},
        {"another slope", "photo", written("negative_slope=0.1", "negative_slope=0.3"), "leaky",
         "leaky_relu with the slope 0.1"},
        {"another activation", "photo", written("\"gelu\"", "\"relu\""), "wide", "the activation gelu, not 'relu'"},
        {"activation missing", "photo", written("Dense(16, activation=\"tanh\", ", "Dense(16, "), "hidden",
         "the activation tanh, not 'linear'"},
        {"softmax missing", "photo", written("Dense(5, activation=\"softmax\", ", "Dense(5, "), "scores",
         "the activation softmax, not 'linear'"},
        {"bias missing", "photo", [](Expectation& net) { net.weights.at("mix/bias") = Array({8}); }, "mix",
         "another bias"},
        {"bias with the opposite sign", "pair",
         [](Expectation& net) {
             for (double& value : net.weights.at("first/bias").values()) value = -value;
         },
         "first", "first/bias has the opposite sign"},
        {"kernels of equal shape exchanged", "photo", exchanged("wide/kernel", "last/kernel"), "wide",
         "wide/kernel should have the numbers that last/kernel has"},
        {"layers of equal shapes exchanged", "photo",
         [](Expectation& net) {
             for (const char* name : {"/gamma", "/beta", "/moving_mean", "/moving_variance"})
                 std::swap(net.weights.at(std::string("stem_bn") + name),
                           net.weights.at(std::string("depth_bn") + name));
         },
         "stem_bn", "its weights should be those of 'depth_bn'"},
        {"another pool", "photo", written("AveragePooling2D", "MaxPooling2D"), "pool",
         "AveragePooling2D, not MaxPooling2D"},
        {"another global pool", "pair", written("GlobalMaxPooling1D", "GlobalAveragePooling1D"), "peak",
         "GlobalMaxPooling1D, not GlobalAveragePooling1D"},
        {"residual addition missing", "photo", written("Add(name=\"residual\")([x, shortcut])", "x"), "wide",
         "'residual', a layer that the spec lacks"},
        {"another operand of the addition", "photo", written("[x, shortcut]", "[x, x]"), "residual",
         "its input should be 'stem_relu', not 'mix'"},
        {"operands exchanged", "pair", written("Subtract(name=\"gap\")([x, y])", "Subtract(name=\"gap\")([y, x])"),
         "gap", "its inputs should come in the order 2, 1"},
        {"parts exchanged", "pair", written("Concatenate(name=\"both\")([x, y])", "Concatenate(name=\"both\")([y, x])"),
         "both", "its inputs should come in the order 2, 1"},
    };
    return all;
}

}  // namespace

TEST_CASE("of mistakes seeded into two networks the layer is always named, and the cause nearly always") {
    int layers = 0, causes = 0;
    for (const Mistake& mistake : mistakes()) {
        INFO(std::string(mistake.what));
        Expectation net(mistake.network);
        mistake.make(net);
        const auto difference = net.compare();
        CHECK(difference.has_value());
        if (!difference) continue;
        const std::string& layer = net.name_of(difference->layer.node);
        const std::string& cause = difference->explanation.cause;
        CHECK(layer == mistake.layer);
        layers += layer == mistake.layer ? 1 : 0;
        const bool right = cause.find(mistake.cause) != std::string::npos;
        causes += right ? 1 : 0;
        if (!right) MESSAGE(fmt::format("the cause is said to be '{}', not '{}'", cause, mistake.cause));
    }
    const int count = static_cast<int>(mistakes().size());
    MESSAGE(fmt::format("{} mistakes: {} found at their layer, {} with their cause", count, layers, causes));
    CHECK(count >= 20);
    CHECK(layers == count);
    CHECK(causes * 10 >= count * 9);
}
