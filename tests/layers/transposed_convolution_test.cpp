#include <doctest/doctest.h>

#include "harness.h"

using namespace harness;

namespace {

/// The same by another way: zeros between the elements and round them, then a convolution with the kernel turned round.
Array stuffed_and_convolved(const Array& image, const Array& kernel, std::int64_t stride, std::int64_t dilation) {
    const std::int64_t n = image.shape()[0], channels = image.shape()[2], k = kernel.shape()[0];
    const std::int64_t filters = kernel.shape()[2], border = (k - 1) * dilation;
    const std::int64_t extent = (n - 1) * stride + 1 + 2 * border;
    Array stuffed({extent, extent, channels});
    for_each_index(image.shape(), [&](const std::vector<std::int64_t>& at) {
        stuffed.at(at[0] * stride + border, at[1] * stride + border, at[2]) = image.at(at[0], at[1], at[2]);
    });
    Array turned({k, k, channels, filters});
    for_each_index(turned.shape(), [&](const std::vector<std::int64_t>& at) {
        turned.at(at[0], at[1], at[2], at[3]) = kernel.at(k - 1 - at[0], k - 1 - at[1], at[3], at[2]);
    });
    const Applied conv =
        apply("Conv2D", {{"filters", filters}, {"kernel_size", k}, {"dilation_rate", dilation}, {"use_bias", false}},
              {stuffed.shape()});
    return compute(conv, {turned}, {stuffed});
}

Applied transposed(Arguments arguments, const Shape& input) {
    arguments.try_emplace("filters", 2);
    arguments.try_emplace("kernel_size", 3);
    return apply("Conv2DTranspose", arguments, {input});
}

}  // namespace

TEST_CASE("a transposed convolution is a convolution over an input with zeros between its elements") {
    for (std::int64_t n = 1; n <= 4; ++n) {
        for (std::int64_t k = 1; k <= 5; ++k) {
            for (std::int64_t stride = 1; stride <= 3; ++stride) {
                for (std::int64_t dilation = 1; dilation <= (stride == 1 ? 2 : 1); ++dilation) {
                    CAPTURE(n);
                    CAPTURE(k);
                    CAPTURE(stride);
                    CAPTURE(dilation);
                    const Applied layer = transposed({{"kernel_size", k},
                                                      {"strides", stride},
                                                      {"dilation_rate", dilation},
                                                      {"padding", 0},
                                                      {"use_bias", false}},
                                                     {n, n, 3});
                    const Array image = counting({n, n, 3}), kernel = counting({k, k, 2, 3});
                    const Array expected = stuffed_and_convolved(image, kernel, stride, dilation);
                    REQUIRE(layer.shape() == expected.shape());
                    CHECK(largest_difference(compute(layer, {kernel}, {image}), expected) < 1e-9);
                }
            }
        }
    }
}

TEST_CASE("extents of transposed convolutions are Keras's") {
    const auto extent = [](std::int64_t k, std::int64_t stride, const char* padding, const Value& output_padding) {
        return transposed(
                   {{"kernel_size", k}, {"strides", stride}, {"padding", padding}, {"output_padding", output_padding}},
                   {5, 5, 1})
            .shape()[0];
    };
    CHECK(extent(3, 2, "same", Value()) == 10);
    CHECK(extent(3, 2, "valid", Value()) == 11);
    CHECK(extent(2, 4, "valid", Value()) == 20);
    CHECK(extent(2, 4, "valid", 1) == 19);
    CHECK(extent(3, 2, "same", 0) == 9);
    CHECK(extent(3, 2, "same", 1) == 10);
    CHECK(extent(4, 2, "same", 1) == 9);
    CHECK(extent(4, 1, "same", Value()) == 5);
}

TEST_CASE("pads by number cut off what they cut off in PyTorch, and output_padding keeps more of the end") {
    const Array image = counting({4, 4, 3}), kernel = counting({4, 4, 2, 3});
    const Arguments whole{{"kernel_size", 4}, {"strides", 2}, {"use_bias", false}};
    const Array all = compute(transposed(whole, {4, 4, 3}), {kernel}, {image});
    Arguments cut = whole;
    cut["padding"] = 1;
    cut["output_padding"] = 1;
    const Applied layer = transposed(cut, {4, 4, 3});
    REQUIRE(layer.shape() == Shape{9, 9, 2});
    const Array result = compute(layer, {kernel}, {image});
    CHECK(result.at(0, 0, 1) == all.at(1, 1, 1));
    CHECK(result.at(8, 3, 0) == all.at(9, 4, 0));
}

TEST_CASE("what Keras refuses of a transposed convolution is refused at its argument") {
    CHECK(transposed({{"strides", 2}, {"output_padding", 3}}, {5, 5, 3}).message() ==
          "E0204 output_padding: an output_padding of 3 must be smaller than strides of 2");
    CHECK(transposed({{"strides", 2}, {"dilation_rate", 2}}, {5, 5, 3}).message() ==
          "E0204 dilation_rate: strides of (2, 2) and a dilation_rate of (2, 2) do not go together: one of them must "
          "be 1");
    CHECK(
        transposed({{"padding", 3}}, {3, 3, 3}).message() ==
        "E0303 padding: the pads cut off all that (3, 3) elements and a window of (3, 3) make: nothing would come out");
    CHECK(transposed({}, {5, 3}).message() ==
          "E0302: Conv2DTranspose needs an input of 3 axes, (height, width, channels), got (5, 3)");
}

TEST_CASE("the kernel of a transposed convolution has the filters before the channels, as in Keras") {
    const Applied layer = transposed({{"filters", 6}, {"kernel_size", Sequence{3, 2}}, {"strides", 2}}, {5, 5, 4});
    REQUIRE(layer.weights.size() == 2);
    CHECK(layer.weights[0].shape == Shape{3, 2, 6, 4});
    CHECK(layer.weights[1].shape == Shape{6});
    const Applied first =
        transposed({{"filters", 6}, {"kernel_size", Sequence{3, 2}}, {"strides", 2}, {"data_format", "channels_first"}},
                   {4, 5, 5});
    const Array image = counting({5, 5, 4}), kernel = counting({3, 2, 6, 4}), bias = counting({6});
    CHECK(largest_difference(compute(first, {kernel, bias}, {image.transposed({2, 0, 1})}),
                             compute(layer, {kernel, bias}, {image}).transposed({2, 0, 1})) == 0.0);
}

TEST_CASE("a transposed convolution lowers to one operation with bias and activation") {
    const Applied layer = transposed({{"strides", 2}, {"padding", "same"}, {"activation", "relu"}}, {5, 5, 4});
    const Recorder lowered(layer, {{5, 5, 4}});
    REQUIRE(lowered.records.size() == 1);
    CHECK(lowered.records[0].operation.op == Op::transposed_convolution);
    CHECK(lowered.records[0].operation.window.pad_before == Shape{0, 0});
    CHECK(lowered.records[0].operation.window.pad_after == Shape{1, 1});
    CHECK(to_text(lowered.records[0].epilogue) == "max(x + b, 0)");
}
