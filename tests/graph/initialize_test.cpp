#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "graph/evaluate.h"

using namespace halcyon;

namespace {

Weight weight(std::string name, Shape shape, const Value& initializer) {
    std::string why;
    return {std::move(name), std::move(shape), argument::initializer().normalize(initializer, why).value()};
}

struct Moments {
    double mean = 0.0, deviation = 0.0, smallest = 0.0, largest = 0.0;
};

Moments moments_of(const Array& array) {
    Moments m;
    for (double value : array.values()) m.mean += value / static_cast<double>(array.size());
    for (double value : array.values())
        m.deviation += (value - m.mean) * (value - m.mean) / static_cast<double>(array.size());
    m.deviation = std::sqrt(m.deviation);
    const auto [low, high] = std::minmax_element(array.values().begin(), array.values().end());
    m.smallest = *low;
    m.largest = *high;
    return m;
}

}  // namespace

TEST_CASE("Glorot's uniform limit comes from both fans, the window counted") {
    const Moments m = moments_of(initialize(weight("c/kernel", {3, 3, 64, 128}, "glorot_uniform"), 1));
    const double limit = std::sqrt(6.0 / (9 * 64 + 9 * 128));
    CHECK(m.largest <= limit);
    CHECK(m.smallest >= -limit);
    CHECK(m.deviation == doctest::Approx(limit / std::sqrt(3.0)).epsilon(0.01));
    CHECK(std::abs(m.mean) < limit / 100);
}

TEST_CASE("He's normal is truncated at two deviations of what is truncated, and has the variance asked for") {
    const Moments m = moments_of(initialize(weight("c/kernel", {1, 1, 512, 512}, "he_normal"), 1));
    const double deviation = std::sqrt(2.0 / 512);
    CHECK(m.deviation == doctest::Approx(deviation).epsilon(0.01));
    CHECK(m.largest <= 2 * deviation / 0.8796);
    CHECK(m.largest > 1.99 * deviation / 0.8797);
}

TEST_CASE("a normal distribution has the tails that truncation would cut") {
    const Moments m =
        moments_of(initialize(weight("d/kernel", {500, 400}, Value::Object{"RandomNormal", {{"stddev", 0.05}}}), 7));
    CHECK(m.deviation == doctest::Approx(0.05).epsilon(0.01));
    CHECK(m.largest > 0.05 * 4);
    CHECK(m.largest < 0.05 * 6);
}

TEST_CASE("numbers depend on the seed and the weight's name, not on the order of asking") {
    const Weight a = weight("a/kernel", {4, 4}, "glorot_uniform");
    const Weight b = weight("b/kernel", {4, 4}, "glorot_uniform");
    const Array first = initialize(a, 1);
    CHECK(initialize(b, 1)[0] != first[0]);
    CHECK(initialize(a, 2)[0] != first[0]);
    CHECK(initialize(a, 1)[0] == first[0]);
}

TEST_CASE("an initializer's own seed gives every weight the same numbers") {
    const Value::Object seeded{"GlorotUniform", {{"seed", Value(3)}}};
    CHECK(initialize(weight("a/kernel", {4, 4}, seeded), 1)[5] == initialize(weight("b/kernel", {4, 4}, seeded), 2)[5]);
}

TEST_CASE("every number can be stored as float32 without loss") {
    const Array array = initialize(weight("a/kernel", {100, 10}, "lecun_normal"), 1);
    for (double value : array.values()) CHECK(value == static_cast<double>(static_cast<float>(value)));
}

// Written down once: whoever changes these numbers changes what every `--initialize` gives.
TEST_CASE("the numbers of a seed never change") {
    const Array uniform = initialize(weight("conv2d/kernel", {2}, "glorot_uniform"), 1);
    const Array normal = initialize(weight("conv2d/kernel", {2}, "random_normal"), 1);
    CHECK(uniform[0] == -0x1.3bda6ep-1);
    CHECK(normal[0] == -0x1.bc7e9ap-5);
}
