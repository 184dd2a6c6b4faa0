#include "exporters/torch_layer_names.h"

#include <doctest/doctest.h>

using namespace halcyon;

TEST_CASE("what a block's layers begin with, and how its modules go on, is said once") {
    const TorchLayerNames names = torch_layer_names({{"stem", "conv1"},
                                                     {"blocks.0.conv", "a_1_conv"},
                                                     {"blocks.0.bn", "a_1_bn"},
                                                     {"blocks.1.conv", "b_1_conv"},
                                                     {"blocks.1.bn", "b_1_bn"},
                                                     {"blocks.2.conv", "c_1_conv"},
                                                     {"blocks.2.bn", "c_1_bn"}});
    CHECK(names.lookup == "layer_of(path)");
    CHECK(names.tables == "# How the layers of a block begin, and how the layer of each module in it goes on.\n"
                          "BLOCKS = {\n"
                          "    \"blocks.0\": \"a_1_\",\n"
                          "    \"blocks.1\": \"b_1_\",\n"
                          "    \"blocks.2\": \"c_1_\",\n"
                          "}\n\n"
                          "PARTS = {\n"
                          "    \"conv\": \"conv\",\n"
                          "    \"bn\": \"bn\",\n"
                          "}\n\n"
                          "# Whose weights a module has, where it is not called like the layer.\n"
                          "LAYERS = {\n"
                          "    \"stem\": \"conv1\",\n"
                          "}\n\n"
                          "\n"
                          "def layer_of(path):\n"
                          "    \"\"\"The layer whose weights a module has.\"\"\"\n"
                          "    block, _, part = path.rpartition(\".\")\n"
                          "    return BLOCKS[block] + PARTS[part] if block in BLOCKS else LAYERS.get(path, path)\n\n");
}

TEST_CASE("blocks whose layers have nothing in common are listed module by module") {
    const TorchLayerNames names =
        torch_layer_names({{"blocks.0.conv", "stem"}, {"blocks.0.bn", "norm"}, {"blocks.1.conv", "b_conv"}});
    CHECK(names.lookup == "LAYERS.get(path, path)");
    CHECK(names.tables == "# Whose weights a module has, where it is not called like the layer.\n"
                          "LAYERS = {\n"
                          "    \"blocks.0.conv\": \"stem\",\n"
                          "    \"blocks.0.bn\": \"norm\",\n"
                          "    \"blocks.1.conv\": \"b_conv\",\n"
                          "}\n\n");
}

TEST_CASE("modules that are called like their layers need no table") {
    const TorchLayerNames names = torch_layer_names({});
    CHECK(names.tables.empty());
    CHECK(names.lookup == "path");
}
