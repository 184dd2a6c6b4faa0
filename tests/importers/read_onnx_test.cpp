#include "importers/read_onnx.h"

#include <doctest/doctest.h>

#include <cstring>

#include "importers/import_network.h"

using namespace halcyon;
using namespace halcyon::importers;
using onnx_file::Attribute;
using onnx_file::Model;

namespace {

/// Numbers that live as long as the tests.
onnx_file::Tensor tensor(const std::string& name, Shape shape, float first = 1.0F) {
    static std::deque<std::string> storage;
    std::string& bytes = storage.emplace_back(static_cast<std::size_t>(element_count(shape)) * sizeof(float), '\0');
    for (std::size_t i = 0; i * sizeof(float) < bytes.size(); ++i) {
        const float number = first + static_cast<float>(i);
        std::memcpy(bytes.data() + i * sizeof(float), &number, sizeof number);
    }
    return {name, "", {StoredType::float32, std::move(shape), bytes}};
}

onnx_file::Tensor integers(const std::string& name, const std::vector<std::int64_t>& numbers) {
    static std::deque<std::vector<std::int64_t>> storage;
    const auto& kept = storage.emplace_back(numbers);
    const std::string_view bytes(reinterpret_cast<const char*>(kept.data()), kept.size() * sizeof(std::int64_t));
    return {name, "", {StoredType::int64, {static_cast<std::int64_t>(kept.size())}, bytes}};
}

Attribute ints(const std::string& name, std::vector<std::int64_t> numbers) {
    Attribute attribute;
    attribute.name = name;
    attribute.kind = Attribute::Kind::integers;
    attribute.integers = std::move(numbers);
    return attribute;
}

onnx_file::Door door(const std::string& name, std::vector<std::int64_t> extents) {
    onnx_file::Door result{name, "", StoredType::float32, true, std::move(extents), {}};
    result.open_names.resize(result.extents.size());
    return result;
}

Model model(std::vector<onnx_file::Node> nodes, std::vector<std::int64_t> shape,
            std::vector<onnx_file::Tensor> initializers = {}) {
    Model result;
    result.opset = 17;
    result.nodes = std::move(nodes);
    result.initializers = std::move(initializers);
    result.inputs = {door("x", std::move(shape))};
    result.outputs.resize(1);
    result.outputs[0].name = "y";
    return result;
}

/// The lines of the model's def without the first, or the error.
std::string imported(const Model& from, const OnnxReadOptions& options = {}) {
    Diagnostics diag;
    auto onnx = read_onnx(from, "net.onnx", options, diag);
    if (onnx) {
        const auto spec = write_spec(std::move(onnx->network), {"net.onnx", {}, {}, true}, diag);
        if (spec) return spec->text.substr(spec->text.find("def "));
    }
    REQUIRE(diag.all().size() == 1);
    const Diagnostic& error = diag.all().front();
    return code_text(error.code) + " " + error.message + (error.hint.empty() ? "" : " | " + error.hint);
}

}  // namespace

TEST_CASE("a convolution is channels last inside, and its caller's order stays") {
    const Model net = model({{"c", "Conv", "", {"x", "stem.weight"}, {"a"}, {ints("pads", {1, 1, 1, 1})}},
                             {"r", "Relu", "", {"a"}, {"y"}, {}}},
                            {-1, 3, 8, 8}, {tensor("stem.weight", {4, 3, 3, 3})});
    CHECK(imported(net) == "def net(x_: float32[3, 8, 8]):\n"
                           "    x = Permute((2, 3, 1))(x_)\n"
                           "    x = Conv2D(4, 3, padding=\"same\", use_bias=False, name=\"stem\")(x)\n"
                           "    x = ReLU(name=\"r\")(x)\n"
                           "    return {\"y\": Permute((3, 1, 2))(x)}\n");
}

TEST_CASE("a kernel's axes are brought into Keras's order") {
    Diagnostics diag;
    const Model net = model({{"", "Conv", "", {"x", "w"}, {"y"}, {}}}, {1, 2, 4, 4}, {tensor("w", {3, 2, 1, 2})});
    const auto onnx = read_onnx(net, "net.onnx", {}, diag);
    REQUIRE(onnx);
    const StoredTensor& kernel = onnx->weights.at("conv2d/kernel");
    CHECK(kernel.shape == Shape{1, 2, 2, 3});
    // The file's (filter, channel, row, column) 1 + ((filter * 2 + channel) * 1 + row) * 2 + column.
    CHECK(to_array(kernel).at(0, 1, 0, 2) == 10.0);
}

TEST_CASE("a dense layer after a flattened image takes the image as it lies") {
    const Model net = model({{"", "Conv", "", {"x", "w"}, {"a"}, {}},
                             {"", "Flatten", "", {"a"}, {"b"}, {}},
                             {"", "MatMul", "", {"b", "k"}, {"c"}, {}},
                             {"", "Add", "", {"c", "d"}, {"y"}, {}}},
                            {1, 1, 4, 3}, {tensor("w", {2, 1, 1, 1}), tensor("k", {24, 5}), tensor("d", {5})});
    CHECK(imported(net) == "def net(x_: float32[1, 4, 3]):\n"
                           "    x = Permute((2, 3, 1))(x_)\n"
                           "    x = Conv2D(2, 1, use_bias=False)(x)\n"
                           "    x = Flatten()(x)\n"
                           "    return {\"y\": Dense(5)(x)}\n");
    Diagnostics diag;
    const auto onnx = read_onnx(net, "net.onnx", {}, diag);
    REQUIRE(onnx);
    // Row 1 is channel 1 of the first pixel, which the file has as row 12.
    CHECK(to_array(onnx->weights.at("dense/kernel")).at(1, 0) == 61.0);
}

TEST_CASE("shuffled channels stay channels") {
    const Model net = model({{"", "Relu", "", {"x"}, {"a"}, {}},
                             {"", "GlobalMaxPool", "", {"x"}, {"unused"}, {}},
                             {"", "MaxPool", "", {"a"}, {"p"}, {ints("kernel_shape", {2, 2})}},
                             {"", "Reshape", "", {"p", "s"}, {"b"}, {}},
                             {"", "Transpose", "", {"b"}, {"c"}, {ints("perm", {0, 2, 1, 3, 4})}},
                             {"", "Reshape", "", {"c", "t"}, {"d"}, {}},
                             {"", "GlobalAveragePool", "", {"d"}, {"y"}, {}}},
                            {1, 6, 4, 4}, {integers("s", {0, 2, 3, 3, 3}), integers("t", {1, -1, 3, 3})});
    const std::string text = imported(net, {{}, true});
    CHECK(text == "def net(x_: float32[4, 4, 6]):\n"
                  "    x = ReLU()(x_)\n"
                  "    x = MaxPooling2D(strides=1)(x)\n"
                  "    x = Reshape((3, 3, 2, 3))(x)\n"
                  "    x = Permute((1, 2, 4, 3))(x)\n"
                  "    x = Reshape((3, 3, 6))(x)\n"
                  "    x = GlobalAveragePooling2D()(x)\n"
                  "    return {\"y\": Reshape((6, 1, 1))(x)}\n");
}

TEST_CASE("what an activation was taken apart to is one again") {
    const Model silu = model({{"", "Sigmoid", "", {"x"}, {"a"}, {}}, {"", "Mul", "", {"x", "a"}, {"y"}, {}}}, {1, 5});
    CHECK(imported(silu) == "def net(x_: float32[5]):\n    return {\"y\": Activation(\"silu\")(x_)}\n");
}

TEST_CASE("of a layer and its activation, which the file calls alike, the layer has the name") {
    const Model net =
        model({{"conv2d", "Conv", "", {"x", "conv2d/kernel"}, {"a"}, {}},
               {"conv2d/Tanh", "Tanh", "", {"a"}, {"b"}, {}},
               {"scores_1", "Conv", "", {"b", "scores/kernel"}, {"c"}, {}},
               {"scores_2", "Sigmoid", "", {"c"}, {"y"}, {}}},
              {1, 2, 4, 4}, {tensor("conv2d/kernel", {3, 2, 1, 1}), tensor("scores/kernel", {1, 3, 1, 1})});
    CHECK(imported(net, {{}, true}) == "def net(x_: float32[4, 4, 2]):\n"
                                       "    x = Conv2D(3, 1, use_bias=False)(x_)\n"
                                       "    x = Activation(\"tanh\")(x)\n"
                                       "    x = Conv2D(1, 1, use_bias=False, name=\"scores\")(x)\n"
                                       "    x = Activation(\"sigmoid\")(x)\n"
                                       "    return {\"y\": Permute((3, 1, 2))(x)}\n");
}

TEST_CASE("an image is padded with its own elements by slices of it") {
    onnx_file::Node pad{"", "Pad", "", {"x", "p"}, {"y"}, {}};
    Attribute mode;
    mode.name = "mode";
    mode.kind = Attribute::Kind::text;
    mode.text = "reflect";
    pad.attributes = {mode};
    CHECK(imported(model({pad}, {1, 5}, {integers("p", {0, 2, 0, 1})})) ==
          "def net(x_: float32[5]):\n"
          "    a = x_[:, 2:0:-1]\n"
          "    c = x_[:, 3:4]\n"
          "    return {\"y\": Concatenate()([a, x_, c])}\n");
}

TEST_CASE("matrices that differ from item to item are no network of one item") {
    const Model net = model({{"", "MatMul", "", {"x", "w"}, {"y"}, {}}}, {2, 3, 4}, {tensor("w", {2, 4, 5})});
    CHECK(imported(net).starts_with("def net(x_: float32[2, 3, 4]):\n"));
}

TEST_CASE("several items that are not mixed are a network of one") {
    CHECK(imported(model({{"", "Relu", "", {"x"}, {"y"}, {}}}, {8, 5})) ==
          "def net(x_: float32[5]):\n    return {\"y\": ReLU()(x_)}\n");
    CHECK(imported(model({{"", "ReduceSum", "", {"x", "a"}, {"y"}, {}}}, {8, 5}, {integers("a", {0})})) ==
          "def net(x_: float32[8, 5]):\n    return {\"y\": Sum(axis=1, keepdims=True)(x_)}\n");
}

TEST_CASE("all that is not known is one error") {
    const Model net = model({{"one", "Frob", "", {"x"}, {"a"}, {}},
                             {"two", "Relu", "", {"a"}, {"b"}, {}},
                             {"", "Conv", "own.domain", {"b"}, {"y"}, {}}},
                            {1, 5});
    CHECK(imported(net) == "E0407 'net.onnx' has 2 nodes that cannot be imported:\n"
                           "    Frob 'one' (node 0): Halcyon does not know this operator\n"
                           "    Conv of 'y' (node 2): an operator of own.domain, of which Halcyon knows nothing");
}

TEST_CASE("names that contradict each other are an error") {
    CHECK(imported(model({{"one", "Relu", "", {"z"}, {"y"}, {}}}, {1, 5})) ==
          "E0408 'net.onnx': Relu 'one' (node 0) reads 'z', which nothing gives");
    CHECK(imported(model({{"", "Relu", "", {"x"}, {"y"}, {}}, {"", "Relu", "", {"x"}, {"y"}, {}}}, {1, 5})) ==
          "E0408 'net.onnx': two of its parts give the name 'y'");
    CHECK(imported(model({{"", "Add", "", {"x", "z"}, {"y"}, {}}, {"", "Relu", "", {"y"}, {"z"}, {}}}, {1, 5})) ==
          "E0408 'net.onnx': Add of 'y' (node 0) needs its own result");
    CHECK(imported(model({}, {1, 5})) == "E0408 'net.onnx': nothing gives its output 'y'");
}

TEST_CASE("open sizes are asked for") {
    const Model net = model({{"", "Relu", "", {"x"}, {"y"}, {}}}, {-1, 3, -1, -1});
    CHECK(
        imported(net) ==
        "E0407 'net.onnx': a library is made for one size, and the file leaves some open: 'x' (?, 3, ?, ?) | give the "
        "open sizes, height and width of a picture: --input-size 224x224");
    CHECK(imported(net, {{4, 6}, false}) == "def net(x_: float32[3, 4, 6]):\n    return {\"y\": ReLU()(x_)}\n");
    CHECK(imported(model({{"", "Relu", "", {"x"}, {"y"}, {}}}, {1, 5}), {{4}, false}) ==
          "E0407 'net.onnx': --input-size says what the file leaves open, and it leaves nothing open");
}
