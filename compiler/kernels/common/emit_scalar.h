#pragma once

#include <span>

#include <Halide.h>

#include "graph/scalar_expr.h"

namespace halcyon {

/// The scalar expression as float32 Halide code with input(i) = inputs[i] and constant(k) = constants[k]. Everything
/// vectorizes: tanh and erf are polynomials' quotients of absolute error below 4e-7, 1 / (1 + e^-x) is a function of its own,
/// exp, log and pow are Halide's own (a few units in the last place), exp with its argument clamped. Nothing overflows on the
/// way to a finite result.
[[nodiscard]] Halide::Expr emit_scalar(const ScalarExpr& expr, std::span<const Halide::Expr> inputs,
                                       std::span<const Halide::Expr> constants);

/// The smaller and the larger of two; no number if one of them is none, as in Keras. With a number for one of them this is
/// one instruction on x86, as Halide's own are.
[[nodiscard]] Halide::Expr propagating_min(Halide::Expr x, Halide::Expr y);
[[nodiscard]] Halide::Expr propagating_max(Halide::Expr x, Halide::Expr y);
/// e^x in float32, 0 or infinity however far x is from zero; Halide's own exponent wraps round there. Of what is no number
/// it makes one: to look for that would cost a convolution with silu a quarter of its speed.
[[nodiscard]] Halide::Expr saturating_exp(Halide::Expr x);
/// 1 / (1 + e^-x) in float32, off by 2e-7 at most and by 8e-7 of itself for |x| < 10; a number of no number, as saturating_exp.
[[nodiscard]] Halide::Expr approximate_sigmoid(Halide::Expr x);
/// tanh(x) in float32.
[[nodiscard]] Halide::Expr approximate_tanh(Halide::Expr x);
/// The error function in float32.
[[nodiscard]] Halide::Expr approximate_erf(Halide::Expr x);

}  // namespace halcyon
