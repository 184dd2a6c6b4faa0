#include <doctest/doctest.h>

#include "harness.h"

using namespace harness;

TEST_CASE("a cropping takes rows and columns away, never channels") {
    const Arguments cropping{{"cropping", Sequence{Sequence{1, 0}, Sequence{0, 2}}}};
    const Array image = counting({4, 5, 3});
    const Applied last = apply("Cropping2D", cropping, {{4, 5, 3}});
    REQUIRE(last.shape() == Shape{3, 3, 3});
    const Array result = compute(last, {}, {image});
    CHECK(result.at(0, 0, 1) == image.at(1, 0, 1));
    CHECK(result.at(2, 2, 2) == image.at(3, 2, 2));
    Arguments moved = cropping;
    moved["data_format"] = "channels_first";
    const Array first = compute(apply("Cropping2D", moved, {{3, 4, 5}}), {}, {image.transposed({2, 0, 1})});
    CHECK(largest_difference(first, result.transposed({2, 0, 1})) == 0.0);
    CHECK(apply("Cropping1D", {}, {{5, 3}}).shape() == Shape{3, 3});
}

TEST_CASE("a cropping that leaves nothing is refused") {
    CHECK(apply("Cropping1D", {}, {{2, 3}}).message() == "E0303 cropping: 1 and 1 cut from an axis of 2 leave nothing");
}

TEST_CASE("upsampling repeats each pixel") {
    const Applied twice = apply("UpSampling2D", {{"size", Sequence{2, 3}}}, {{1, 2, 2}});
    REQUIRE(twice.shape() == Shape{2, 6, 2});
    const Array result = compute(twice, {}, {Array({1, 2, 2}, {1, 2, 3, 4})});
    CHECK(result.at(1, 2, 0) == 1.0);
    CHECK(result.at(0, 3, 1) == 4.0);
    CHECK(compute(apply("UpSampling1D", {}, {{2, 1}}), {}, {Array({2, 1}, {5, 6})})[1] == 5.0);
}

TEST_CASE("an interpolation that is not there is refused by name") {
    CHECK(apply("UpSampling2D", {{"interpolation", "bicubic"}}, {{4, 4, 1}}).message() ==
          "E0231 interpolation: interpolation 'bicubic' is not supported, only 'nearest' and 'bilinear'");
    CHECK(apply("Resizing", {{"height", 2}, {"width", 2}, {"interpolation", "lanczos3"}}, {{4, 4, 1}}).message() ==
          "E0231 interpolation: interpolation 'lanczos3' is not supported, only 'nearest' and 'bilinear'");
}

// The numbers are those of Keras 3.15, whose layers saw this image.
TEST_CASE("images are resized, cut and padded to Keras's numbers") {
    const Array image({3, 5, 1}, {0, 1, 4, 9, 16, 8, 2, 15, 13, 13, 15, 2, 8, 16, 9});
    const auto result = [&](const char* layer, Arguments arguments, std::int64_t height, std::int64_t width) {
        arguments["height"] = height;
        arguments["width"] = width;
        return compute(apply(layer, arguments, {{3, 5, 1}}), {}, {image});
    };
    const auto is = [](const Array& array, const Shape& shape, const std::vector<double>& expected) {
        return largest_difference(array, Array(shape, expected)) < 1e-4;
    };
    CHECK(is(result("Resizing", {}, 2, 3), {2, 3, 1}, {1.75, 6.75, 13.5, 9.5, 9.75, 11.75}));
    CHECK(is(result("Resizing", {}, 5, 4), {5, 4, 1},
             {0.125, 2.125, 7.125,  15.125, 2.975, 4.025,  9.775,  14.275, 7.25, 6.875,
              13.75, 13.0,  10.925, 5.3,    13.3,  11.125, 13.375, 4.25,   13.0, 9.875}));
    CHECK(is(result("Resizing", {{"interpolation", "nearest"}}, 4, 7), {4, 7, 1},
             {0, 1, 1, 4, 9, 9, 16, 8, 2, 2, 15, 13, 13, 13, 8, 2, 2, 15, 13, 13, 13, 15, 2, 2, 8, 16, 16, 9}));
    CHECK(is(result("Resizing", {{"crop_to_aspect_ratio", true}}, 2, 2), {2, 2, 1}, {2.625, 9.1875, 3.9375, 13.875}));
    CHECK(is(result("Resizing", {{"pad_to_aspect_ratio", true}, {"fill_value", 1.5}}, 4, 4), {4, 4, 1},
             {1.32812, 1.57812, 2.20312, 3.20312, 2.79688, 3.90625, 9.60938, 14.32812, 11.07812, 5.23438, 13.28125,
              11.04688, 2.98438, 1.84375, 2.9375, 2.54688}));
    CHECK(is(result("CenterCrop", {}, 2, 2), {2, 2, 1}, {1, 4, 2, 15}));
    CHECK(is(result("CenterCrop", {}, 4, 2), {4, 2, 1}, {4, 4, 10.875, 10.875, 12.375, 12.375, 8, 8}));
    CHECK(is(result("CenterCrop", {}, 3, 4), {3, 4, 1}, {0, 1, 4, 9, 8, 2, 15, 13, 15, 2, 8, 16}));
}

TEST_CASE("a resized image keeps its channels, first or last") {
    const Array image = counting({4, 6, 3});
    const Arguments size{{"height", 7}, {"width", 3}};
    Arguments moved = size;
    moved["data_format"] = "channels_first";
    const Array last = compute(apply("Resizing", size, {{4, 6, 3}}), {}, {image});
    const Array first = compute(apply("Resizing", moved, {{3, 4, 6}}), {}, {image.transposed({2, 0, 1})});
    CHECK(largest_difference(first, last.transposed({2, 0, 1})) == 0.0);
}

TEST_CASE("resizing lowers to what it needs: a cut, a resize, or nothing") {
    const auto lowered = [](const char* layer, Arguments arguments, std::int64_t height, std::int64_t width) {
        arguments["height"] = height;
        arguments["width"] = width;
        std::string operations;
        for (const Recorder::Record& record : Recorder(apply(layer, arguments, {{8, 8, 3}}), {{8, 8, 3}}).records)
            operations += std::string(to_text(record.operation.op)) + " ";
        return operations;
    };
    CHECK(lowered("Resizing", {}, 8, 8).empty());
    CHECK(lowered("Resizing", {}, 4, 12) == "resize_bilinear ");
    CHECK(lowered("Resizing", {{"crop_to_aspect_ratio", true}}, 2, 4) == "pad resize_bilinear ");
    CHECK(lowered("CenterCrop", {}, 4, 4) == "pad ");
    CHECK(lowered("CenterCrop", {}, 16, 4) == "pad resize_bilinear ");
}

TEST_CASE("what resizing cannot do is refused at its argument") {
    const auto message = [](Arguments arguments, const Shape& image) {
        arguments.try_emplace("height", 4);
        arguments.try_emplace("width", 4);
        return apply("Resizing", arguments, {image}).message();
    };
    CHECK(message({{"antialias", true}}, {8, 8, 3}) ==
          "E0231 antialias: smoothing before an image is made smaller is not supported");
    CHECK(message({{"antialias", true}}, {2, 4, 3}).empty());
    CHECK(message({{"pad_to_aspect_ratio", true}, {"crop_to_aspect_ratio", true}}, {8, 8, 3}) ==
          "E0204 pad_to_aspect_ratio: only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be True");
    CHECK(message({{"pad_to_aspect_ratio", true}, {"height", 100000}, {"width", 1}}, {1, 100000, 3}) ==
          "E0304 pad_to_aspect_ratio: the image with its borders would have more than 2147483647 elements");
    CHECK(message({}, {8, 8}) == "E0302: Resizing needs an input of 3 axes, (height, width, channels), got (8, 8)");
}
