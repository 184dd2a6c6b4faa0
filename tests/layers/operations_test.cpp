#include <doctest/doctest.h>

#include <cmath>

#include "harness.h"

using namespace harness;

TEST_CASE("reductions join all elements along their axes") {
    const Array image({2, 2, 2}, {1, -2, 3, 4, 5, 6, -7, 8});
    const auto reduced = [&](const char* layer, const Sequence& axis) {
        return compute(apply(layer, {{"axis", axis}}, {{2, 2, 2}}), {}, {image});
    };
    CHECK(reduced("Mean", {1, 2})[0] == 0.5);
    CHECK(reduced("Sum", {3})[3] == 1.0);
    CHECK(reduced("Max", {-1, 1})[1] == 8.0);
    CHECK(reduced("Min", {2})[2] == -7.0);
    const Applied kept = apply("Sum", {{"axis", Sequence{-2}}, {"keepdims", true}}, {{2, 2, 2}});
    CHECK(kept.shape() == Shape{2, 1, 2});
    CHECK(compute(kept, {}, {image})[2] == -2.0);
}

TEST_CASE("the largest of what holds no number is no number") {
    const Applied largest = apply("Max", {{"axis", Sequence{1}}}, {{2}});
    CHECK(std::isnan(compute(largest, {}, {Array({2}, {1, std::nan("")})})[0]));
    CHECK(std::isnan(compute(largest, {}, {Array({2}, {std::nan(""), 1})})[0]));
}

TEST_CASE("the place of an extreme element is the first one's, counted along its axis") {
    const Array image({2, 2, 3}, {1, 5, 5, 4, 3, 2, -1, -3, -3, 0, 7, 9});
    const Applied largest = apply("ArgMax", {{"axis", -1}}, {{2, 2, 3}});
    CHECK(largest.shape() == Shape{2, 2});
    const Array places = compute(largest, {}, {image});
    CHECK(std::vector<double>(places.values().begin(), places.values().end()) == std::vector<double>{1, 0, 0, 2});

    const Applied smallest = apply("ArgMin", {{"axis", 1}, {"keepdims", true}}, {{2, 2, 3}});
    CHECK(smallest.shape() == Shape{1, 2, 3});
    const Array rows = compute(smallest, {}, {image});
    CHECK(std::vector<double>(rows.values().begin(), rows.values().end()) == std::vector<double>{1, 1, 1, 1, 0, 0});
}

TEST_CASE("axes of reductions are named, once each, and never the batch") {
    CHECK(apply("Mean", {}, {{2, 3}}).message() ==
          "E0306 axis: without 'axis' the items of a batch would be joined: name the axes");
    CHECK(apply("Mean", {{"axis", Sequence{1, -2}}}, {{2, 3}}).message() == "E0306 axis: axis -2 stands twice");
    CHECK(apply("Mean", {{"axis", Sequence{}}}, {{2, 3}}).message() == "E0306 axis: no axis is named");
    CHECK(apply("Mean", {{"axis", 0}}, {{2, 3}}).message() ==
          "E0306 axis: axis 0 is the batch; the axes of the input count from 1 to 2");
}

TEST_CASE("clipping has two bounds, one or none") {
    const auto clipped = [](const Arguments& bounds, double x) {
        return compute(apply("Clip", bounds, {{1}}), {}, {Array({1}, x)})[0];
    };
    CHECK(clipped({{"x_min", -1}, {"x_max", 2.5}}, 7.0) == 2.5);
    CHECK(clipped({{"x_min", -1}, {"x_max", 2.5}}, -7.0) == -1.0);
    CHECK(clipped({{"x_min", 0}}, 7.0) == 7.0);
    CHECK(clipped({{"x_max", 0}}, 7.0) == 0.0);
    CHECK(apply("Clip", {{"x_min", 2}, {"x_max", 1}}, {{1}}).message() == "E0204 x_max: x_max 1 lies below x_min 2");
}

TEST_CASE("logarithms and absolute values") {
    CHECK(compute(apply("Log", {}, {{1}}), {}, {Array({1}, std::exp(2.0))})[0] == doctest::Approx(2.0));
    CHECK(compute(apply("Absolute", {}, {{1}}), {}, {Array({1}, -2.0)})[0] == 2.0);
}

TEST_CASE("a pad goes round every axis, channels too") {
    const Sequence width{Sequence{0, 0}, Sequence{1, 0}, Sequence{0, 2}};
    const Applied padded = apply("Pad", {{"pad_width", width}, {"constant_values", 7}}, {{1, 2}});
    REQUIRE(padded.shape() == Shape{2, 4});
    const Array result = compute(padded, {}, {Array({1, 2}, {3, 4})});
    CHECK(std::vector<double>(result.values().begin(), result.values().end()) ==
          std::vector<double>{7, 7, 7, 7, 3, 4, 7, 7});
    CHECK(apply("Pad", {{"pad_width", width}, {"mode", "reflect"}}, {{1, 2}}).message() ==
          "E0231 mode: mode 'reflect' is not supported yet, only 'constant'");
}

TEST_CASE("whole numbers, signs and the error function are those of C") {
    const auto of = [](const char* layer, double x) {
        return compute(apply(layer, {}, {{1}}), {}, {Array({1}, x)})[0];
    };
    CHECK(of("Floor", -1.5) == -2.0);
    CHECK(of("Round", 2.5) == 2.0);
    CHECK(of("Round", 3.5) == 4.0);
    CHECK(of("Sign", -0.25) == -1.0);
    CHECK(of("Sign", 0.0) == 0.0);
    CHECK(of("Sign", 7.0) == 1.0);
    CHECK(of("Erf", 0.5) == doctest::Approx(std::erf(0.5)));
}

TEST_CASE("Where takes the second of three where the first is not 0") {
    const Applied chosen = apply("Where", {}, {{2, 2}, {2}, {2, 1}});
    CHECK(chosen.shape() == Shape{2, 2});
    const Array result = compute(chosen, {}, {Array({2, 2}, {1, 0, 0, -3}), Array({2}, {5, 6}), Array({2, 1}, {7, 8})});
    CHECK(std::vector<double>(result.values().begin(), result.values().end()) == std::vector<double>{5, 7, 8, 6});
}

TEST_CASE("Affine has a factor, an offset, both or none, which broadcast") {
    const Applied both = apply("Affine", {{"scale", Sequence{2, 1}}, {"offset", Sequence{3}}}, {{2, 3}});
    REQUIRE(both.weights.size() == 2);
    CHECK(both.weights[0].name == "scale");
    CHECK(both.weights[1].shape == Shape{3});
    const Array image({2, 3}, {1, 2, 3, 4, 5, 6});
    const Array result = compute(both, {Array({2, 1}, {10, 100}), Array({3}, {1, 2, 3})}, {image});
    CHECK(std::vector<double>(result.values().begin(), result.values().end()) ==
          std::vector<double>{11, 22, 33, 401, 502, 603});
    CHECK(apply("Affine", {{"offset", Sequence{4, 1}}}, {{3}}).shape() == Shape{4, 3});
    CHECK(compute(apply("Affine", {}, {{2, 3}}), {}, {image})[5] == 6.0);
    CHECK(apply("Affine", {{"scale", Sequence{2}}}, {{3}}).message() ==
          "E0301 scale: scale of shape (2,) does not fit (3,): axes must be equal or 1");
}
