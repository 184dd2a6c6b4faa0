#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <Halide.h>

namespace halcyon {

/// A sum of products for a tile of results that stay in registers, added up in pieces: each addition is rounded to the precision
/// of what is there already, so the error of n in a row grows as sqrt(n), that of pieces as sqrt(their length + their number)
/// (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 4.2). A piece is a part of the innermost axis, where
/// that is long and has a divisor that fits, or as many whole axes as are short enough together.
class SplitSum {
public:
    /// The axes that are summed over, innermost first.
    explicit SplitSum(const std::vector<std::int64_t>& extents);

    /// Where a product stands along each axis.
    [[nodiscard]] const std::vector<Halide::Expr>& indices() const { return indices_; }

    /// The sum of `product`, written with `indices`, for all `axes` (innermost first).
    Halide::Func define(const std::vector<Halide::Var>& axes, const Halide::Expr& product);

    /// Vectorizes the results along `k`, of so many, and unrolls them along `others`, innermost first. A tile has one `block`,
    /// which Halide does not see where that comes from a loop that is two in one.
    void schedule_tile(const Halide::Var& k, int extent, int lanes, const std::vector<Halide::Var>& others,
                       const std::optional<Halide::Var>& block = std::nullopt);
    /// Unrolls so many steps along the innermost axis that is summed over, where they divide it.
    void unroll_steps(int count);
    /// Unrolls the whole loop along the innermost axis that is summed over.
    void unroll_innermost();

private:
    std::vector<Halide::Expr> indices_;
    std::vector<Halide::Var> piece_;  ///< which piece, in `part_`
    Halide::RDom inside_, pieces_;
    Halide::Func part_{"part"}, sum_{"sum"};
};

}  // namespace halcyon
