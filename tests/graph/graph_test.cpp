#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "graph/evaluate.h"
#include "graph/graph.h"
#include "support/check.h"

using namespace halcyon;

namespace {

Node node(std::string layer, std::vector<NodeId> inputs, Shape shape) {
    Node result{.name = snake_case(layer), .layer = find_layer(layer)};
    result.inputs = std::move(inputs);
    result.type = {ElementType::float32, std::move(shape)};
    return result;
}

/// x -> Dense(2), and x + x.
Graph small_graph() {
    Graph graph;
    graph.name = "small";
    graph.nodes = {node("InputLayer", {}, {3}), node("Add", {0, 0}, {3}), node("Dense", {1}, {2})};
    graph.nodes[2].attributes.set("units", 2);
    graph.nodes[2].attributes.set("use_bias", false);
    graph.nodes[2].attributes.set("activation", "linear");
    graph.nodes[2].weights = {{"dense/kernel", {3, 2}, Value(Value::Object{"Zeros", {}})}};
    graph.inputs = {0};
    graph.outputs = {{"scores", 2}};
    return graph;
}

}  // namespace

TEST_CASE("a graph prints one node a line") {
    CHECK(to_text(small_graph()) == "graph small\n"
                                    "%0 input_layer: InputLayer()() -> float32[3]\n"
                                    "%1 add: Add()(%0, %0) -> float32[3]\n"
                                    "%2 dense: Dense(activation='linear', units=2, use_bias=False)(%1) -> float32[2]\n"
                                    "return scores = %2\n");
}

TEST_CASE("the reference computes every value of a graph") {
    const auto weights = [](const std::string&) { return Array({3, 2}, {1, 0, 0, 1, 1, 1}); };
    const std::vector<Array> values = evaluate(small_graph(), weights, {Array({3}, {1, 2, 3})});
    CHECK(values[1][2] == 6);
    CHECK(values[2][0] == 8);
    CHECK(values[2][1] == 10);
}

TEST_CASE("uses are counted by nodes and outputs") {
    CHECK(use_counts(small_graph()) == std::vector<int>{2, 1, 1});
}

TEST_CASE("a weight that two nodes share is listed once") {
    Graph graph = small_graph();
    graph.nodes.push_back(graph.nodes[2]);
    REQUIRE(weights_of(graph).size() == 1);
    CHECK(weights_of(graph)[0].name == "dense/kernel");
}

TEST_CASE("the verifier accepts a sound graph and refuses one out of order") {
    Graph graph = small_graph();
    CHECK_NOTHROW(verify(graph));
    graph.nodes[1].inputs = {2, 2};
    CHECK_THROWS_AS(verify(graph), InternalError);
}

TEST_CASE("the verifier recomputes the extents of a lowered convolution") {
    Graph graph;
    graph.lowered = true;
    Node image = node("InputLayer", {}, {8, 8, 3});
    image.operation.op = Op::input;
    Node convolution = node("Conv2D", {0}, {6, 6, 4});
    convolution.operation = {.op = Op::convolution, .window = {{3, 3}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}};
    convolution.constants = {ConstantExpr::weight("conv2d/kernel", {3, 3, 3, 4})};
    graph.nodes = {image, convolution};
    graph.inputs = {0};
    graph.outputs = {{"output", 1}};
    CHECK_NOTHROW(verify(graph));
    CHECK(to_text(graph) ==
          "graph \n"
          "%0 input_layer: input() -> float32[8, 8, 3]\n"
          "%1 conv2d: convolution window 3x3 stride 1x1 dilation 1x1 before 0,0 after 0,0 [conv2d/kernel](%0) "
          "-> float32[6, 6, 4]\n"
          "return output = %1\n");
    graph.nodes[1].type.shape = {8, 8, 4};
    CHECK_THROWS_AS(verify(graph), InternalError);
}

TEST_CASE("JSON gives the same operation back") {
    Operation pool{.op = Op::max_pool, .window = {{3, 3}, {2, 2}, {1, 1}, {0, 1}, {1, 1}}};
    pool.has_pad_value = true;
    pool.pad_value = -1.5;
    CHECK(operation_from_json(to_json(pool)) == pool);
    const Operation softmax{.op = Op::softmax, .axes = {2}};
    CHECK(operation_from_json(to_json(softmax)) == softmax);
}

TEST_CASE("shapes and types print as Python and the language write them") {
    CHECK(to_text(Shape{28, 28, 1}) == "(28, 28, 1)");
    CHECK(to_text(Shape{10}) == "(10,)");
    CHECK(to_text(TensorType{ElementType::uint8, {4, 2}}) == "uint8[4, 2]");
}

TEST_CASE("shapes broadcast as NumPy says") {
    CHECK(broadcast({8, 1, 3}, {4, 1}) == Shape{8, 4, 3});
    CHECK(broadcast({}, {2}) == Shape{2});
    CHECK(broadcast({8, 3}, {8, 4}) == std::nullopt);
}
