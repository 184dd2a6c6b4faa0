// The text of scalar expressions, for people and as part of a task, and their JSON, which reads back exactly.
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "graph/scalar_expr.h"
#include "graph/scalar_op.h"
#include "support/check.h"

namespace halcyon {
namespace {

void collect_constants(const ScalarExpr& expr, std::set<int>& found) {
    if (expr.op() == ScalarOp::constant) found.insert(expr.index());
    for (const ScalarExpr& operand : expr.operands()) collect_constants(operand, found);
}

/// x, y, z, then x3, x4, ...
std::string input_name(int index) {
    return index < 3 ? std::string(1, static_cast<char>('x' + index)) : fmt::format("x{}", index);
}

/// a to w, then c23, c24, ...
std::string constant_name(int index) {
    return index < 23 ? std::string(1, static_cast<char>('a' + index)) : fmt::format("c{}", index);
}

class Printer {
public:
    explicit Printer(const ScalarExpr& whole) {
        std::set<int> constants;
        collect_constants(whole, constants);
        single_constant_ = constants.size() == 1;
    }

    /// In brackets if it binds less than `strength` asks: 1 comparison, 2 sum, 3 product, 4 sign and operands of it.
    std::string print(const ScalarExpr& expr, int strength) const {
        switch (expr.op()) {
        case ScalarOp::input: return input_name(expr.index());
        case ScalarOp::constant: return single_constant_ ? "b" : constant_name(expr.index());
        case ScalarOp::number:
            return enclosed(fmt::format("{}", expr.number()), std::signbit(expr.number()) ? 2 : 5, strength);
        case ScalarOp::add: return infix(expr, " + ", 2, strength);
        case ScalarOp::subtract: return infix(expr, " - ", 2, strength);
        case ScalarOp::multiply: return infix(expr, " * ", 3, strength);
        case ScalarOp::divide: return infix(expr, " / ", 3, strength);
        case ScalarOp::less: return infix(expr, " < ", 1, strength);
        case ScalarOp::less_equal: return infix(expr, " <= ", 1, strength);
        case ScalarOp::equal: return infix(expr, " == ", 1, strength);
        case ScalarOp::negate: return enclosed("-" + print(expr.operands()[0], 5), 2, strength);
        default: break;
        }
        std::vector<std::string> operands;
        for (const ScalarExpr& operand : expr.operands()) operands.push_back(print(operand, 0));
        return fmt::format("{}({})", name_of(expr.op()), fmt::join(operands, ", "));
    }

private:
    static std::string enclosed(std::string text, int own, int strength) {
        return own < strength ? "(" + text + ")" : text;
    }

    // The right operand must bind more: a - (b - c) keeps its brackets, and so does a + (b + c), whose bits differ.
    std::string infix(const ScalarExpr& expr, std::string_view sign, int own, int strength) const {
        const std::string left = print(expr.operands()[0], own);
        return enclosed(fmt::format("{}{}{}", left, sign, print(expr.operands()[1], own + 1)), own, strength);
    }

    bool single_constant_ = false;
};

std::optional<ScalarOp> scalar_op_of(std::string_view name) {
    for (int i = 0; i <= static_cast<int>(ScalarOp::select); ++i) {
        if (name_of(static_cast<ScalarOp>(i)) == name) return static_cast<ScalarOp>(i);
    }
    return std::nullopt;
}

}  // namespace

std::string to_text(const ScalarExpr& expr) {
    return Printer(expr).print(expr, 0);
}

// A number is a JSON number (a text where JSON has none: "inf"), all else a list: ["input", 0], ["add", ..., ...].
nlohmann::json to_json(const ScalarExpr& expr) {
    if (expr.op() == ScalarOp::number) {
        if (std::isfinite(expr.number())) return expr.number();
        return std::isnan(expr.number()) ? "nan" : expr.number() > 0 ? "inf" : "-inf";
    }
    nlohmann::json list = nlohmann::json::array({name_of(expr.op())});
    if (expr.operands().empty()) list.push_back(expr.index());
    for (const ScalarExpr& operand : expr.operands()) list.push_back(to_json(operand));
    return list;
}

ScalarExpr scalar_expr_from_json(const nlohmann::json& json) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (json.is_number()) return json.get<double>();
    if (json == "inf") return infinity;
    if (json == "-inf") return -infinity;
    if (json == "nan") return std::numeric_limits<double>::quiet_NaN();
    CHECK_INTERNAL(json.is_array() && !json.empty() && json[0].is_string());
    const std::optional<ScalarOp> op = scalar_op_of(json[0].get<std::string>());
    CHECK_INTERNAL(op.has_value());
    if (*op == ScalarOp::input || *op == ScalarOp::constant) {
        CHECK_INTERNAL(json.size() == 2 && json[1].is_number_integer());
        return *op == ScalarOp::input ? ScalarExpr::input(json[1].get<int>())
                                      : ScalarExpr::constant(json[1].get<int>());
    }
    CHECK_INTERNAL(static_cast<int>(json.size()) == operand_count(*op) + 1);
    std::vector<ScalarExpr> operands;
    for (std::size_t i = 1; i < json.size(); ++i) operands.push_back(scalar_expr_from_json(json[i]));
    return ScalarExpr::make(*op, std::move(operands));
}

}  // namespace halcyon
