#pragma once

#include <span>

#include <Halide.h>

#include "graph/scalar_expr.h"

namespace halcyon {

/// The scalar expression as float32 Halide code with input(i) = inputs[i] and constant(k) = constants[k]. Everything
/// vectorizes: tanh and erf are polynomials' quotients of absolute error below 4e-7, exp, log and pow are Halide's own (a
/// few units in the last place), exp with its argument clamped. Nothing overflows on the way to a finite result.
[[nodiscard]] Halide::Expr emit_scalar(const ScalarExpr& expr, std::span<const Halide::Expr> inputs,
                                       std::span<const Halide::Expr> constants);

/// e^x in float32, 0 or infinity however far x is from zero; Halide's own exponent wraps round there.
[[nodiscard]] Halide::Expr saturating_exp(Halide::Expr x);
/// tanh(x) in float32.
[[nodiscard]] Halide::Expr approximate_tanh(Halide::Expr x);
/// The error function in float32.
[[nodiscard]] Halide::Expr approximate_erf(Halide::Expr x);

}  // namespace halcyon
