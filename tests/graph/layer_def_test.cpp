#include <doctest/doctest.h>

#include <set>

#include "graph/layer_def.h"

using namespace halcyon;

TEST_CASE("layers without a name are called as Keras calls them") {
    CHECK(snake_case("Conv2D") == "conv2d");
    CHECK(snake_case("DepthwiseConv2D") == "depthwise_conv2d");
    CHECK(snake_case("Conv2DTranspose") == "conv2d_transpose");
    CHECK(snake_case("ReLU") == "re_lu");
    CHECK(snake_case("LeakyReLU") == "leaky_re_lu");
    CHECK(snake_case("PReLU") == "p_re_lu");
    CHECK(snake_case("ELU") == "elu");
    CHECK(snake_case("GlobalAveragePooling2D") == "global_average_pooling2d");
    CHECK(snake_case("BatchNormalization") == "batch_normalization");
    CHECK(snake_case("InputLayer") == "input_layer");
    CHECK(snake_case("ZeroPadding2D") == "zero_padding2d");
    CHECK(snake_case("LSTM") == "lstm");
}

TEST_CASE("a layer is found by its name and by its other names") {
    REQUIRE(find_layer("Conv2D") != nullptr);
    CHECK(find_layer("Conv2D") == find_layer("Convolution2D"));
    CHECK(find_layer("conv2d") == nullptr);
}

TEST_CASE("no two layers share a name") {
    std::set<std::string_view> names;
    for (const LayerDef* layer : layer_table()) {
        CHECK_MESSAGE(names.insert(layer->name).second, layer->name);
        for (std::string_view alias : layer->aliases) CHECK_MESSAGE(names.insert(alias).second, alias);
    }
}

TEST_CASE("every default is already in its normal form") {
    for (const LayerDef* layer : layer_table()) {
        for (const ArgumentDef& argument : layer->arguments) {
            if (!argument.default_value) continue;
            std::string why;
            const std::optional<Value> normal = argument.type.normalize(*argument.default_value, why);
            REQUIRE_MESSAGE(normal.has_value(), layer->name, " ", argument.name, " ", why);
            CHECK_MESSAGE(*normal == *argument.default_value, layer->name, " ", argument.name);
        }
    }
}

TEST_CASE("every layer can be computed and lowered, but the doors, which only stand there") {
    for (const LayerDef* layer : layer_table()) {
        if (layer->max_inputs == 0) continue;
        CHECK_MESSAGE((layer->scalar != nullptr || layer->reference != nullptr), layer->name);
        CHECK_MESSAGE((layer->scalar != nullptr || layer->lower != nullptr), layer->name);
        CHECK_MESSAGE(!layer->doc.empty(), layer->name);
    }
}
