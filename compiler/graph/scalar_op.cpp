#include "graph/scalar_op.h"

#include <algorithm>
#include <cmath>

#include "support/check.h"

namespace halcyon {

std::string_view name_of(ScalarOp op) {
    switch (op) {
    case ScalarOp::input: return "input";
    case ScalarOp::constant: return "constant";
    case ScalarOp::number: return "number";
    case ScalarOp::add: return "add";
    case ScalarOp::subtract: return "subtract";
    case ScalarOp::multiply: return "multiply";
    case ScalarOp::divide: return "divide";
    case ScalarOp::minimum: return "min";
    case ScalarOp::maximum: return "max";
    case ScalarOp::power: return "pow";
    case ScalarOp::negate: return "negate";
    case ScalarOp::exp: return "exp";
    case ScalarOp::log: return "log";
    case ScalarOp::sqrt: return "sqrt";
    case ScalarOp::tanh: return "tanh";
    case ScalarOp::erf: return "erf";
    case ScalarOp::abs: return "abs";
    case ScalarOp::floor: return "floor";
    case ScalarOp::round: return "round";
    case ScalarOp::less: return "less";
    case ScalarOp::less_equal: return "less_equal";
    case ScalarOp::equal: return "equal";
    case ScalarOp::select: return "select";
    }
    internal_error(__FILE__, __LINE__, "a scalar operation without a name");
}

int operand_count(ScalarOp op) {
    switch (op) {
    case ScalarOp::input:
    case ScalarOp::constant:
    case ScalarOp::number: return 0;
    case ScalarOp::negate:
    case ScalarOp::exp:
    case ScalarOp::log:
    case ScalarOp::sqrt:
    case ScalarOp::tanh:
    case ScalarOp::erf:
    case ScalarOp::abs:
    case ScalarOp::floor:
    case ScalarOp::round: return 1;
    case ScalarOp::select: return 3;
    default: return 2;
    }
}

double apply(ScalarOp op, double a, double b, double c) {
    switch (op) {
    case ScalarOp::add: return a + b;
    case ScalarOp::subtract: return a - b;
    case ScalarOp::multiply: return a * b;
    case ScalarOp::divide: return a / b;
    // std::min and std::max would lose a NaN that comes second.
    case ScalarOp::minimum: return std::isnan(b) ? b : std::min(a, b);
    case ScalarOp::maximum: return std::isnan(b) ? b : std::max(a, b);
    case ScalarOp::power: return std::pow(a, b);
    case ScalarOp::negate: return -a;
    case ScalarOp::exp: return std::exp(a);
    case ScalarOp::log: return std::log(a);
    case ScalarOp::sqrt: return std::sqrt(a);
    case ScalarOp::tanh: return std::tanh(a);
    case ScalarOp::erf: return std::erf(a);
    case ScalarOp::abs: return std::abs(a);
    case ScalarOp::floor: return std::floor(a);
    case ScalarOp::round: return std::nearbyint(a);
    case ScalarOp::less: return a < b ? 1.0 : 0.0;
    case ScalarOp::less_equal: return a <= b ? 1.0 : 0.0;
    case ScalarOp::equal: return a == b ? 1.0 : 0.0;
    case ScalarOp::select: return a != 0.0 ? b : c;
    case ScalarOp::input:
    case ScalarOp::constant:
    case ScalarOp::number: break;
    }
    internal_error(__FILE__, __LINE__, "a leaf of a scalar expression is not an operation");
}

}  // namespace halcyon
