#include "kernels/common/winograd_axis.h"

#include <cmath>
#include <utility>

#include "support/check.h"

namespace halcyon::kernels {
namespace {

using Halide::Expr;
using Expressions = std::vector<Expr>;

std::vector<double> pairs_of(int points) {
    if (points == 4) return {1.0};
    if (points == 6) return {0.625, 1.5};
    if (points == 8) return {0.5, 1.0, 2.0};
    if (points == 10) return {0.5, 0.75, 1.25, 2.0};
    return {};
}

/// The coefficients of x^0, x^2, ... of the product of x^2 - q^2 over the pairs, but for one.
std::vector<double> product_of_pairs(const std::vector<double>& pairs, std::size_t without) {
    std::vector<double> product{1.0};
    for (std::size_t k = 0; k < pairs.size(); ++k) {
        if (k == without) continue;
        product.push_back(0.0);
        for (std::size_t i = product.size(); i-- > 0;)
            product[i] = (i > 0 ? product[i - 1] : 0.0) - pairs[k] * pairs[k] * product[i];
    }
    return product;
}

Expr scaled(double factor, const Expr& value) {
    return factor == 1.0 ? value : static_cast<float>(factor) * value;
}

/// The polynomial of x^2 times x^shift, with values[i] for x^i.
Expr applied(const std::vector<double>& polynomial, int shift, const Expressions& values) {
    const auto value = [&](std::size_t k) { return values[2 * k + static_cast<std::size_t>(shift)]; };
    Expr sum = scaled(polynomial.back(), value(polynomial.size() - 1));
    for (std::size_t k = polynomial.size() - 1; k-- > 0;) sum = sum + scaled(polynomial[k], value(k));
    return sum;
}

}  // namespace

bool WinogradAxis::exists(int outputs, int taps) {
    if (outputs < 1 || taps < 1) return false;
    if (outputs == 1 || taps == 1) return outputs == taps;
    const int points = outputs + taps - 1;
    return points % 2 == 0 && points >= 4 && points <= 10;
}

WinogradAxis::WinogradAxis(int outputs, int taps)
    : outputs_(outputs), taps_(taps), pairs_(pairs_of(outputs + taps - 1)) {
    CHECK_INTERNAL(exists(outputs, taps));
}

// The row of a point is the polynomial that is 0 at all others: for +-q it is (x^2 +- q x) times the pairs but this.
Expressions WinogradAxis::transform_input(const Expressions& d) const {
    if (points() == 1) return d;
    const std::vector<double> all = product_of_pairs(pairs_, pairs_.size());
    Expressions rows{applied(all, 0, d)};
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
        const std::vector<double> others = product_of_pairs(pairs_, k);
        const Expr even = applied(others, 2, d);
        const Expr odd = scaled(pairs_[k], applied(others, 1, d));
        rows.push_back(even + odd);
        rows.push_back(even - odd);
    }
    rows.push_back(applied(all, 1, d));
    return rows;
}

Expressions WinogradAxis::transform_output(const Expressions& p) const {
    if (points() == 1) return p;
    Expressions sums, differences;
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
        sums.push_back(p[2 * k + 1] + p[2 * k + 2]);
        differences.push_back(p[2 * k + 1] - p[2 * k + 2]);
    }
    Expressions outputs;
    for (int power = 0; power < outputs_; ++power) {
        const Expressions& parts = power % 2 == 0 ? sums : differences;
        Expr sum = scaled(std::pow(pairs_[0], power), parts[0]);
        for (std::size_t k = 1; k < pairs_.size(); ++k) sum = sum + scaled(std::pow(pairs_[k], power), parts[k]);
        if (power == 0) sum = p.front() + sum;
        if (power == outputs_ - 1) sum = sum + p.back();
        outputs.push_back(sum);
    }
    return outputs;
}

std::vector<std::vector<double>> WinogradAxis::kernel_matrix() const {
    if (points() == 1) return {{1.0}};
    std::vector<double> places{0.0};
    for (const double q : pairs_) places.insert(places.end(), {q, -q});
    std::vector<std::vector<double>> matrix;
    for (std::size_t i = 0; i < places.size(); ++i) {
        double scale = 1.0;
        for (std::size_t k = 0; k < places.size(); ++k) scale *= k == i ? 1.0 : places[i] - places[k];
        std::vector<double> row;
        for (int tap = 0; tap < taps_; ++tap) row.push_back(std::pow(places[i], tap) / scale);
        matrix.push_back(std::move(row));
    }
    std::vector<double> at_infinity(static_cast<std::size_t>(taps_), 0.0);
    at_infinity.back() = 1.0;
    matrix.push_back(std::move(at_infinity));
    return matrix;
}

double WinogradAxis::input_operations() const {
    const auto pairs = static_cast<double>(pairs_.size());
    return 2.0 * pairs * (pairs + 1.0);
}

double WinogradAxis::output_operations() const {
    if (points() == 1) return 0.0;
    return (2.0 + outputs_) * static_cast<double>(pairs_.size());
}

}  // namespace halcyon::kernels
