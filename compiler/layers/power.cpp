#include <cmath>

#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

// Where it is not a product, a power takes the logarithm of x, which negative x does not have.
ScalarExpr power_of(const ScalarExpr& x, double exponent) {
    constexpr double largest_product = 64.0;
    if (exponent == 0.5) return sqrt(x);
    if (exponent == -0.5) return 1.0 / sqrt(x);
    const bool whole = exponent == std::floor(exponent);
    if (!whole || std::abs(exponent) <= largest_product) return pow(x, exponent);
    const ScalarExpr power = pow(abs(x), exponent);
    return std::fmod(exponent, 2.0) == 0.0 ? power : select(less(x, 0.0), -power, power);
}

ScalarExpr scalar(const LayerCall& call) {
    const ScalarExpr power = power_of(ScalarExpr::input(0), call.attributes.real("exponent"));
    const double factor = call.attributes.real("factor");
    return factor == 1.0 ? power : factor * power;
}

}  // namespace

extern const LayerDef power;
const LayerDef power{
    .name = "Power",
    .doc = "Each element to the power of a number, times a number: what x ** 2 and 1 / x are.",
    .arguments =
        {
            {"exponent", argument::real(), std::nullopt, "2 squares"},
            {"factor", argument::real(), Value(1.0), "multiplies the power"},
        },
    .scalar = scalar,
};

}  // namespace halcyon::layers
