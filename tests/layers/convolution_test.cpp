#include <doctest/doctest.h>

#include "harness.h"

using namespace harness;

namespace {

/// Convolution by its definition, one sum at a time. `before` is what stands before the image.
Array defined(const Array& image, const Array& kernel, std::int64_t before, std::int64_t stride, std::int64_t dilation,
              std::int64_t groups, const Shape& shape) {
    Array result(shape);
    const std::int64_t channels = kernel.shape()[2];
    for_each_index(shape, [&](const std::vector<std::int64_t>& at) {
        const std::int64_t group = at[2] / (shape[2] / groups);
        double sum = 0.0;
        for (std::int64_t row = 0; row < kernel.shape()[0]; ++row) {
            for (std::int64_t column = 0; column < kernel.shape()[1]; ++column) {
                const std::int64_t y = at[0] * stride + row * dilation - before;
                const std::int64_t x = at[1] * stride + column * dilation - before;
                if (y < 0 || x < 0 || y >= image.shape()[0] || x >= image.shape()[1]) continue;
                for (std::int64_t c = 0; c < channels; ++c) {
                    sum += image.at(y, x, group * channels + c) * kernel.at(row, column, c, at[2]);
                }
            }
        }
        result.at(at[0], at[1], at[2]) = sum;
    });
    return result;
}

/// TensorFlow's formula as its documentation states it.
std::int64_t same_total(std::int64_t n, std::int64_t reach, std::int64_t stride) {
    return std::max<std::int64_t>(0, n % stride == 0 ? reach - stride : reach - n % stride);
}

}  // namespace

TEST_CASE("valid and same windows over every small image are the definition's") {
    for (std::int64_t n = 1; n <= 9; ++n) {
        for (std::int64_t k = 1; k <= 7; ++k) {
            for (std::int64_t stride = 1; stride <= 3; ++stride) {
                for (std::int64_t dilation = 1; dilation <= 3; ++dilation) {
                    const std::int64_t reach = (k - 1) * dilation + 1;
                    for (const bool same : {false, true}) {
                        CAPTURE(n);
                        CAPTURE(k);
                        CAPTURE(stride);
                        CAPTURE(dilation);
                        CAPTURE(same);
                        const Applied conv = apply("Conv2D",
                                                   {{"filters", 1},
                                                    {"kernel_size", k},
                                                    {"strides", stride},
                                                    {"dilation_rate", dilation},
                                                    {"padding", same ? "same" : "valid"},
                                                    {"use_bias", false}},
                                                   {{n, n, 1}});
                        if (!same && reach > n) {
                            CHECK(conv.message().starts_with("E0303 kernel_size: "));
                            continue;
                        }
                        const std::int64_t out = same ? (n + stride - 1) / stride : (n - reach) / stride + 1;
                        REQUIRE(conv.shape() == Shape{out, out, 1});
                        const std::int64_t before = same ? same_total(n, reach, stride) / 2 : 0;
                        const Array image = counting({n, n, 1});
                        const Array kernel = counting({k, k, 1, 1});
                        const Array expected = defined(image, kernel, before, stride, dilation, 1, conv.shape());
                        CHECK(largest_difference(compute(conv, {kernel}, {image}), expected) < 1e-9);
                    }
                }
            }
        }
    }
}

TEST_CASE("groups see their own channels, and filters beyond a block of the reference are right too") {
    for (const std::int64_t filters : {2, 6, 18, 34}) {
        const Applied conv = apply(
            "Conv2D", {{"filters", filters}, {"kernel_size", 3}, {"groups", 2}, {"padding", 1}, {"use_bias", false}},
            {{5, 5, 6}});
        REQUIRE(conv.weights[0].shape == Shape{3, 3, 3, filters});
        const Array image = counting({5, 5, 6});
        const Array kernel = counting({3, 3, 3, filters});
        CHECK(largest_difference(compute(conv, {kernel}, {image}),
                                 defined(image, kernel, 1, 1, 1, 2, {5, 5, filters})) < 1e-9);
    }
}

TEST_CASE("explicit padding may differ on every side, as in PyTorch ports") {
    const Applied conv =
        apply("Conv2D", {{"filters", 4}, {"kernel_size", 3}, {"padding", Sequence{Sequence{1, 2}, Sequence{0, 3}}}},
              {{8, 8, 3}});
    CHECK(conv.shape() == Shape{9, 9, 4});
}

TEST_CASE("channels_first computes what channels_last computes, with its axes moved") {
    const Arguments arguments{
        {"filters", 4}, {"kernel_size", Sequence{3, 2}}, {"strides", 2}, {"padding", "same"}, {"activation", "tanh"}};
    Arguments first = arguments;
    first["data_format"] = "channels_first";
    const Applied last_conv = apply("Conv2D", arguments, {{6, 5, 3}});
    const Applied first_conv = apply("Conv2D", first, {{3, 6, 5}});
    REQUIRE(first_conv.shape() == Shape{4, 3, 3});
    const std::vector<Array> weights{counting({3, 2, 3, 4}), counting({4})};
    const Array image = counting({6, 5, 3});
    const Array last = compute(last_conv, weights, {image});
    CHECK(largest_difference(compute(first_conv, weights, {image.transposed({2, 0, 1})}), last.transposed({2, 0, 1})) <
          1e-12);
}

TEST_CASE("a depthwise convolution is a convolution with a group per channel") {
    const Applied depthwise =
        apply("DepthwiseConv2D", {{"kernel_size", 3}, {"depth_multiplier", 2}, {"padding", 1}, {"use_bias", false}},
              {{5, 5, 3}});
    REQUIRE(depthwise.weights[0].shape == Shape{3, 3, 3, 2});
    const Array image = counting({5, 5, 3});
    const Array kernel = counting({3, 3, 3, 2});
    const Array expected = defined(image, kernel.reshaped({3, 3, 1, 6}), 1, 1, 1, 3, {5, 5, 6});
    CHECK(largest_difference(compute(depthwise, {kernel}, {image}), expected) < 1e-9);
    const Recorder lowered(depthwise, {{5, 5, 3}});
    REQUIRE(lowered.records.size() == 1);
    CHECK(lowered.records[0].operation.groups == 3);
    CHECK(lowered.records[0].constants[0].text() == "reshape(kernel, (3, 3, 1, 6))");
}

TEST_CASE("bias and activation become the convolution's epilogue") {
    const Applied conv = apply("Conv2D", {{"filters", 4}, {"kernel_size", 3}, {"activation", "relu"}}, {{8, 8, 3}});
    const Recorder lowered(conv, {{8, 8, 3}});
    REQUIRE(lowered.records.size() == 1);
    CHECK(to_text(lowered.records[0].epilogue) == "max(x + b, 0)");
    CHECK(lowered.records[0].constants[1].text() == "bias");
    CHECK(lowered.records[0].operation.window == Window{{3, 3}, {1, 1}, {1, 1}, {0, 0}, {0, 0}});
}

TEST_CASE("a softmax after a convolution is an operation of its own, over the axis that is Keras's last") {
    const Arguments arguments{
        {"filters", 4}, {"kernel_size", 1}, {"activation", "softmax"}, {"data_format", "channels_first"}};
    Applied conv = apply("Conv2D", arguments, {{3, 6, 5}});
    const Array first = compute(conv, {counting({1, 1, 3, 4}), Array({4})}, {counting({3, 6, 5})});
    double sum = 0.0;
    for (int column = 0; column < 5; ++column) sum += first.at(0, 0, column);
    CHECK(sum == doctest::Approx(1.0));

    conv.attributes = conv.layer->to_channels_last(conv.attributes, 3);
    conv.type->shape = {6, 5, 4};
    const Recorder lowered(conv, {{6, 5, 3}});
    REQUIRE(lowered.records.size() == 2);
    CHECK(to_text(lowered.records[0].epilogue) == "x + b");
    CHECK(lowered.records[1].operation.axes == std::vector<int>{1});
}

TEST_CASE("a window larger than its image is refused with both sizes") {
    CHECK(apply("Conv2D", {{"filters", 6}, {"kernel_size", 5}}, {{4, 4, 4}}).message() ==
          "E0303 kernel_size: a window of (5, 5) does not fit into (4, 4): nothing would come out");
    CHECK(apply("Conv2D", {{"filters", 6}, {"kernel_size", 3}, {"dilation_rate", 3}, {"padding", 1}}, {{4, 4, 4}})
              .message() == "E0303 kernel_size: a window of (3, 3), which dilation spreads to (7, 7), does not fit "
                            "into (4, 4), padded to (6, 6): "
                            "nothing would come out");
}

TEST_CASE("channels and filters that do not divide into the groups are refused") {
    CHECK(apply("Conv2D", {{"filters", 6}, {"kernel_size", 1}, {"groups", 4}}, {{4, 4, 4}}).message() ==
          "E0307 groups: 6 filters do not divide into 4 groups");
    CHECK(apply("Conv2D", {{"filters", 6}, {"kernel_size", 1}, {"groups", 3}}, {{4, 4, 4}}).message() ==
          "E0307 groups: the 4 channels of the input (4, 4, 4) do not divide into 3 groups");
}

TEST_CASE("an input that is no image is refused with the axes that are wanted") {
    CHECK(apply("Conv2D", {{"filters", 6}, {"kernel_size", 1}}, {{784}}).message() ==
          "E0302: Conv2D needs an input of 3 axes, (height, width, channels), got (784,)");
    CHECK(apply("DepthwiseConv2D", {{"kernel_size", 1}, {"data_format", "channels_first"}}, {{28, 28}}).message() ==
          "E0302: DepthwiseConv2D needs an input of 3 axes, (channels, height, width), got (28, 28)");
}

TEST_CASE("a kernel beyond all limits is refused without computing its size in 64 bits") {
    CHECK(apply("Conv2D", {{"filters", 2147483647}, {"kernel_size", 2147483647}, {"padding", "same"}},
                {{8, 8, 2147483647}})
              .message() == "E0304 filters: the weight 'kernel' would have the shape (2147483647, 2147483647, "
                            "2147483647, 2147483647), more than "
                            "2147483647 elements");
}
