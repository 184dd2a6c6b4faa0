#include "exporters/to_pytorch.h"

#include <doctest/doctest.h>

#include "graph/elaborate.h"
#include "syntax/parse.h"

using namespace halcyon;

namespace {

/// The file for a spec of one model.
std::string exported(const std::string& spec) {
    Sources sources;
    Diagnostics diag;
    const std::uint32_t file = sources.add("net.hcn", spec);
    const auto module = parse(sources, file, diag);
    REQUIRE(module.has_value());
    const MemoryFiles no_files;
    const std::vector<Graph> graphs = elaborate(*module, sources, no_files, "", diag);
    REQUIRE_MESSAGE(graphs.size() == 1, render(diag, sources));
    return to_pytorch(graphs[0], "net.hcn", "net.safetensors");
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string image(const std::string& body) {
    return "def net(image: float32[32, 32, 3]):\n" + body;
}

}  // namespace

TEST_CASE("'same' is the convolution's own padding where both sides are alike, and F.pad where they differ") {
    const std::string even = exported(image("    return Conv2D(8, 3, padding=\"same\")(image)\n"));
    CHECK(has(even, "self.conv2d = nn.Conv2d(3, 8, 3, padding=1)\n"));
    CHECK(has(even, "return self.conv2d(image)\n"));
    const std::string uneven =
        exported(image("    return Conv2D(8, (3, 4), strides=(2, 1), padding=\"same\")(image)\n"));
    CHECK(has(uneven, "self.conv2d = nn.Conv2d(3, 8, (3, 4), stride=(2, 1))\n"));
    CHECK(has(uneven, "return self.conv2d(F.pad(image, (1, 2, 0, 1)))\n"));
}

TEST_CASE("images go in with their channels first, and in the spec's order where its layers ask for that") {
    CHECK(has(exported(image("    return Conv2D(8, 3)(image)\n")), "Input image: float32 (N, 3, 32, 32): "));
    CHECK(has(exported(image("    return Dense(8)(image)\n")), "Input image: float32 (N, 32, 32, 3).\n"));
}

TEST_CASE("a Flatten brings axes into the spec's order, unless nothing would move") {
    const std::string flat = exported(image("    return Dense(2)(Flatten()(Conv2D(8, 3)(image)))\n"));
    CHECK(has(flat, "x = x.permute(0, 2, 3, 1).flatten(1)\n"));
    const std::string one = exported(image("    return Dense(2)(Flatten()(Conv2D(8, 32)(image)))\n"));
    CHECK(!has(one, "permute(0, 2, 3, 1)"));
    CHECK(has(one, "x.flatten(1)"));
}

TEST_CASE("a maximum never sees padding, and takes zeros after a ReLU for none") {
    const std::string same = exported(image("    return MaxPooling2D(2, strides=1, padding=\"same\")(image)\n"));
    CHECK(has(same, "F.pad(image, (0, 1, 0, 1), value=-float(\"inf\"))"));
    const std::string zeros = exported(image("    return MaxPooling2D(3)(ZeroPadding2D(1)(image))\n"));
    CHECK(has(zeros, "F.pad(image, (1, 1, 1, 1))"));
    const std::string relu = exported(image("    return MaxPooling2D(3)(ZeroPadding2D(1)(ReLU()(image)))\n"));
    CHECK(has(relu, "nn.MaxPool2d(3, padding=1)"));
    CHECK(!has(relu, "F.pad"));
}

TEST_CASE("zeros that a layer adds are the convolution's padding") {
    const std::string text = exported(image("    return Conv2D(8, 7, strides=2)(ZeroPadding2D(3)(image))\n"));
    CHECK(has(text, "nn.Conv2d(3, 8, 7, stride=2, padding=3)"));
    CHECK(!has(text, "F.pad"));
}

TEST_CASE("repeated layers are a class, and calls in a row a chain") {
    const std::string text = exported(image(R"(    x = image
    for filters in [8, 16, 24, 32, 48, 64]:
        x = Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = BatchNormalization()(x)
        x = ReLU()(x)
    return x
)"));
    CHECK(has(text, "class ConvBnRelu(nn.Module):\n    def __init__(self, in_channels, out_channels):\n"));
    CHECK(has(text, "        return self.relu(self.bn(self.conv(x)))\n"));
    CHECK(has(text, "            ConvBnRelu(8, 16),\n"));
    CHECK(has(text, "    \"conv_bn_relus.1.conv\": \"conv2d_1\",\n"));
}

TEST_CASE("a layer that is called twice is one module") {
    const std::string text = exported(image(R"(    conv = Conv2D(3, 3, padding="same")
    return conv(conv(image))
)"));
    CHECK(has(text, "        x = self.conv2d(image)\n        return self.conv2d(x)\n"));
    CHECK(text.find("nn.Conv2d(") == text.rfind("nn.Conv2d("));
}

TEST_CASE("layers whose names nn.Module has get others") {
    const std::string text = exported(image("    return Conv2D(3, 3, name=\"half\")(image)\n"));
    CHECK(has(text, "self.half_ = nn.Conv2d(3, 3, 3)\n"));
    CHECK(has(text, "    \"half_\": \"half\",\n"));
}

TEST_CASE("the initializer that most layers have is said once, others by name") {
    const std::string text = exported(image(R"(    x = Conv2D(8, 3)(image)
    x = Conv2D(8, 3)(x)
    return Conv2D(8, 3, kernel_initializer="he_uniform", name="last")(x)
)"));
    CHECK(has(text, "            if isinstance(module, nn.Conv2d):\n"
                    "                nn.init.xavier_uniform_(module.weight)\n"
                    "                nn.init.zeros_(module.bias)\n"));
    CHECK(has(text, "nn.init.kaiming_uniform_(self.get_parameter(\"last.weight\"), nonlinearity=\"relu\")\n"));
}

TEST_CASE("a layer with weights that PyTorch has no module for is a class of the file's own") {
    const std::string text = exported(image("    return LayerScale(0.5, 3)(Conv2D(3, 1)(image))\n"));
    CHECK(has(text, "class LayerScale(nn.Module):\n"));
    CHECK(has(text, "self.gamma = nn.Parameter(torch.full(shape, 0.5))\n"));
    CHECK(has(text, "return x * self.gamma[:, None, None]\n"));
}

TEST_CASE("several outputs are a dict under their names") {
    const std::string text = exported(image("    return {\"a\": ReLU()(image), \"b\": Conv2D(2, 1)(image)}\n"));
    CHECK(has(text, "return {\"a\": x, \"b\": "));
    CHECK(has(text, "Output outputs[\"a\"]: float32 (N, 3, 32, 32)"));
}
