#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "graph/apply_scalar.h"
#include "graph/scalar_expr.h"

using namespace halcyon;

namespace {

const ScalarExpr x = ScalarExpr::input(0);
const ScalarExpr y = ScalarExpr::input(1);
const ScalarExpr a = ScalarExpr::constant(0);
const ScalarExpr b = ScalarExpr::constant(1);

double at(const ScalarExpr& expr, double value) {
    return evaluate(expr, std::array{value}, {});
}

}  // namespace

TEST_CASE("an epilogue prints as one would write it") {
    CHECK(to_text(max(x + b, 0.0)) == "max(x + b, 0)");
    CHECK(to_text(x * a + b) == "x * a + b");
    CHECK(to_text(x + ScalarExpr::constant(7)) == "x + b");
}

TEST_CASE("brackets stand where the order of computing needs them") {
    CHECK(to_text((x + y) * a) == "(x + y) * b");
    CHECK(to_text(x - (y - a)) == "x - (y - b)");
    CHECK(to_text(x - y - a) == "x - y - b");
    CHECK(to_text(x / (y * 2.0)) == "x / (y * 2)");
    CHECK(to_text(-(x + y)) == "-(x + y)");
    CHECK(to_text(x * -y) == "x * (-y)");
    CHECK(to_text(x * -2.5) == "x * (-2.5)");
    CHECK(to_text(select(less(x, 0.0), x * 0.1, x)) == "select(x < 0, x * 0.1, x)");
}

TEST_CASE("numbers alone are computed when the expression is made") {
    CHECK(exp(ScalarExpr(0.0)) == ScalarExpr(1.0));
    CHECK(select(less(1.0, 2.0), 3.0, 4.0) == ScalarExpr(3.0));
    CHECK(to_text(x * (ScalarExpr(1.0) / 4.0)) == "x * 0.25");
}

TEST_CASE("adding zero is kept, since it is not nothing for every number") {
    CHECK(to_text(x + 0.0) == "x + 0");
}

TEST_CASE("rounding goes to the even neighbour") {
    const ScalarExpr round = ScalarExpr::make(ScalarOp::round, {x});
    CHECK(at(round, 0.5) == 0.0);
    CHECK(at(round, 1.5) == 2.0);
    CHECK(at(round, -2.5) == -2.0);
}

TEST_CASE("substitution replaces inputs and constants and leaves what has no replacement") {
    const ScalarExpr expr = x * a + b;
    const ScalarExpr inputs[] = {max(y, 0.0)};
    const ScalarExpr constants[] = {ScalarExpr::constant(4)};
    CHECK(to_text(expr.substitute(inputs, constants)) == "max(y, 0) * e + b");
}

TEST_CASE("an expression counts the inputs and constants that it reads") {
    const ScalarExpr expr = y * b;
    CHECK(expr.input_count() == 2);
    CHECK(expr.constant_count() == 2);
    CHECK(ScalarExpr(3.0).input_count() == 0);
}

TEST_CASE("JSON gives the same expression back, numbers to the last bit") {
    const ScalarExpr expr = select(less(x, a), tanh(x * 0.1), pow(y, 1.0 / 3.0));
    CHECK(scalar_expr_from_json(nlohmann::json::parse(to_json(expr).dump())) == expr);
}

TEST_CASE("JSON keeps infinities, for which it has no numbers") {
    const ScalarExpr expr = max(x, -std::numeric_limits<double>::infinity());
    CHECK(scalar_expr_from_json(nlohmann::json::parse(to_json(expr).dump())) == expr);
}

TEST_CASE("an array is computed with operands broadcast as NumPy does") {
    const Array image({2, 2, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    const Array per_channel({3}, {10, 20, 30});
    const Array per_row({2, 1, 1}, {100, 200});
    const Array inputs[] = {image, per_row};
    const Array result = apply_scalar(x + y + a, inputs, std::span(&per_channel, 1), {2, 2, 3});
    CHECK(result[0] == 110);
    CHECK(result[5] == 135);
    CHECK(result[6] == 216);
    CHECK(result[11] == 241);
}

TEST_CASE("an expression that shares its parts many times over is computed in time") {
    ScalarExpr expr = x;
    for (int i = 0; i < 60; ++i) expr = expr * 0.5 + expr * 0.5;
    const Array input({1000}, 3.0);
    CHECK(apply_scalar(expr, std::span(&input, 1), {}, {1000})[999] == 3.0);
}
