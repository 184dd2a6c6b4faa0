#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "harness.h"

using namespace harness;

TEST_CASE("a pool without strides steps by its own size") {
    CHECK(apply("MaxPooling2D", {}, {{5, 5, 4}}).shape() == Shape{2, 2, 4});
    CHECK(apply("MaxPooling2D", {{"pool_size", 3}, {"strides", 1}}, {{5, 5, 4}}).shape() == Shape{3, 3, 4});
    CHECK(apply("AveragePooling2D", {{"pool_size", 2}, {"padding", "same"}}, {{5, 5, 4}}).shape() == Shape{3, 3, 4});
    CHECK(apply("MaxPooling2D", {{"pool_size", 3}, {"strides", 2}, {"padding", 1}}, {{112, 112, 64}}).shape() ==
          Shape{56, 56, 64});
}

TEST_CASE("an average counts the image alone, not its padding") {
    const Applied pool = apply("AveragePooling2D", {{"pool_size", 2}, {"strides", 2}, {"padding", 1}}, {{2, 2, 1}});
    REQUIRE(pool.shape() == Shape{2, 2, 1});
    const Array result = compute(pool, {}, {Array({2, 2, 1}, {1, 2, 3, 4})});
    CHECK(result[0] == 1.0);
    CHECK(result[3] == 4.0);
}

TEST_CASE("a maximum over negative numbers ignores the padding") {
    const Applied pool = apply("MaxPooling2D", {{"pool_size", 3}, {"strides", 1}, {"padding", "same"}}, {{2, 2, 1}});
    CHECK(compute(pool, {}, {Array({2, 2, 1}, {-1, -2, -3, -4})})[3] == -1.0);
}

TEST_CASE("pads as wide as a pool's window are refused, since a window would hold nothing") {
    CHECK(apply("AveragePooling2D", {{"pool_size", 2}, {"padding", 2}}, {{8, 8, 4}}).message() ==
          "E0204 padding: pads of (2, 2) before and (2, 2) after are not smaller than the window (2, 2): some windows "
          "would hold "
          "nothing");
}

TEST_CASE("pools of channels_first images move their axes and no numbers") {
    const Array image = counting({6, 5, 3});
    const Array last = compute(apply("MaxPooling2D", {}, {{6, 5, 3}}), {}, {image});
    const Applied first = apply("MaxPooling2D", {{"data_format", "channels_first"}}, {{3, 6, 5}});
    CHECK(largest_difference(compute(first, {}, {image.transposed({2, 0, 1})}), last.transposed({2, 0, 1})) == 0.0);
}

TEST_CASE("global pools keep their axes when asked") {
    CHECK(apply("GlobalAveragePooling2D", {}, {{5, 6, 4}}).shape() == Shape{4});
    CHECK(apply("GlobalAveragePooling2D", {{"keepdims", true}}, {{5, 6, 4}}).shape() == Shape{1, 1, 4});
    CHECK(apply("GlobalMaxPooling2D", {{"keepdims", true}, {"data_format", "channels_first"}}, {{4, 5, 6}}).shape() ==
          Shape{4, 1, 1});
    const Array image({2, 1, 2}, {1, 10, 3, 20});
    CHECK(compute(apply("GlobalAveragePooling2D", {}, {{2, 1, 2}}), {}, {image})[1] == 15.0);
    CHECK(compute(apply("GlobalMaxPooling2D", {}, {{2, 1, 2}}), {}, {image})[0] == 3.0);
}

TEST_CASE("zeros are padded round rows and columns, never round channels") {
    const Arguments padding{{"padding", Sequence{Sequence{1, 2}, Sequence{3, 4}}}};
    CHECK(apply("ZeroPadding2D", padding, {{2, 3, 4}}).shape() == Shape{5, 10, 4});
    Arguments first = padding;
    first["data_format"] = "channels_first";
    const Applied padded = apply("ZeroPadding2D", first, {{4, 2, 3}});
    CHECK(padded.shape() == Shape{4, 5, 10});
    const Array result = compute(padded, {}, {Array({4, 2, 3}, 1.0)});
    CHECK(result.at(2, 0, 3) == 0.0);
    CHECK(result.at(2, 1, 3) == 1.0);
    CHECK(result.at(3, 2, 5) == 1.0);
    CHECK(result.at(3, 3, 5) == 0.0);
}

TEST_CASE("flattening a channels_first image gives the order of a channels-last one, as in Keras") {
    const Array image = counting({2, 3, 4});
    const Array flat = compute(apply("Flatten", {{"data_format", "channels_first"}}, {{2, 3, 4}}), {}, {image});
    CHECK(flat[1] == image.at(1, 0, 0));
    CHECK(flat[2] == image.at(0, 0, 1));
    CHECK(apply("Flatten", {}, {{}}).shape() == Shape{1});
}

TEST_CASE("a reshape computes the axis that is -1") {
    CHECK(apply("Reshape", {{"target_shape", Sequence{-1, 2}}}, {{4, 3}}).shape() == Shape{6, 2});
    CHECK(apply("Reshape", {{"target_shape", Sequence{-1}}}, {{4, 3}}).shape() == Shape{12});
    CHECK(apply("Reshape", {{"target_shape", Sequence{2, 6, 1}}}, {{4, 3}}).shape() == Shape{2, 6, 1});
}

TEST_CASE("a reshape to another number of elements is refused with both shapes") {
    CHECK(apply("Reshape", {{"target_shape", Sequence{5, 3}}}, {{4, 3}}).message() ==
          "E0301 target_shape: (4, 3) has 12 elements, which do not make the shape (5, 3)");
    CHECK(apply("Reshape", {{"target_shape", Sequence{-1, 5}}}, {{4, 3}}).message() ==
          "E0301 target_shape: (4, 3) has 12 elements, which do not make the shape (-1, 5)");
    CHECK(apply("Reshape", {{"target_shape", Sequence{-1, -1}}}, {{4, 3}}).message() ==
          "E0301 target_shape: -1 stands twice in (-1, -1): one axis can be computed");
    CHECK(apply("Reshape", {{"target_shape", Sequence{0, 5}}}, {{4, 3}}).message() ==
          "E0303 target_shape: the shape (0, 5) has no elements");
    CHECK(
        apply("Reshape", {{"target_shape", Sequence(5, Value(2147483647))}}, {{4, 3}}).message() ==
        "E0301 target_shape: (4, 3) has 12 elements, which do not make the shape (2147483647, 2147483647, 2147483647, "
        "2147483647, 2147483647)");
}

TEST_CASE("a permutation counts axes from 1 and names each once") {
    const Applied permute = apply("Permute", {{"dims", Sequence{3, 1, 2}}}, {{4, 5, 6}});
    CHECK(permute.shape() == Shape{6, 4, 5});
    const Array array = counting({4, 5, 6});
    CHECK(compute(permute, {}, {array}).at(5, 3, 1) == array.at(3, 1, 5));
    CHECK(apply("Permute", {{"dims", Sequence{0, 1, 2}}}, {{4, 5, 6}}).message() ==
          "dims must be the axes 1, 2, ... (the batch is 0) in their new order, got (0, 1, 2)");
    CHECK(apply("Permute", {{"dims", Sequence{2, 1}}}, {{4, 5, 6}}).message() ==
          "E0302 dims: 2 axes are named for the input (4, 5, 6), which has 3");
}

TEST_CASE("merging layers broadcast, and say which shapes do not") {
    CHECK(apply("Add", {}, {{8, 8, 3}, {3}}).shape() == Shape{8, 8, 3});
    CHECK(apply("Multiply", {}, {{8, 8, 3}, {1, 1, 3}, {8, 1, 1}}).shape() == Shape{8, 8, 3});
    CHECK(apply("Add", {}, {{8, 8, 3}, {8, 8, 4}}).message() ==
          "E0301: Add cannot bring (8, 8, 3) and (8, 8, 4) to one shape: axes must be equal or 1");
    const Array a({2}, {2, 3});
    CHECK(compute(apply("Add", {}, {{2}, {2}, {2}}), {}, {a, a, a})[1] == 9.0);
    CHECK(compute(apply("Multiply", {}, {{2}, {2}, {2}}), {}, {a, a, a})[1] == 27.0);
}

TEST_CASE("a subtraction takes the second input from the first") {
    const Applied difference = apply("Subtract", {}, {{2}, {1}});
    CHECK(compute(difference, {}, {Array({2}, {2, 3}), Array({1}, 5.0)})[1] == -2.0);
}

TEST_CASE("inputs are concatenated along an axis that Keras counts with the batch") {
    const Applied joined = apply("Concatenate", {{"axis", 1}}, {{2, 2}, {1, 2}});
    CHECK(joined.shape() == Shape{3, 2});
    const Array result = compute(joined, {}, {Array({2, 2}, {1, 2, 3, 4}), Array({1, 2}, {5, 6})});
    CHECK(result[5] == 6.0);
    const Array columns =
        compute(apply("Concatenate", {}, {{2, 1}, {2, 2}}), {}, {Array({2, 1}, {1, 2}), Array({2, 2}, {3, 4, 5, 6})});
    CHECK(columns[1] == 3.0);
    CHECK(columns[3] == 2.0);
}

TEST_CASE("inputs that cannot be concatenated are refused with both shapes") {
    CHECK(apply("Concatenate", {}, {{4, 3}, {5, 3}}).message() ==
          "E0301: Concatenate along axis -1 needs inputs that agree in all other axes, got (4, 3) and (5, 3)");
    CHECK(apply("Concatenate", {}, {{4, 3}, {4, 3, 1}}).message() ==
          "E0301: Concatenate along axis -1 needs inputs that agree in all other axes, got (4, 3) and (4, 3, 1)");
    CHECK(apply("Concatenate", {{"axis", 0}}, {{4, 3}, {4, 3}}).message() ==
          "E0306 axis: axis 0 is the batch; the axes of the input count from 1 to 2");
    CHECK(apply("Concatenate", {}, {{2147483647}, {2147483647}}).message() ==
          "E0304: the inputs together have more than 2147483647 elements");
}

TEST_CASE("a batch normalization scales and shifts the axis it is told") {
    const std::vector<Array> weights{Array({2}, {2, 3}), Array({2}, {10, 20}), Array({2}, {1, 1}), Array({2}, {4, 9})};
    const Arguments exact{{"epsilon", 0}};
    const Applied last = apply("BatchNormalization", exact, {{3, 2}});
    REQUIRE(last.weights.size() == 4);
    CHECK(last.weights[3].name == "moving_variance");
    CHECK(compute(last, weights, {Array({3, 2}, 5.0)})[1] == 24.0);
    Arguments first = exact;
    first["axis"] = 1;
    CHECK(compute(apply("BatchNormalization", first, {{2, 3}}), weights, {Array({2, 3}, 5.0)})[4] == 24.0);
}

TEST_CASE("a batch normalization lowers to one factor and one offset per channel, still symbolic") {
    const Applied norm = apply("BatchNormalization", {{"axis", 1}, {"center", false}}, {{2, 3, 3}});
    const Recorder lowered(norm, {{2, 3, 3}});
    REQUIRE(lowered.records.size() == 1);
    CHECK(to_text(lowered.records[0].epilogue) == "x * a + b");
    CHECK(lowered.records[0].constants[0].text() ==
          "reshape([x / sqrt(z + 0.001)](gamma, moving_mean, moving_variance), (2, 1, 1))");
    CHECK(lowered.records[0].constants[1].shape() == Shape{2, 1, 1});
}

TEST_CASE("a rescaling takes one number, or one for each channel") {
    const Applied one = apply("Rescaling", {{"scale", 1.0 / 255}}, {{2, 2, 3}});
    CHECK(to_text(Recorder(one, {{2, 2, 3}}).records[0].epilogue) == "x * 0.00392156862745098 + 0");
    const Applied several = apply("Rescaling", {{"scale", 2}, {"offset", Sequence{1, 2, 3}}}, {{1, 1, 3}});
    CHECK(compute(several, {}, {Array({1, 1, 3}, 10.0)})[2] == 23.0);
    CHECK(apply("Rescaling", {{"scale", Sequence{1, 2}}}, {{2, 2, 3}}).message() ==
          "E0301 scale: 2 numbers do not fit the last axis of the input (2, 2, 3)");
}

TEST_CASE("Dropout is nothing after training") {
    const Applied dropout = apply("Dropout", {{"rate", 0.5}}, {{3}});
    CHECK(Recorder(dropout, {{3}}).result == 0);
    CHECK(apply("Dropout", {{"rate", 1.5}}, {{3}}).message() == "rate must be a number from 0 to 1, got 1.5");
}

TEST_CASE("a dense layer works on the last axis") {
    const Applied dense = apply("Dense", {{"units", 2}}, {{2, 3}});
    REQUIRE(dense.shape() == Shape{2, 2});
    const Array result =
        compute(dense, {Array({3, 2}, {1, 0, 0, 1, 1, 1}), Array({2}, {10, 20})}, {Array({2, 3}, {1, 2, 3, 4, 5, 6})});
    CHECK(result[0] == 14.0);
    CHECK(result[3] == 31.0);
    CHECK(apply("Dense", {{"units", 2}}, {{}}).message() == "E0302: Dense needs an input of at least one axis, got ()");
}

TEST_CASE("what Keras has and Halcyon has not is refused by name") {
    CHECK(apply("Dense", {{"units", 2}, {"lora_rank", 4}}, {{3}}).message() ==
          "lora_rank must be None, since Halcyon has nothing of the kind, got 4");
    CHECK(apply("BatchNormalization", {{"renorm", true}}, {{3}}).message() ==
          "renorm must be None, since Halcyon has nothing of the kind, got True");
    CHECK(apply("BatchNormalization", {{"renorm", false}}, {{3}}).messages.empty());
}
