#include "graph/scalar_expr.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "graph/scalar_op.h"
#include "support/check.h"

namespace halcyon {

struct ScalarExpr::Tree {
    ScalarOp op;
    int index = 0;
    double number = 0.0;
    std::vector<ScalarExpr> operands;
    int input_count = 0;
    int constant_count = 0;
};

ScalarExpr ScalarExpr::input(int index) {
    CHECK_INTERNAL(index >= 0);
    return ScalarExpr(std::make_shared<Tree>(Tree{ScalarOp::input, index, 0.0, {}, index + 1, 0}));
}

ScalarExpr ScalarExpr::constant(int index) {
    CHECK_INTERNAL(index >= 0);
    return ScalarExpr(std::make_shared<Tree>(Tree{ScalarOp::constant, index, 0.0, {}, 0, index + 1}));
}

ScalarExpr::ScalarExpr(double number) : tree_(std::make_shared<Tree>(Tree{ScalarOp::number, 0, number, {}, 0, 0})) {}

ScalarExpr ScalarExpr::make(ScalarOp op, std::vector<ScalarExpr> operands) {
    CHECK_INTERNAL(static_cast<int>(operands.size()) == operand_count(op) && !operands.empty());
    const auto is_number = [](const ScalarExpr& e) { return e.op() == ScalarOp::number; };
    if (std::all_of(operands.begin(), operands.end(), is_number)) {
        double values[3] = {};
        for (std::size_t i = 0; i < operands.size(); ++i) values[i] = operands[i].number();
        return apply(op, values[0], values[1], values[2]);
    }
    Tree tree{op, 0, 0.0, std::move(operands), 0, 0};
    for (const ScalarExpr& operand : tree.operands) {
        tree.input_count = std::max(tree.input_count, operand.input_count());
        tree.constant_count = std::max(tree.constant_count, operand.constant_count());
    }
    return ScalarExpr(std::make_shared<Tree>(std::move(tree)));
}

ScalarOp ScalarExpr::op() const {
    return tree_->op;
}

int ScalarExpr::index() const {
    CHECK_INTERNAL(op() == ScalarOp::input || op() == ScalarOp::constant);
    return tree_->index;
}

double ScalarExpr::number() const {
    CHECK_INTERNAL(op() == ScalarOp::number);
    return tree_->number;
}

const std::vector<ScalarExpr>& ScalarExpr::operands() const {
    return tree_->operands;
}

bool ScalarExpr::is_identity() const {
    return op() == ScalarOp::input && tree_->index == 0;
}

int ScalarExpr::input_count() const {
    return tree_->input_count;
}

int ScalarExpr::constant_count() const {
    return tree_->constant_count;
}

// Remembers what became of each subtree, so that shared ones stay shared.
ScalarExpr ScalarExpr::substitute(std::span<const ScalarExpr> inputs, std::span<const ScalarExpr> constants) const {
    std::map<const Tree*, ScalarExpr> done;
    const std::function<ScalarExpr(const ScalarExpr&)> visit = [&](const ScalarExpr& e) -> ScalarExpr {
        if (e.op() == ScalarOp::number) return e;
        const auto index = static_cast<std::size_t>(e.tree_->index);
        if (e.op() == ScalarOp::input) return index < inputs.size() ? inputs[index] : e;
        if (e.op() == ScalarOp::constant) return index < constants.size() ? constants[index] : e;
        if (const auto found = done.find(e.tree_.get()); found != done.end()) return found->second;
        std::vector<ScalarExpr> operands;
        for (const ScalarExpr& operand : e.operands()) operands.push_back(visit(operand));
        ScalarExpr result = make(e.op(), std::move(operands));
        done.emplace(e.tree_.get(), result);
        return result;
    };
    return visit(*this);
}

bool operator==(const ScalarExpr& a, const ScalarExpr& b) {
    if (a.tree_ == b.tree_) return true;
    if (a.op() != b.op() || a.tree_->index != b.tree_->index) return false;
    // Two NaNs are the same number here; 0 and -0 are not.
    if (a.op() == ScalarOp::number) {
        const double x = a.number();
        const double y = b.number();
        return (x == y && std::signbit(x) == std::signbit(y)) || (std::isnan(x) && std::isnan(y));
    }
    return a.operands() == b.operands();
}

ScalarExpr operator+(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr::make(ScalarOp::add, {std::move(a), std::move(b)});
}
ScalarExpr operator-(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr::make(ScalarOp::subtract, {std::move(a), std::move(b)});
}
ScalarExpr operator*(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr::make(ScalarOp::multiply, {std::move(a), std::move(b)});
}
ScalarExpr operator/(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr::make(ScalarOp::divide, {std::move(a), std::move(b)});
}
ScalarExpr operator-(ScalarExpr a) {
    return ScalarExpr::make(ScalarOp::negate, {std::move(a)});
}
ScalarExpr min(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr::make(ScalarOp::minimum, {std::move(a), std::move(b)});
}
ScalarExpr max(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr::make(ScalarOp::maximum, {std::move(a), std::move(b)});
}
ScalarExpr pow(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr::make(ScalarOp::power, {std::move(a), std::move(b)});
}
ScalarExpr exp(ScalarExpr a) {
    return ScalarExpr::make(ScalarOp::exp, {std::move(a)});
}
ScalarExpr log(ScalarExpr a) {
    return ScalarExpr::make(ScalarOp::log, {std::move(a)});
}
ScalarExpr sqrt(ScalarExpr a) {
    return ScalarExpr::make(ScalarOp::sqrt, {std::move(a)});
}
ScalarExpr tanh(ScalarExpr a) {
    return ScalarExpr::make(ScalarOp::tanh, {std::move(a)});
}
ScalarExpr erf(ScalarExpr a) {
    return ScalarExpr::make(ScalarOp::erf, {std::move(a)});
}
ScalarExpr abs(ScalarExpr a) {
    return ScalarExpr::make(ScalarOp::abs, {std::move(a)});
}
ScalarExpr clip(ScalarExpr a, ScalarExpr low, ScalarExpr high) {
    return min(max(std::move(a), std::move(low)), std::move(high));
}
ScalarExpr less(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr::make(ScalarOp::less, {std::move(a), std::move(b)});
}
ScalarExpr select(ScalarExpr condition, ScalarExpr if_true, ScalarExpr if_false) {
    return ScalarExpr::make(ScalarOp::select, {std::move(condition), std::move(if_true), std::move(if_false)});
}

double evaluate(const ScalarExpr& expr, std::span<const double> inputs, std::span<const double> constants) {
    switch (expr.op()) {
    case ScalarOp::input: return inputs[static_cast<std::size_t>(expr.index())];
    case ScalarOp::constant: return constants[static_cast<std::size_t>(expr.index())];
    case ScalarOp::number: return expr.number();
    default: break;
    }
    double values[3] = {};
    for (std::size_t i = 0; i < expr.operands().size(); ++i)
        values[i] = evaluate(expr.operands()[i], inputs, constants);
    return apply(expr.op(), values[0], values[1], values[2]);
}

}  // namespace halcyon
