#include <doctest/doctest.h>

#include <cmath>

#include "harness.h"

using namespace harness;

namespace {

double mean(const Array& array) {
    double sum = 0.0;
    for (double value : array.values()) sum += value;
    return sum / static_cast<double>(array.size());
}

double deviation(const Array& array) {
    double sum = 0.0;
    for (double value : array.values()) sum += (value - mean(array)) * (value - mean(array));
    return std::sqrt(sum / static_cast<double>(array.size()));
}

/// One place of the last axis of [rows, columns].
Array column(const Array& array, std::int64_t index) {
    Array result({array.shape()[0]});
    for (std::int64_t row = 0; row < array.shape()[0]; ++row) result[row] = array.at(row, index);
    return result;
}

}  // namespace

TEST_CASE("a layer normalization gives each row mean 0 and deviation 1, then scale and offset") {
    const Arguments exact{{"epsilon", 0}};
    const Applied norm = apply("LayerNormalization", exact, {{2, 5}});
    REQUIRE(norm.weights.size() == 2);
    const Array result = compute(norm, {Array({5}, 3.0), Array({5}, 7.0)}, {counting({2, 5})});
    CHECK(mean(result) == doctest::Approx(7.0));
    CHECK(deviation(Array({5}, {result[5], result[6], result[7], result[8], result[9]})) == doctest::Approx(3.0));
}

TEST_CASE("a layer normalization over another axis has weights of that axis") {
    const Applied norm = apply("LayerNormalization", {{"axis", 1}, {"epsilon", 0}, {"center", false}}, {{4, 2}});
    REQUIRE(norm.weights.size() == 1);
    CHECK(norm.weights[0].shape == Shape{4});
    const Array plain = compute(norm, {Array({4}, 1.0)}, {counting({4, 2})});
    CHECK(mean(column(plain, 1)) == doctest::Approx(0.0));
    CHECK(deviation(column(plain, 1)) == doctest::Approx(1.0));
    const Array scaled = compute(norm, {Array({4}, {1, 2, 3, 4})}, {counting({4, 2})});
    CHECK(scaled.at(2, 1) == doctest::Approx(3.0 * plain.at(2, 1)));
}

TEST_CASE("axes that do not exist, or stand twice, are refused") {
    CHECK(apply("LayerNormalization", {{"axis", 0}}, {{4, 2}}).message() ==
          "E0306 axis: axis 0 is the batch; the axes of the input count from 1 to 2");
    CHECK(apply("UnitNormalization", {{"axis", Sequence{2, -1}}}, {{4, 2}}).message() ==
          "E0306 axis: axis -1 stands twice");
    CHECK(apply("UnitNormalization", {{"axis", Sequence{}}}, {{4, 2}}).message() == "E0306 axis: no axis is named");
    CHECK(apply("RMSNormalization", {{"axis", 1}}, {{4, 2}}).message() ==
          "E0306 axis: a scale of shape (4,) does not fit the last axes of the input (4, 2)");
}

TEST_CASE("groups of channels are normalized together, over all of the image") {
    const Applied norm = apply("GroupNormalization", {{"groups", 2}, {"epsilon", 0}}, {{3, 2, 4}});
    const Array result = compute(norm, {Array({4}, {1, 1, 1, 10}), Array({4}, {0, 0, 0, 5})}, {counting({3, 2, 4})});
    Array first({12});
    for (std::int64_t pixel = 0; pixel < 6; ++pixel)
        for (std::int64_t c = 0; c < 2; ++c) first[pixel * 2 + c] = result[pixel * 4 + c];
    CHECK(mean(first) == doctest::Approx(0.0));
    CHECK(deviation(first) == doctest::Approx(1.0));
    const Array plain = compute(norm, {Array({4}, 1.0), Array({4}, 0.0)}, {counting({3, 2, 4})});
    CHECK(result[7] == doctest::Approx(10.0 * plain[7] + 5.0));
}

TEST_CASE("groups of a channels_first image move its axes and no numbers") {
    const Array image = counting({3, 2, 6});
    const Arguments three{{"groups", 3}};
    const std::vector<Array> weights{counting({6}), counting({6})};
    const Array last = compute(apply("GroupNormalization", three, {{3, 2, 6}}), weights, {image});
    Arguments moved = three;
    moved["axis"] = 1;
    const Array first =
        compute(apply("GroupNormalization", moved, {{6, 3, 2}}), weights, {image.transposed({2, 0, 1})});
    CHECK(largest_difference(first, last.transposed({2, 0, 1})) < 1e-14);
}

TEST_CASE("channels that do not divide into the groups are refused; -1 makes each channel one") {
    CHECK(apply("GroupNormalization", {}, {{3, 2, 6}}).message() ==
          "E0307 groups: the 6 channels of the input (3, 2, 6) do not divide into 32 groups");
    CHECK(apply("GroupNormalization", {{"groups", -1}}, {{3, 2, 6}}).messages.empty());
}

TEST_CASE("a unit normalization makes vectors of length 1, and leaves zeros alone") {
    const Array result = compute(apply("UnitNormalization", {}, {{2, 2}}), {}, {Array({2, 2}, {3, 4, 0, 0})});
    CHECK(result[0] == doctest::Approx(0.6));
    CHECK(result[1] == doctest::Approx(0.8));
    CHECK(result[2] == 0.0);
}

TEST_CASE("an RMS normalization divides by the root of the mean of squares") {
    const Applied norm = apply("RMSNormalization", {{"epsilon", 0}}, {{2}});
    CHECK(norm.weights[0].name == "scale");
    CHECK(compute(norm, {Array({2}, {1, 10})}, {Array({2}, {1, 7})})[1] == doctest::Approx(14.0));
}

TEST_CASE("a normalization takes written numbers, or weights") {
    const Applied written = apply("Normalization", {{"mean", Sequence{1, 2}}, {"variance", Sequence{4, 9}}}, {{3, 2}});
    CHECK(written.weights.empty());
    CHECK(compute(written, {}, {Array({3, 2}, 8.0)})[1] == doctest::Approx(2.0));
    const Applied measured = apply("Normalization", {{"axis", 1}}, {{3, 2}});
    REQUIRE(measured.weights.size() == 3);
    CHECK(measured.weights[1].shape == Shape{3});
    const Array result = compute(measured, {Array({3}, {0, 0, 2}), Array({3}, {1, 1, 4})}, {Array({3, 2}, 8.0)});
    CHECK(result[5] == doctest::Approx(3.0));
    const Applied single = apply("Normalization", {{"axis", Value()}, {"mean", 3}, {"variance", 4}}, {{3, 2}});
    CHECK(compute(single, {}, {Array({3, 2}, 8.0)})[0] == doctest::Approx(2.5));
    const Applied inverted =
        apply("Normalization", {{"axis", Value()}, {"mean", 3}, {"variance", 4}, {"invert", true}}, {{3, 2}});
    CHECK(compute(inverted, {}, {Array({3, 2}, 8.0)})[0] == doctest::Approx(19.0));
}

TEST_CASE("a normalization's numbers come together and fit the input") {
    CHECK(apply("Normalization", {{"mean", 1}}, {{3, 2}}).message() ==
          "E0204 mean: mean and variance must be given both, or neither");
    CHECK(apply("Normalization", {{"mean", Sequence{1, 2, 3}}, {"variance", Sequence{1, 2, 3}}}, {{3, 2}}).message() ==
          "E0301 mean: 3 numbers do not fit the axes of the input (3, 2) that are kept");
}

TEST_CASE("a normalization keeps Keras's three weights, of which nothing reads the count") {
    const Applied norm = apply("Normalization", {}, {{4, 3}});
    REQUIRE(norm.weights.size() == 3);
    CHECK(norm.weights[2].name == "count");
    CHECK(norm.weights[2].shape.empty());
    CHECK(Recorder(norm, {{4, 3}}).records[0].constants.size() == 2);
    CHECK(apply("Normalization", {{"mean", 1}, {"variance", 2}}, {{4, 3}}).weights.empty());
}

TEST_CASE("a layer scale has a factor for each channel") {
    const Applied scale = apply("LayerScale", {{"init_values", 1e-6}, {"projection_dim", 2}}, {{3, 2}});
    REQUIRE(scale.weights.size() == 1);
    CHECK(to_text(scale.weights[0].initializer) == "Constant(value=1e-06)");
    CHECK(compute(scale, {Array({2}, {2, 3})}, {Array({3, 2}, 5.0)})[3] == 15.0);
    CHECK(apply("LayerScale", {{"init_values", 1}, {"projection_dim", 3}}, {{3, 2}}).message() ==
          "E0301 projection_dim: 3 factors do not fit the last axis of the input (3, 2)");
}
