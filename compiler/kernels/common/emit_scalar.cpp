#include "kernels/common/emit_scalar.h"

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "support/check.h"

namespace halcyon {
namespace {

using Halide::Expr;

/// a < b as it stands: Halide would make min and max of a select with its own comparison, and they lose what is no number.
Expr strictly_less(const Expr& a, const Expr& b) {
    return Halide::Internal::Call::make(Halide::Bool(), Halide::Internal::Call::strict_lt, {a, b},
                                        Halide::Internal::Call::PureIntrinsic);
}

bool is_number(const Expr& x) {
    return Halide::Internal::is_const(x);
}

/// A number times x, which is no number only where x is none.
bool is_multiple(const Expr& y, const Expr& x) {
    const auto* product = y.as<Halide::Internal::Mul>();
    if (product == nullptr) return false;
    return (is_number(product->a) && Halide::Internal::equal(product->b, x)) ||
           (is_number(product->b) && Halide::Internal::equal(product->a, x));
}

/// Whether y takes x's place: where it is beyond x, or no number itself.
Expr replaces(const Expr& y, const Expr& x, const Expr& beyond) {
    return is_number(y) || is_multiple(y, x) ? beyond : beyond || Halide::is_nan(y);
}

/// Within the bounds, or no number if x is none.
Expr bounded(const Expr& x, float low, float high) {
    return propagating_max(propagating_min(x, high), low);
}

/// c[0] + c[1] t + c[2] t^2 + ...
Expr polynomial(const Expr& t, const std::vector<float>& coefficients) {
    Expr sum = coefficients.back();
    for (std::size_t i = coefficients.size() - 1; i-- > 0;) sum = sum * t + coefficients[i];
    return sum;
}

/// x P(x^2) / Q(x^2) with x clamped to where the function reaches its limit: odd, and exactly within [-1, 1].
Expr odd_quotient(const Expr& x, float limit, const std::vector<float>& p, const std::vector<float>& q) {
    const Expr clamped = bounded(x, -limit, limit);
    const Expr square = clamped * clamped;
    return bounded(clamped * polynomial(square, p) / polynomial(square, q), -1.0f, 1.0f);
}

bool is_one(const ScalarExpr& expr) {
    return expr.op() == ScalarOp::number && expr.number() == 1.0;
}

/// The x of 1 / (1 + e^-x); null if the expression of two operands is another.
const ScalarExpr* sigmoid_argument(const ScalarExpr& expr) {
    const ScalarExpr& sum = expr.operands()[1];
    if (expr.op() != ScalarOp::divide || !is_one(expr.operands()[0]) || sum.op() != ScalarOp::add ||
        !is_one(sum.operands()[0]))
        return nullptr;
    const ScalarExpr& exponential = sum.operands()[1];
    if (exponential.op() != ScalarOp::exp || exponential.operands()[0].op() != ScalarOp::negate) return nullptr;
    return &exponential.operands()[0].operands()[0];
}

class Emitter {
public:
    Emitter(std::span<const Expr> inputs, std::span<const Expr> constants) : inputs_(inputs), constants_(constants) {}

    Expr value(const ScalarExpr& expr) const {
        switch (expr.op()) {
        case ScalarOp::input: return operand(inputs_, expr.index());
        case ScalarOp::constant: return operand(constants_, expr.index());
        case ScalarOp::number: return static_cast<float>(expr.number());
        case ScalarOp::less:
        case ScalarOp::less_equal:
        case ScalarOp::equal: return Halide::select(condition(expr), 1.0f, 0.0f);
        case ScalarOp::select:
            return Halide::select(condition(expr.operands()[0]), value(expr.operands()[1]), value(expr.operands()[2]));
        default: return expr.operands().size() == 1 ? unary(expr) : binary(expr);
        }
    }

private:
    static Expr operand(std::span<const Expr> operands, int index) {
        CHECK_INTERNAL(index >= 0 && index < static_cast<int>(operands.size()));
        const Expr& found = operands[static_cast<std::size_t>(index)];
        CHECK_INTERNAL(found.defined());
        return found;
    }

    /// Whether the expression is not 0, without making a number of a comparison first.
    Expr condition(const ScalarExpr& expr) const {
        switch (expr.op()) {
        case ScalarOp::less: return value(expr.operands()[0]) < value(expr.operands()[1]);
        case ScalarOp::less_equal: return value(expr.operands()[0]) <= value(expr.operands()[1]);
        case ScalarOp::equal: return value(expr.operands()[0]) == value(expr.operands()[1]);
        default: return value(expr) != 0.0f;
        }
    }

    Expr unary(const ScalarExpr& expr) const {
        const Expr x = value(expr.operands()[0]);
        switch (expr.op()) {
        case ScalarOp::negate: return -x;
        case ScalarOp::exp: return saturating_exp(x);
        case ScalarOp::log: return Halide::log(x);
        case ScalarOp::sqrt: return Halide::sqrt(x);
        case ScalarOp::tanh: return approximate_tanh(x);
        case ScalarOp::erf: return approximate_erf(x);
        case ScalarOp::abs: return Halide::abs(x);
        case ScalarOp::floor: return Halide::floor(x);
        case ScalarOp::round: return Halide::round(x);
        default: internal_error(__FILE__, __LINE__, "an operation of one operand that is not emitted");
        }
    }

    Expr binary(const ScalarExpr& expr) const {
        if (const ScalarExpr* argument = sigmoid_argument(expr)) return approximate_sigmoid(value(*argument));
        const Expr x = value(expr.operands()[0]);
        const Expr y = value(expr.operands()[1]);
        switch (expr.op()) {
        case ScalarOp::add: return x + y;
        case ScalarOp::subtract: return x - y;
        case ScalarOp::multiply: return x * y;
        case ScalarOp::divide: return x / y;
        case ScalarOp::minimum: return propagating_min(x, y);
        case ScalarOp::maximum: return propagating_max(x, y);
        case ScalarOp::power: return power(x, y, expr.operands()[1]);
        default: internal_error(__FILE__, __LINE__, "an operation of two operands that is not emitted");
        }
    }

    /// Whole exponents are products, exact to the last places and for negative bases.
    static Expr power(const Expr& x, const Expr& y, const ScalarExpr& exponent) {
        const double number = exponent.op() == ScalarOp::number ? exponent.number() : 0.5;
        if (number == std::floor(number) && std::abs(number) <= 64.0) return Halide::pow(x, static_cast<int>(number));
        return Halide::pow(x, y);
    }

    std::span<const Expr> inputs_, constants_;
};

}  // namespace

Halide::Expr emit_scalar(const ScalarExpr& expr, std::span<const Halide::Expr> inputs,
                         std::span<const Halide::Expr> constants) {
    return Emitter(inputs, constants).value(expr);
}

Halide::Expr propagating_min(Halide::Expr x, Halide::Expr y) {
    if (is_number(x)) std::swap(x, y);
    return Halide::select(replaces(y, x, strictly_less(y, x)), y, x);
}

Halide::Expr propagating_max(Halide::Expr x, Halide::Expr y) {
    if (is_number(x)) std::swap(x, y);
    return Halide::select(replaces(y, x, strictly_less(x, y)), y, x);
}

// 128 is far enough beyond what float32 holds, on both sides.
Halide::Expr saturating_exp(Halide::Expr x) {
    return Halide::exp(Halide::clamp(std::move(x), -128.0f, 128.0f));
}

// 2^y as 2^n 2^r with n whole and |r| <= 1/2. Adding 1.5 * 2^23 rounds y and leaves n in the last bits of the sum, from where
// it goes into the exponent. The polynomial is fitted to 2^r by least squares over Chebyshev points, reweighted towards the
// least largest relative error, 9.2e-8, with exactly 1 at 0 so that 2^128 is infinite.
Halide::Expr approximate_sigmoid(Halide::Expr x) {
    constexpr float rounder = 12582912.0f;
    const Expr y = Halide::clamp(x * -1.44269504088896341f, -126.0f, 128.0f);
    const Expr sum = Halide::strict_float(y + rounder);
    const Expr r = y - Halide::strict_float(sum - rounder);
    const Expr power = polynomial(r, {1.0f, 0.6931470036506653f, 0.24022242426872253f, 0.05550733581185341f,
                                      0.009671512991189957f, 0.001326472614891827f});
    const Expr whole = Halide::reinterpret<std::int32_t>(sum) << 23;
    return 1.0f / (1.0f + Halide::reinterpret<float>(Halide::reinterpret<std::int32_t>(power) + whole));
}

// The coefficients of both come from a least-squares fit of x P - f(x) Q over Chebyshev points, reweighted towards the least
// largest error; in exact arithmetic the quotients are off by 2e-8, the rest is float32's rounding.
Halide::Expr approximate_tanh(Halide::Expr x) {
    return odd_quotient(
        x, 9.0f,
        {0.999999906661453f, 0.1337318260154235f, 0.00348656274344786f, 2.047147878252305e-05f,
         1.3183687672100967e-08f},
        {1.0f, 0.46706479551494007f, 0.02584190934358047f, 0.00032713523420540024f, 7.702453398894872e-07f});
}

Halide::Expr approximate_erf(Halide::Expr x) {
    return odd_quotient(x, 4.0f,
                        {1.1283789772100592f, 0.19624323737827598f, 0.05346646822541385f, 0.004003305465939602f,
                         0.00028801824203523617f, 1.9746894868773047e-06f},
                        {1.0f, 0.5072472070407438f, 0.11647381672740025f, 0.015443786850232311f, 0.0012162462324099648f,
                         3.7478149093380704e-05f});
}

}  // namespace halcyon
