#include <doctest/doctest.h>

#include "harness.h"

using namespace harness;

TEST_CASE("a convolution of a sequence is that of an image of one row") {
    const Array sequence = counting({9, 4}), kernel = counting({3, 2, 6}), bias = counting({6});
    const Arguments shared{{"filters", 6}, {"groups", 2}, {"padding", "same"}};
    Arguments one = shared, two = shared;
    one.insert({{"kernel_size", 3}, {"strides", 2}});
    two.insert({{"kernel_size", Sequence{1, 3}}, {"strides", Sequence{1, 2}}});
    const Applied line = apply("Conv1D", one, {{9, 4}});
    REQUIRE(line.shape() == Shape{5, 6});
    const Array image = compute(apply("Conv2D", two, {{1, 9, 4}}), {kernel.reshaped({1, 3, 2, 6}), bias},
                                {sequence.reshaped({1, 9, 4})});
    CHECK(largest_difference(compute(line, {kernel, bias}, {sequence}), image.reshaped({5, 6})) == 0.0);
}

TEST_CASE("a causal convolution sees nothing that comes later") {
    const Applied causal =
        apply("Conv1D",
              {{"filters", 1}, {"kernel_size", 3}, {"padding", "CAUSAL"}, {"dilation_rate", 2}, {"use_bias", false}},
              {{6, 1}});
    REQUIRE(causal.shape() == Shape{6, 1});
    const Array kernel({3, 1, 1}, {100, 10, 1});
    const Array result = compute(causal, {kernel}, {Array({6, 1}, {1, 2, 3, 4, 5, 6})});
    CHECK(result[0] == 1.0);
    CHECK(result[2] == 13.0);
    CHECK(result[5] == 246.0);
    CHECK(apply("Conv2D", {{"filters", 1}, {"kernel_size", 3}, {"padding", "causal"}}, {{6, 6, 1}}).messages.size() ==
          1);
}

TEST_CASE("a separable convolution is a depthwise one and one of single pixels") {
    const Array image = counting({5, 6, 2}), depthwise = counting({3, 3, 2, 2}), pointwise = counting({1, 1, 4, 3});
    const Array bias = counting({3});
    const Applied whole = apply("SeparableConv2D",
                                {{"filters", 3},
                                 {"kernel_size", 3},
                                 {"strides", 2},
                                 {"depth_multiplier", 2},
                                 {"padding", "same"},
                                 {"activation", "relu"}},
                                {{5, 6, 2}});
    REQUIRE(whole.weights.size() == 3);
    CHECK(whole.weights[1].name == "pointwise_kernel");
    const Applied first =
        apply("DepthwiseConv2D",
              {{"kernel_size", 3}, {"strides", 2}, {"depth_multiplier", 2}, {"padding", "same"}, {"use_bias", false}},
              {{5, 6, 2}});
    const Applied second =
        apply("Conv2D", {{"filters", 3}, {"kernel_size", 1}, {"activation", "relu"}}, {first.shape()});
    const Array expected = compute(second, {pointwise, bias}, {compute(first, {depthwise}, {image})});
    CHECK(largest_difference(compute(whole, {depthwise, pointwise, bias}, {image}), expected) == 0.0);
}

TEST_CASE("softmax after a channels_first separable convolution goes over the last axis, as in Keras") {
    const Applied conv = apply(
        "SeparableConv1D",
        {{"filters", 2}, {"kernel_size", 1}, {"activation", "softmax"}, {"data_format", "channels_first"}}, {{1, 4}});
    const Array result =
        compute(conv, {Array({1, 1, 1}, 1.0), Array({1, 1, 2}, {1, 2}), Array({2})}, {counting({1, 4})});
    REQUIRE(result.shape() == Shape{2, 4});
    CHECK(result[0] + result[1] + result[2] + result[3] == doctest::Approx(1.0));
}

TEST_CASE("pools and pads of sequences count steps") {
    CHECK(apply("MaxPooling1D", {}, {{7, 3}}).shape() == Shape{3, 3});
    CHECK(apply("AveragePooling1D", {{"pool_size", 2}, {"padding", "same"}}, {{7, 3}}).shape() == Shape{4, 3});
    CHECK(apply("GlobalMaxPooling1D", {{"keepdims", true}}, {{7, 3}}).shape() == Shape{1, 3});
    CHECK(apply("ZeroPadding1D", {}, {{7, 3}}).shape() == Shape{9, 3});
    CHECK(apply("ZeroPadding1D", {{"padding", Sequence{0, 2}}, {"data_format", "channels_first"}}, {{3, 7}}).shape() ==
          Shape{3, 9});
    CHECK(apply("MaxPooling1D", {}, {{7, 7, 3}}).message() ==
          "E0302: MaxPooling1D needs an input of 2 axes, (steps, channels), got (7, 7, 3)");
}
