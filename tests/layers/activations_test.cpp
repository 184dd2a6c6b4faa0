#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "harness.h"
#include "layers/common/activations.h"

using namespace harness;

namespace {

double activation(std::string_view name, double x) {
    return evaluate(*scalar_activation(name), std::array{x}, {});
}

double layer(std::string_view name, const Arguments& arguments, double x) {
    return compute(apply(name, arguments, {{1}}), {}, {Array({1}, x)})[0];
}

}  // namespace

// The numbers are those of keras.activations in Keras 3.15, which computes in float32.
TEST_CASE("activations agree with Keras's numbers") {
    constexpr double at[] = {-4.5, -1.0, -0.25, 0.0, 0.75, 7.5};
    const std::pair<std::string_view, std::array<double, 6>> rows[] = {
        {"linear", {-4.5, -1, -0.25, 0, 0.75, 7.5}},
        {"relu", {0, 0, 0, 0, 0.75, 7.5}},
        {"relu6", {0, 0, 0, 0, 0.75, 6}},
        {"leaky_relu", {-0.90000004, -0.2, -0.050000001, 0, 0.75, 7.5}},
        {"elu", {-0.98889101, -0.63212055, -0.2211992, 0, 0.75, 7.5}},
        {"selu", {-1.7385685, -1.1113307, -0.38889018, 0, 0.78802574, 7.8802576}},
        {"gelu", {-1.5289545e-05, -0.15865527, -0.10032342, 0, 0.58002949, 7.5}},
        {"sigmoid", {0.010986943, 0.26894143, 0.4378235, 0.5, 0.67917871, 0.99944717}},
        {"hard_sigmoid", {0, 0.33333334, 0.45833334, 0.5, 0.625, 1}},
        {"silu", {-0.049441241, -0.26894143, -0.10945588, 0, 0.50938404, 7.4958539}},
        {"hard_silu", {-0, -0.33333334, -0.11458334, 0, 0.46875, 7.5}},
        {"tanh", {-0.99975318, -0.76159418, -0.24491866, 0, 0.635149, 0.9999994}},
        {"exponential", {0.011108996, 0.36787945, 0.77880079, 1, 2.1170001, 1808.0424}},
        {"softplus", {0.011047745, 0.31326169, 0.57593942, 0.69314718, 1.136871, 7.5005531}},
        {"softsign", {-0.81818181, -0.5, -0.2, 0, 0.42857143, 0.88235295}},
        {"mish", {-0.049712826, -0.30340144, -0.12992696, 0, 0.61001837, 7.4999952}},
    };
    for (const auto& [name, values] : rows) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            CAPTURE(name);
            CAPTURE(at[i]);
            CHECK(std::abs(activation(name, at[i]) - values[i]) <= 1e-6 * std::max(1.0, std::abs(values[i])));
        }
    }
}

TEST_CASE("the approximate gelu agrees with Keras's numbers") {
    CHECK(std::abs(layer("Gelu", {{"approximate", true}}, -1.0) - -0.15880796) < 1e-6);
    CHECK(std::abs(layer("Gelu", {{"approximate", true}}, 0.75) - 0.57996058) < 1e-6);
}

TEST_CASE("activations neither overflow nor lose their limits far from zero") {
    CHECK(activation("softplus", 1000.0) == 1000.0);
    CHECK(activation("softplus", -1000.0) == 0.0);
    CHECK(activation("sigmoid", -1000.0) == 0.0);
    CHECK(activation("elu", 1000.0) == 1000.0);
    CHECK(activation("mish", -1000.0) == 0.0);
    CHECK(activation("hard_sigmoid", -1e10) == 0.0);
    CHECK(activation("hard_sigmoid", 1e10) == 1.0);
    CHECK(layer("LeakyReLU", {{"negative_slope", 0}}, -INFINITY) == 0.0);
}

TEST_CASE("an elu of a small number has all its digits") {
    CHECK(activation("elu", -1e-9) == doctest::Approx(-1e-9).epsilon(1e-8));
    CHECK(activation("selu", -1e-9) == doctest::Approx(-1.05070098735548 * 1.67326324235438 * 1e-9).epsilon(1e-8));
}

TEST_CASE("ReLU takes its maximum, slope and threshold as Keras does") {
    CHECK(layer("ReLU", {{"max_value", 6}}, 7.5) == 6.0);
    CHECK(layer("ReLU", {{"negative_slope", 0.25}}, -2.0) == -0.5);
    CHECK(layer("ReLU", {{"threshold", 1}}, 0.5) == 0.0);
    CHECK(layer("ReLU", {{"threshold", 1}}, 1.5) == 1.5);
    CHECK(layer("ReLU", {{"threshold", 1}, {"negative_slope", 0.5}}, 0.5) == -0.25);
    CHECK(layer("ReLU", {{"threshold", 1}, {"negative_slope", 0.5}, {"max_value", 2}}, 3.0) == 2.0);
}

TEST_CASE("LeakyReLU has Keras's slope as a layer, and the other as an activation") {
    CHECK(layer("LeakyReLU", {}, -1.0) == doctest::Approx(-0.3));
    CHECK(layer("LeakyReLU", {{"alpha", 0.1}}, -1.0) == doctest::Approx(-0.1));
    CHECK(layer("LeakyReLU", {{"negative_slope", 2}}, -1.0) == -2.0);
    CHECK(activation("leaky_relu", -1.0) == doctest::Approx(-0.2));
}

TEST_CASE("softmax goes over the axis that Keras counts with the batch") {
    const Array input({2, 2}, {0.0, std::log(3.0), 0.0, 0.0});
    const Array rows = compute(apply("Softmax", {}, {{2, 2}}), {}, {input});
    CHECK(rows[0] == doctest::Approx(0.25));
    CHECK(rows[1] == doctest::Approx(0.75));
    const Array columns = compute(apply("Softmax", {{"axis", 1}}, {{2, 2}}), {}, {input});
    CHECK(columns[1] == doctest::Approx(0.75));
    CHECK(columns[2] == doctest::Approx(0.5));
}

TEST_CASE("softmax over several axes is one over all their elements together") {
    const Array image = counting({2, 3, 4});
    const auto over = [&](const Sequence& axes) {
        return compute(apply("Softmax", {{"axis", axes}}, {{2, 3, 4}}), {}, {image});
    };
    const Array rows = compute(apply("Softmax", {{"axis", 1}}, {{6, 4}}), {}, {image.reshaped({6, 4})});
    CHECK(largest_difference(over({1, 2}), rows.reshaped({2, 3, 4})) == 0.0);
    const Array apart = over({-1, 1});
    for (std::int64_t i = 0; i < 3; ++i) {
        double sum = 0.0;
        for (std::int64_t k = 0; k < 8; ++k) sum += apart.at(k / 4, i, k % 4);
        CHECK(sum == doctest::Approx(1.0));
    }
    CHECK(apart.at(1, 2, 3) / apart.at(0, 2, 0) == doctest::Approx(std::exp(image.at(1, 2, 3) - image.at(0, 2, 0))));
}

TEST_CASE("softmax over the batch, over no axis or twice over one is refused") {
    CHECK(apply("Softmax", {{"axis", 0}}, {{4, 2}}).message() ==
          "E0306 axis: axis 0 is the batch; the axes of the input count from 1 to 2");
    CHECK(apply("Softmax", {{"axis", 3}}, {{4, 2}}).message() ==
          "E0306 axis: axis 3 does not exist: the input (4, 2) has axes 1 to 2, counted with the batch as 0, or -2 to "
          "-1");
    CHECK(apply("Softmax", {{"axis", Sequence{1, -2}}}, {{4, 2}}).message() == "E0306 axis: axis -2 stands twice");
}
