#pragma once

#include <vector>

#include <Halide.h>

namespace halcyon::kernels {

/// Winograd's convolution of one axis, F(m, r): m outputs of a window of r taps from n = m + r - 1 inputs, by n multiplications.
/// With A, B and G of Cook and Toom (Blahut, Fast Algorithms for Signal Processing, 2010, section 5.2), which evaluate
/// polynomials in n - 1 points and at infinity, y = A^T [ (G g) * (B^T d) ]. F(1, 1) is the axis as it is.
///
/// The points are 0 and pairs of opposite ones, which share their even and odd halves. What rounds least was found by trying
/// multiples of 1/8; the usual 1 and 2 for n = 6 lose four times as much.
class WinogradAxis {
public:
    /// Whether F(m, r) is known: n is 4, 6, 8 or 10, or m and r are 1.
    [[nodiscard]] static bool exists(int outputs, int taps);

    WinogradAxis(int outputs, int taps);

    [[nodiscard]] int outputs() const { return outputs_; }
    [[nodiscard]] int taps() const { return taps_; }
    [[nodiscard]] int points() const { return outputs_ + taps_ - 1; }

    /// B^T d: n values from n.
    [[nodiscard]] std::vector<Halide::Expr> transform_input(const std::vector<Halide::Expr>& d) const;
    /// A^T p: m values from n.
    [[nodiscard]] std::vector<Halide::Expr> transform_output(const std::vector<Halide::Expr>& p) const;
    /// G: n rows of r.
    [[nodiscard]] std::vector<std::vector<double>> kernel_matrix() const;

    /// Additions and multiply-adds of the transforms.
    [[nodiscard]] double input_operations() const;
    [[nodiscard]] double output_operations() const;

private:
    int outputs_, taps_;
    std::vector<double> pairs_;  ///< the points above 0
};

}  // namespace halcyon::kernels
