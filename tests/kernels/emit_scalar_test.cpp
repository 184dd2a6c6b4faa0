#include "kernels/common/emit_scalar.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "kernels/kernel_harness.h"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

/// The expression at many places, compiled for this machine by Halide itself.
std::vector<float> emitted(const ScalarExpr& expr, const std::vector<float>& places) {
    const int count = static_cast<int>(places.size());
    Halide::Buffer<float> in(const_cast<float*>(places.data()), count);
    Halide::Var i("i");
    Halide::Func f("f");
    const std::vector<Halide::Expr> inputs{in(i)};
    f(i) = emit_scalar(expr, inputs, {});
    f.vectorize(i, 16, Halide::TailStrategy::GuardWithIf);
    const Halide::Buffer<float> out = f.realize({count});
    return {out.data(), out.data() + count};
}

std::vector<float> range(double from, double to, int count) {
    std::vector<float> places;
    for (int i = 0; i < count; ++i) places.push_back(static_cast<float>(from + (to - from) * i / (count - 1)));
    return places;
}

double largest_error(const ScalarExpr& expr, const std::vector<float>& places, bool relative) {
    const std::vector<float> values = emitted(expr, places);
    double worst = 0.0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const double place = places[i];
        const double expected = evaluate(expr, std::span(&place, 1), {});
        const double scale = relative ? std::max(std::abs(expected), 1e-30) : 1.0;
        const double error = std::abs(values[i] - expected) / scale;
        if (!(error <= worst)) worst = error;
    }
    return worst;
}

const ScalarExpr x = ScalarExpr::input(0);

}  // namespace

TEST_CASE("tanh and erf stay within their stated error") {
    CHECK(largest_error(tanh(x), range(-12, 12, 200001), false) < 4e-7);
    CHECK(largest_error(erf(x), range(-6, 6, 200001), false) < 4e-7);
    CHECK(largest_error(tanh(x), range(-1e-3, 1e-3, 1001), true) < 1e-6);
    for (const ScalarExpr& function : {tanh(x), erf(x)}) {
        CHECK(largest_error(function, {-1e30f, 1e30f, -INFINITY, INFINITY}, false) < 4e-7);
        CHECK(emitted(function, {0.0f}) == std::vector<float>{0});
    }
}

TEST_CASE("exp, log, sqrt and pow are right to a few units in the last place") {
    CHECK(largest_error(exp(x), range(-80, 80, 100001), true) < 1e-6);
    CHECK(largest_error(log(x), range(2, 1e6, 100001), true) < 1e-6);
    CHECK(largest_error(sqrt(x), range(0.01, 1e6, 100001), true) < 1e-6);
    CHECK(largest_error(pow(x, 0.75), range(0.01, 100, 100001), true) < 3e-6);
    CHECK(largest_error(pow(x, 2.0), range(-100, 100, 1001), true) < 1e-6);
}

TEST_CASE("a sigmoid and a softplus do not overflow") {
    const ScalarExpr sigmoid = ScalarExpr(1.0) / (ScalarExpr(1.0) + exp(-x));
    CHECK(largest_error(sigmoid, range(-100, 100, 10001), false) < 2e-7);
    CHECK(largest_error(sigmoid, range(-10, 10, 100001), true) < 8e-7);
    CHECK(emitted(sigmoid, {-1000.0f, 1000.0f}) == std::vector<float>{0, 1});
}

TEST_CASE("exp of anything large is infinity or 0") {
    CHECK(emitted(exp(x), {1e4f, 1e10f, 3e38f, INFINITY}) == std::vector<float>(4, INFINITY));
    CHECK(emitted(exp(x), {-1e4f, -1e10f, -3e38f, -INFINITY}) == std::vector<float>(4, 0.0f));
    const ScalarExpr sigmoid = ScalarExpr(1.0) / (ScalarExpr(1.0) + exp(-x));
    CHECK(emitted(sigmoid, {-1e10f, 1e10f, -INFINITY, INFINITY}) == std::vector<float>{0, 1, 0, 1});
}

TEST_CASE("numbers round half to even, comparisons are 1 or 0") {
    const ScalarExpr round = ScalarExpr::make(ScalarOp::round, {x});
    CHECK(emitted(round, {-2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 2.6f}) == std::vector<float>{-2, -2, 0, 0, 2, 2, 3});
    CHECK(emitted(ScalarExpr::make(ScalarOp::floor, {x}), {-1.5f, 1.5f}) == std::vector<float>{-2, 1});
    CHECK(emitted(less(x, 1.0), {0.0f, 1.0f, 2.0f}) == std::vector<float>{1, 0, 0});
    CHECK(emitted(ScalarExpr::make(ScalarOp::less_equal, {x, 1.0}), {0.0f, 1.0f, 2.0f}) == std::vector<float>{1, 1, 0});
    CHECK(emitted(ScalarExpr::make(ScalarOp::equal, {x, 1.0}), {0.0f, 1.0f, 2.0f}) == std::vector<float>{0, 1, 0});
    CHECK(emitted(select(x, 5.0, 7.0), {0.0f, -1.0f}) == std::vector<float>{7, 5});
    CHECK(emitted(abs(x) - x, {-3.0f, 3.0f}) == std::vector<float>{6, 0});
}

TEST_CASE("what is no number stays so through bounds and activations") {
    const std::vector<float> nan(40, std::nanf(""));
    for (const ScalarExpr& expr : {max(x, 0.0), max(0.0, x), min(x, 6.0), clip(x, 0.0, 6.0), max(x, 0.1 * x), tanh(x),
                                   erf(x), x / (1.0 + exp(-x)), max(x, x * x), min(ScalarExpr(3.0), x)}) {
        CAPTURE(to_text(expr));
        CHECK(std::isnan(emitted(expr, nan)[3]));
        CHECK(std::isnan(emitted(expr, nan)[39]));
        const double place = nan[0];
        CHECK(std::isnan(evaluate(expr, std::span(&place, 1), {})));
    }
}
