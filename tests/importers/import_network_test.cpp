#include "importers/import_network.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "graph/elaborate.h"
#include "importers/keras_text.h"
#include "support/file_system.h"
#include "syntax/parse.h"

using namespace halcyon;
using namespace halcyon::importers;
using namespace halcyon::importers::test;

namespace {

std::string read_file(const std::string& path) {
    const auto text = DiskFiles().read(path, std::uint64_t{1} << 24);
    REQUIRE(std::holds_alternative<std::string>(text));
    return std::get<std::string>(text);
}

ImportedSpec import_architecture(const std::string& name) {
    Diagnostics diag;
    const std::string text = read_file(std::string(HALCYON_TEST_DATA) + "/keras_architectures/" + name + ".json");
    const auto network = read_keras(text, name + ".keras", {}, diag);
    REQUIRE(network);
    auto spec = write_spec(*network, {name + ".keras", {}, {}, false}, diag);
    REQUIRE(spec);
    CHECK(diag.all().empty());
    return *spec;
}

/// What the spec of examples/models computes.
Graph example(const std::string& name) {
    const std::string path = std::string(HALCYON_SOURCE_DIR) + "/examples/models/" + name + ".hcn";
    Sources sources;
    Diagnostics diag;
    const auto module = parse(sources, sources.add(path, read_file(path)), diag);
    REQUIRE(module);
    std::vector<Graph> graphs = elaborate(*module, sources, DiskFiles(), "", diag);
    REQUIRE(graphs.size() == 1);
    return graphs.front();
}

/// The graph's text with all names made equal.
std::string nameless(Graph graph) {
    graph.name = "net";
    for (Node& node : graph.nodes) node.name = "layer";
    for (Graph::Output& output : graph.outputs) output.name = "output";
    return to_text(graph);
}

std::ptrdiff_t line_count(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

TEST_CASE("an imported ResNet-50 is the one in examples/models, in at most 80 lines") {
    const ImportedSpec spec = import_architecture("resnet50");
    CHECK(spec.readable);
    CHECK(line_count(spec.text) <= 80);
    CHECK(nameless(spec.graph) == nameless(example("resnet50")));
}

TEST_CASE("an imported MobileNetV2 is the one in examples/models, in at most 80 lines") {
    const ImportedSpec spec = import_architecture("mobilenet_v2");
    CHECK(spec.readable);
    CHECK(line_count(spec.text) <= 80);
    CHECK(nameless(spec.graph) == nameless(example("mobilenet_v2")));
}

TEST_CASE("layers keep the file's names") {
    const ImportedSpec spec = import_architecture("resnet50");
    const auto named = [&](std::string_view name) {
        return std::any_of(spec.graph.nodes.begin(), spec.graph.nodes.end(),
                           [&](const Node& node) { return node.name == name; });
    };
    CHECK(named("conv2_block1_0_conv"));
    CHECK(named("conv5_block3_out"));
}

TEST_CASE("equal runs of layers become a block, and its calls a loop") {
    const std::string weights = R"("kernel_size": [3, 3], "padding": "same")";
    std::vector<std::string> layers{input("image", "[null, 8, 8, 4]")};
    std::string before = "image";
    for (int i = 1; i <= 4; ++i) {
        const std::string prefix = fmt::format("block{}", i);
        layers.push_back(layer("Conv2D", prefix + "_conv", R"("filters": 4, )" + weights, {before}));
        layers.push_back(layer("BatchNormalization", prefix + "_bn", "", {prefix + "_conv"}));
        layers.push_back(layer("Activation", prefix + "_relu", R"("activation": "relu")", {prefix + "_bn"}));
        layers.push_back(layer("Add", prefix + "_add", "", {before, prefix + "_relu"}));
        before = prefix + "_add";
    }
    const Imported imported = import(functional(layers, before));
    CHECK(imported.readable);
    CHECK(imported.text == R"(def net(image: float32[8, 8, 4]):
    x = image
    for i in range(1, 5):
        x = block(x, name=f"block{i}")
    return {"block4_add": x}


def block(x, name):
    y = Conv2D(4, 3, padding="same", name=f"{name}_conv")(x)
    y = BatchNormalization(name=f"{name}_bn")(y)
    y = Activation("relu", name=f"{name}_relu")(y)
    return Add(name=f"{name}_add")([x, y])
)");
}

TEST_CASE("with --plain there are no blocks") {
    Diagnostics diag;
    const std::string text = read_file(std::string(HALCYON_TEST_DATA) + "/keras_architectures/mobilenet_v2.json");
    const auto network = read_keras(text, "net.keras", {}, diag);
    REQUIRE(network);
    const auto spec = write_spec(*network, {"net.keras", {}, {}, true}, diag);
    REQUIRE(spec);
    CHECK(spec->text.find("def ") == spec->text.rfind("def "));
    CHECK(nameless(spec->graph) == nameless(example("mobilenet_v2")));
}

TEST_CASE("an operator whose number would be a layer's name is written as a layer") {
    const std::string add =
        R"({"module": "keras.src.ops.numpy", "class_name": "Add", "name": "sum", "config": {"name": "sum"}, "inbound_nodes": [
            {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["image", 0, 0]}}, 3.0], "kwargs": {}}]})";
    const std::string model =
        functional({input("image", "[null, 8, 8, 3]"), add, layer("ReLU", "add", "", {"sum"})}, "add");
    CHECK(import(model).text == R"(def net(image: float32[8, 8, 3]):
    x = Rescaling(1.0, offset=3.0, name="sum")(image)
    return {"add": ReLU(name="add")(x)}
)");
}
