#include "kernels/common/split_sum.h"

#include <fmt/format.h>

namespace halcyon {
namespace {

constexpr std::int64_t shortest_piece = 96, longest_piece = 320;

/// A divisor of `count`, or all of it.
std::int64_t piece_length(std::int64_t count) {
    if (count <= longest_piece) return count;
    for (std::int64_t length = longest_piece; length >= shortest_piece; --length) {
        if (count % length == 0) return length;
    }
    return count;
}

}  // namespace

SplitSum::SplitSum(const std::vector<std::int64_t>& extents) {
    const std::int64_t length = piece_length(extents.front());
    std::vector<Halide::Range> inside{{0, static_cast<int>(length)}}, pieces;
    if (length < extents.front()) pieces.emplace_back(0, static_cast<int>(extents.front() / length));
    std::int64_t depth = length;
    for (std::size_t axis = 1; axis < extents.size(); ++axis) {
        depth *= extents[axis];
        const bool fits = pieces.empty() && depth <= longest_piece;
        (fits ? inside : pieces).emplace_back(0, static_cast<int>(extents[axis]));
    }
    inside_ = Halide::RDom(inside, "r");
    if (!pieces.empty()) pieces_ = Halide::RDom(pieces, "p");
    for (std::size_t i = 0; i < pieces.size(); ++i) piece_.emplace_back(fmt::format("piece{}", i));

    const auto whole = static_cast<int>(inside.size());
    for (int i = 0; i < whole; ++i) indices_.emplace_back(inside_[i]);
    std::size_t next = 0;
    if (length < extents.front()) indices_[0] = piece_[next++] * static_cast<int>(length) + indices_[0];
    while (next < piece_.size()) indices_.emplace_back(piece_[next++]);
}

Halide::Func SplitSum::define(const std::vector<Halide::Var>& axes, const Halide::Expr& product) {
    std::vector<Halide::Var> part_axes = axes;
    part_axes.insert(part_axes.end(), piece_.begin(), piece_.end());
    part_(part_axes) = 0.0f;
    part_(part_axes) += product;
    if (piece_.empty()) {
        sum_ = part_;
        return sum_;
    }
    std::vector<Halide::Expr> at(axes.begin(), axes.end());
    for (int i = 0; i < pieces_.dimensions(); ++i) at.emplace_back(pieces_[i]);
    sum_(axes) = 0.0f;
    sum_(axes) += part_(at);
    return sum_;
}

void SplitSum::schedule_tile(const Halide::Var& k, int extent, int lanes, const std::vector<Halide::Var>& others,
                             const std::optional<Halide::Var>& block) {
    const auto unrolled = [&](Halide::Stage stage) {
        stage.vectorize(k, lanes).unroll(k);
        for (const Halide::Var& axis : others) stage.unroll(axis);
    };
    const auto accumulated = [&](Halide::Func func, const Halide::RDom& domain) {
        func.bound(k, 0, extent);
        if (block) func.bound_extent(*block, 1);
        unrolled(func);
        std::vector<Halide::VarOrRVar> order{k};
        order.insert(order.end(), others.begin(), others.end());
        for (int i = 0; i < domain.dimensions(); ++i) order.emplace_back(domain[i]);
        func.update().reorder(order);
        unrolled(func.update());
    };
    if (!piece_.empty()) {
        accumulated(sum_, pieces_);
        part_.compute_at(sum_, pieces_[0]);
    }
    accumulated(part_, inside_);
}

void SplitSum::unroll_steps(int count) {
    const auto steps = Halide::Internal::as_const_int(inside_[0].extent());
    if (count > 1 && steps && *steps > count && *steps % count == 0) part_.update().unroll(inside_[0], count);
}

void SplitSum::unroll_innermost() {
    part_.update().unroll(inside_[0]);
}

}  // namespace halcyon
