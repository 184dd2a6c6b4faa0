#include <doctest/doctest.h>

#include "formats/weights.h"
#include "scratch.h"

using namespace halcyon;

namespace {

Value zeros() {
    return Value::Object{"Zeros", {}};
}

/// A graph that asks for these weights; nothing else of it is looked at.
Graph graph_with(std::vector<Weight> weights) {
    Graph graph;
    graph.name = "net";
    Node node{.name = "layer", .layer = nullptr};
    node.weights = std::move(weights);
    graph.nodes.push_back(std::move(node));
    return graph;
}

const char* const two_tensors = R"({"d/bias":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                                R"("d/kernel":{"dtype":"U8","shape":[1,2],"data_offsets":[2,4]}})";

}  // namespace

TEST_CASE("weights that fit are given by name") {
    const ScratchFile file("w.safetensors", safetensors_bytes(two_tensors, "\1\2\3\4"));
    Diagnostics diag;
    const auto weights = load_weights(graph_with({{"d/kernel", {1, 2}, zeros()}, {"d/bias", {2}, zeros()}}), "net.hcn",
                                      {.file = file.path()}, diag);
    REQUIRE(weights);
    CHECK(weights->source("d/kernel")[1] == 4.0);
    CHECK(!weights->initialized);
    CHECK(weights->hash.size() == 32);
}

TEST_CASE("missing, misshapen and left over tensors are listed in one error") {
    const ScratchFile file("w.safetensors", safetensors_bytes(two_tensors, "1234"));
    Diagnostics diag;
    const Graph graph =
        graph_with({{"d/kernel", {2, 1}, zeros()}, {"d/biases", {2}, zeros()}, {"e/gamma", {7}, zeros()}});
    CHECK(!load_weights(graph, "net.hcn", {.file = file.path()}, diag));
    REQUIRE(diag.all().size() == 1);
    CHECK(diag.all()[0].code == Code::weights_do_not_fit);
    CHECK(diag.all()[0].message == "the weights in '" + file.path() +
                                       "' do not fit the network 'net':\n"
                                       "    missing    d/biases (2,); the file has d/bias\n"
                                       "    missing    e/gamma (7,)\n"
                                       "    misshapen  d/kernel is (1, 2) in the file, but the network's is (2, 1)\n"
                                       "    left over  d/bias (2,)");
}

TEST_CASE("no weights and no leave to initialize them is an error that says what to do") {
    Diagnostics diag;
    CHECK(!load_weights(graph_with({{"d/kernel", {2, 1}, zeros()}}), "nowhere/net.hcn", {}, diag));
    REQUIRE(diag.all().size() == 1);
    CHECK(render(diag, Sources()) ==
          "error[E0401]: no weights: 'net' has 1 weights, and there is no 'net.safetensors' beside the spec\n"
          "hint: name a file with --weights FILE, or ask for random ones with --initialize SEED\n");
}

TEST_CASE("a network without weights needs no file") {
    Diagnostics diag;
    CHECK(load_weights(graph_with({}), "nowhere/net.hcn", {}, diag));
    CHECK(diag.all().empty());
}

TEST_CASE("with a seed, tensors that the file lacks are initialized") {
    const ScratchFile file("w.safetensors", safetensors_bytes(two_tensors, "\1\2\3\4"));
    Diagnostics diag;
    const Graph graph =
        graph_with({{"d/kernel", {1, 2}, zeros()}, {"d/bias", {2}, zeros()}, {"e/gamma", {3}, zeros()}});
    const auto weights = load_weights(graph, "net.hcn", {.file = file.path(), .initialize = 7}, diag);
    REQUIRE(weights);
    CHECK(weights->initialized);
    CHECK(weights->source("d/bias")[0] == 1.0);
    CHECK(weights->source("e/gamma").shape() == Shape{3});
}

TEST_CASE("weights that are not finite are read with a warning") {
    const ScratchFile file("w.safetensors",
                           safetensors_bytes(R"({"d/b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                                             std::string_view("\0\0\x80\x7f", 4)));
    Diagnostics diag;
    CHECK(load_weights(graph_with({{"d/b", {1}, zeros()}}), "net.hcn", {.file = file.path()}, diag));
    REQUIRE(diag.all().size() == 1);
    CHECK(diag.all()[0].message ==
          "'" + file.path() + "' holds infinities or NaN in 1 of its 1 tensors, d/b among them");
}
