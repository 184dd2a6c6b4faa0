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
    CHECK(apply("UpSampling2D", {{"interpolation", "bilinear"}}, {{4, 4, 1}}).message() ==
          "E0231 interpolation: interpolation 'bilinear' is not supported yet, only 'nearest'");
}
