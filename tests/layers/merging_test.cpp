#include <doctest/doctest.h>

#include <cmath>

#include "harness.h"

using namespace harness;

TEST_CASE("an average divides by the number of inputs") {
    const Applied average = apply("Average", {}, {{2}, {2}, {1}});
    CHECK(compute(average, {}, {Array({2}, {1, 2}), Array({2}, {3, 4}), Array({1}, 5.0)})[1] == 11.0 / 3.0);
}

TEST_CASE("Maximum and Minimum choose element by element among all inputs") {
    const std::vector<Array> inputs{Array({2}, {1, 9}), Array({2}, {7, -3}), Array({1}, 4.0)};
    const Array largest = compute(apply("Maximum", {}, {{2}, {2}, {1}}), {}, inputs);
    const Array smallest = compute(apply("Minimum", {}, {{2}, {2}, {1}}), {}, inputs);
    CHECK(largest[0] == 7.0);
    CHECK(largest[1] == 9.0);
    CHECK(smallest[0] == 1.0);
    CHECK(smallest[1] == -3.0);
    CHECK(apply("Maximum", {}, {{2}, {3}}).message() ==
          "E0301: Maximum cannot bring (2,) and (3,) to one shape: axes must be equal or 1");
}

TEST_CASE("a quotient divides the first input by the second") {
    CHECK(compute(apply("Divide", {}, {{2}, {1}}), {}, {Array({2}, {2, 3}), Array({1}, 4.0)})[1] == 0.75);
}

TEST_CASE("whole powers of negative numbers keep their sign, large ones too") {
    const auto power = [](double exponent, double x) {
        return compute(apply("Power", {{"exponent", exponent}}, {{1}}), {}, {Array({1}, x)})[0];
    };
    CHECK(power(3, -2.0) == -8.0);
    CHECK(power(-1, -4.0) == -0.25);
    CHECK(power(0, -4.0) == 1.0);
    CHECK(power(0.5, 9.0) == 3.0);
    CHECK(power(65, -1.5) == doctest::Approx(std::pow(-1.5, 65)));
    CHECK(power(66, -1.5) == doctest::Approx(std::pow(-1.5, 66)));
    const Applied scaled = apply("Power", {{"exponent", -1}, {"factor", 6}}, {{1}});
    CHECK(compute(scaled, {}, {Array({1}, 3.0)})[0] == 2.0);
}

TEST_CASE("layers that only act in training are nothing afterwards") {
    const auto is_nothing = [](std::string_view name, const Arguments& arguments, const Shape& shape) {
        return Recorder(apply(name, arguments, {shape}), {shape}).result == 0;
    };
    CHECK(is_nothing("Identity", {}, {3}));
    CHECK(is_nothing("GaussianNoise", {{"stddev", 2.5}}, {3}));
    CHECK(is_nothing("GaussianDropout", {{"rate", 0.5}}, {3}));
    CHECK(is_nothing("AlphaDropout", {{"rate", 0.5}}, {3}));
    CHECK(is_nothing("ActivityRegularization", {{"l1", 0.1}}, {3}));
    CHECK(is_nothing("SpatialDropout1D", {{"rate", 0.5}}, {8, 3}));
    CHECK(is_nothing("SpatialDropout2D", {{"rate", 0.5}, {"data_format", "channels_first"}}, {3, 8, 8}));
    CHECK(apply("SpatialDropout1D", {{"rate", 0.5}}, {{8, 8, 3}}).message() ==
          "E0302: SpatialDropout1D needs an input of 2 axes, (steps, channels), got (8, 8, 3)");
}

TEST_CASE("PReLU has one slope per element, or one for all along its shared axes") {
    CHECK(apply("PReLU", {}, {{4, 5, 3}}).weights[0].shape == Shape{4, 5, 3});
    const Applied shared = apply("PReLU", {{"shared_axes", Sequence{1, 2}}}, {{1, 2, 2}});
    CHECK(shared.weights[0].shape == Shape{1, 1, 2});
    const Array result = compute(shared, {Array({1, 1, 2}, {0.5, 2})}, {Array({1, 2, 2}, {-1, -1, 3, -4})});
    CHECK(result[0] == -0.5);
    CHECK(result[1] == -2.0);
    CHECK(result[2] == 3.0);
    CHECK(result[3] == -8.0);
    CHECK(
        apply("PReLU", {{"shared_axes", 3}}, {{4, 3}}).message() ==
        "E0306 shared_axes: shared_axes 3 does not exist: the input (4, 3) has axes 1 to 2, counted with the batch as "
        "0, or -2 to -1");
}

TEST_CASE("a vector is repeated as rows") {
    const Applied repeat = apply("RepeatVector", {{"n", 3}}, {{2}});
    CHECK(repeat.shape() == Shape{3, 2});
    CHECK(compute(repeat, {}, {Array({2}, {5, 7})})[3] == 7.0);
    CHECK(apply("RepeatVector", {{"n", 3}}, {{2, 2}}).message() ==
          "E0302: RepeatVector needs an input of 1 axis, got (2, 2)");
}

TEST_CASE("a dot product sums over an axis of each tensor") {
    const Array a = counting({3, 2}), b = counting({1, 2, 3});
    const Applied layer = apply("Dot", {{"axes", Sequence{-2, -1}}}, {{3, 2}, {1, 2, 3}});
    REQUIRE(layer.shape() == Shape{2, 1, 2});
    const Array result = compute(layer, {}, {a, b});
    double sum = 0.0;
    for (std::int64_t k = 0; k < 3; ++k) sum += a.at(k, 1) * b.at(0, 0, k);
    CHECK(result.at(1, 0, 0) == doctest::Approx(sum));
}

TEST_CASE("a dot product of vectors is one number, of normalized ones their cosine") {
    const Array a({2}, {3, 4}), b({2}, {5, 0});
    CHECK(apply("Dot", {{"axes", 1}}, {{2}, {2}}).shape() == Shape{1});
    CHECK(compute(apply("Dot", {{"axes", -1}}, {{2}, {2}}), {}, {a, b})[0] == 15.0);
    CHECK(compute(apply("Dot", {{"axes", 1}, {"normalize", true}}, {{2}, {2}}), {}, {a, b})[0] == doctest::Approx(0.6));
}

TEST_CASE("axes of a dot product that disagree or are not there are refused") {
    CHECK(apply("Dot", {{"axes", 1}}, {{2, 3}, {3, 2}}).message() ==
          "E0301 axes: the axes of (2, 3) and (3, 2) that are summed over have 2 and 3 elements");
    CHECK(apply("Dot", {{"axes", Sequence{1, 3}}}, {{2, 3}, {2, 3}}).message() ==
          "E0306 axes: axes 3 does not exist: the input (2, 3) has axes 1 to 2, counted with the batch as 0, or -2 to "
          "-1");
    CHECK(apply("Dot", {{"axes", 0}}, {{2}, {2}}).message() ==
          "E0306 axes: axes 0 is the batch; the axes of the input count from 1 to 1");
    CHECK(apply("Dot", {{"axes", 2}}, {{2000000, 1}, {2000000, 1}}).message() ==
          "E0304: the products of (2000000, 1) and (2000000, 1) are more than 2147483647");
}
