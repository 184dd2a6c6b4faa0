#include <cmath>

#include "commands/common/array_tools.h"
#include "expectation.h"

using namespace halcyon;

namespace {

std::string named(const Expectation& net, const std::optional<ExpectedComparison::Difference>& difference) {
    return difference ? net.name_of(difference->layer.node) : "none";
}

}  // namespace

TEST_CASE("a network agrees with Keras in every layer and in every item of a batch") {
    for (const char* network : {"photo", "pair"}) {
        Expectation net(network);
        CHECK(named(net, net.compare(1e-5)) == "none");
        CHECK(net.comparison->layers().size() == net.graph().nodes.size());
        CHECK(net.comparison->unknown().empty());
    }
}

TEST_CASE("a batch is compared in all of its items") {
    Expectation net("pair");
    net.comparison.emplace(net.graph(), net.source, net.expected);
    REQUIRE(net.comparison->items() == 2);
    std::vector<Array> inputs = net.inputs(1);
    net.comparison->add_item(0, evaluate(net.graph(), net.source, net.inputs(0)));
    inputs[1] = scaled(inputs[1], 2.0, 0.0);
    net.comparison->add_item(1, evaluate(net.graph(), net.source, inputs));
    const auto difference =
        net.comparison->first_difference(1e-4, [&](std::size_t item) { return item == 0 ? net.inputs(0) : inputs; });
    CHECK(named(net, difference) == "series");
    CHECK(difference->layer.worst_item == 1);
}

TEST_CASE("arrays that are no layer's are listed") {
    Expectation net("photo");
    net.expected.emplace("other", net.expected.at("stem"));
    CHECK(named(net, net.compare()) == "none");
    CHECK(net.comparison->unknown() == std::vector<std::string>{"other"});
}

TEST_CASE("a mistake in a layer of which nothing was expected is found from the next one") {
    Expectation net("photo");
    for (const char* name : {"stem", "stem_bn"}) net.expected.erase(name);
    std::swap(net.weights.at("stem_bn/gamma"), net.weights.at("stem_bn/beta"));
    const auto difference = net.compare();
    CHECK(named(net, difference) == "stem_relu");
    REQUIRE(difference.has_value());
    CHECK(net.name_of(difference->explanation.node) == "stem_bn");
    CHECK(difference->explanation.cause == "stem_bn/gamma and stem_bn/beta are exchanged");
}

TEST_CASE("a layer that the spec has beyond Keras's is found from the next one") {
    Expectation net("photo");
    net.replace("    shortcut = x\n", "    shortcut = x\n    x = ReLU(3.0, name=\"more\")(x)\n");
    const auto difference = net.compare();
    CHECK(named(net, difference) == "depth");
    REQUIRE(difference.has_value());
    CHECK(net.name_of(difference->explanation.node) == "more");
    CHECK(difference->explanation.cause == "Keras does nothing here: its input comes out as it is");
}

TEST_CASE("the activations of other shape than the layer gives are its difference") {
    Expectation net("pair");
    net.replace("groups=2, ", "groups=2, strides=2, ");
    const auto difference = net.compare();
    CHECK(named(net, difference) == "grouped");
    REQUIRE(difference.has_value());
    CHECK(difference->layer.expected_shape == Shape{6, 6, 8});
    // What comes after it cannot be judged: its inputs are not known.
    for (const auto& layer : net.comparison->layers()) {
        const std::string& name = net.name_of(layer.node);
        CHECK(std::isnan(layer.own) == (name == "mean"));
    }
}

TEST_CASE("where contributions within the limit add up, the largest is named and where they exceed it") {
    Expectation net("photo");
    for (const char* name : {"stem_bn/gamma", "stem_bn/beta"})
        for (double& value : net.weights.at(name).values()) value *= 1.0 + 8e-5;
    for (const char* name : {"depth/kernel", "depth/bias"})
        for (double& value : net.weights.at(name).values()) value *= 1.0 + 3e-5;
    const auto difference = net.compare(8.1e-5);
    CHECK(named(net, difference) == "stem_bn");
    REQUIRE(difference.has_value());
    REQUIRE(difference->exceeded_at.has_value());
    CHECK(net.name_of(difference->exceeded_at->node) == "depth");
}

TEST_CASE("a mistake of a kind that is not known is located all the same") {
    Expectation net("photo");
    std::size_t i = 0;
    for (double& value : net.weights.at("last/kernel").values()) value *= i++ % 7 == 0 ? 1.25 : 1.0;
    const auto difference = net.compare();
    CHECK(named(net, difference) == "last");
    REQUIRE(difference.has_value());
    CHECK(difference->explanation.cause.empty());
    CHECK(difference->explanation.all_tried);
    CHECK(difference->explanation.tried > 100);
}

TEST_CASE("other layers that are wrong by themselves are told from those that only inherit") {
    Expectation net("photo");
    net.replace("BatchNormalization(name=\"stem_bn\")", "BatchNormalization(epsilon=0.1, name=\"stem_bn\")");
    net.replace("BatchNormalization(name=\"depth_bn\")", "BatchNormalization(epsilon=0.1, name=\"depth_bn\")");
    CHECK(named(net, net.compare()) == "stem_bn");
    std::vector<std::string> wrong;
    for (const auto& layer : net.comparison->layers()) {
        if (layer.own > 1e-4) wrong.push_back(net.name_of(layer.node));
    }
    CHECK(wrong == std::vector<std::string>{"stem_bn", "depth_bn"});
}

TEST_CASE("an epsilon that nobody uses is computed from the numbers") {
    Expectation unusual("pair");
    unusual.replace("LayerNormalization(", "LayerNormalization(epsilon=0.0437, ");
    const Graph& graph = unusual.graph();
    std::string bytes;
    for (std::size_t item = 0; item < 2; ++item) {
        const std::vector<Array> values = evaluate(graph, unusual.source, unusual.inputs(item));
        for (std::size_t node = 0; node < values.size(); ++node) {
            if (graph.nodes[node].name != "norm") continue;
            const auto numbers = values[node].values();
            bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
        }
    }
    Expectation net("pair");
    net.expected.at("norm") = {StoredType::float64, {2, 12, 8}, bytes};
    const auto difference = net.compare();
    CHECK(named(net, difference) == "norm");
    REQUIRE(difference.has_value());
    CHECK(difference->explanation.cause == "epsilon=0.0437, not 0.001");
}

TEST_CASE("a model that Keras ran as in training is found out by its normalizations") {
    Expectation net("photo");
    // What the layer gives with the statistics of its own input, of one item.
    const Graph& graph = net.graph();
    const std::vector<Array> values = evaluate(graph, net.source, net.inputs(0));
    std::string bytes;
    for (std::size_t node = 0; node < values.size(); ++node) {
        if (graph.nodes[node].name != "stem_bn") continue;
        const Array& input = values[node - 1];
        std::vector<double> sum(8), squares(8);
        for (std::int64_t i = 0; i < input.size(); ++i) sum[static_cast<std::size_t>(i % 8)] += input[i] / 64.0;
        for (std::int64_t i = 0; i < input.size(); ++i)
            squares[static_cast<std::size_t>(i % 8)] +=
                std::pow(input[i] - sum[static_cast<std::size_t>(i % 8)], 2) / 64.0;
        for (std::int64_t i = 0; i < input.size(); ++i) {
            const std::int64_t c = i % 8;
            const double value = (input[i] - sum[static_cast<std::size_t>(c)]) /
                                     std::sqrt(squares[static_cast<std::size_t>(c)] + 1e-3) *
                                     net.weights.at("stem_bn/gamma")[c] +
                                 net.weights.at("stem_bn/beta")[c];
            bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
        }
    }
    net.expected.at("stem_bn") = {StoredType::float64, {1, 8, 8, 8}, bytes};
    const auto difference = net.compare();
    CHECK(named(net, difference) == "stem_bn");
    REQUIRE(difference.has_value());
    CHECK(difference->explanation.cause ==
          "its statistics are those of the batch, as in training: call the model with training=False");
}

TEST_CASE("a few filters of a convolution or a dense layer are computed as among all") {
    const Expectation net("photo");
    const std::vector<Array> values = evaluate(net.graph(), net.source, net.inputs(0));
    int layers = 0;
    for (std::size_t id = 0; id < values.size(); ++id) {
        const Node& node = net.graph().nodes[id];
        if (node.weights.empty() || node.inputs.empty()) continue;
        LayerTrial trial{node.layer, node.attributes, {}, {}, {}};
        for (const Weight& weight : node.weights) trial.weights.push_back(net.weights.at(weight.name));
        for (NodeId input : node.inputs) trial.inputs.push_back(values[static_cast<std::size_t>(input)]);
        const auto few = with_few_filters(trial, values[id]);
        // Of a softmax all are needed, a depthwise convolution and a normalization have no filters.
        const bool can = node.layer->name == "Conv2D" || node.name == "hidden";
        CAPTURE(node.name);
        REQUIRE(few.has_value() == can);
        if (!can) continue;
        ++layers;
        CHECK(few->expected.shape().back() == few_filters);
        CHECK(trial_error(result_of(few->trial), few->expected) < 1e-12);
    }
    CHECK(layers == 5);
}
