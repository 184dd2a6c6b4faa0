#include "graph/constant_expr.h"

#include <fmt/format.h>

#include "graph/apply_scalar.h"
#include "support/check.h"
#include "support/hash.h"

namespace halcyon {

struct ConstantExpr::Tree {
    Kind kind;
    Shape shape;
    std::string name;                        // weight
    Array literal;                           // literal
    ScalarExpr expr = ScalarExpr::input(0);  // elementwise
    std::vector<ConstantExpr> operands;
    std::vector<int> axes;  // transpose
};

ConstantExpr ConstantExpr::weight(std::string name, Shape shape) {
    return ConstantExpr(
        std::make_shared<Tree>(Tree{.kind = Kind::weight, .shape = std::move(shape), .name = std::move(name)}));
}

ConstantExpr ConstantExpr::literal(Array array) {
    Shape shape = array.shape();
    return ConstantExpr(
        std::make_shared<Tree>(Tree{.kind = Kind::literal, .shape = std::move(shape), .literal = std::move(array)}));
}

ConstantExpr ConstantExpr::elementwise(ScalarExpr expr, std::vector<ConstantExpr> operands) {
    CHECK_INTERNAL(expr.input_count() <= static_cast<int>(operands.size()) && expr.constant_count() == 0);
    Shape shape;
    for (const ConstantExpr& operand : operands) {
        const std::optional<Shape> joined = broadcast(shape, operand.shape());
        CHECK_INTERNAL(joined.has_value());
        shape = *joined;
    }
    return ConstantExpr(std::make_shared<Tree>(Tree{.kind = Kind::elementwise,
                                                    .shape = std::move(shape),
                                                    .expr = std::move(expr),
                                                    .operands = std::move(operands)}));
}

ConstantExpr ConstantExpr::reshaped(Shape new_shape) const {
    if (new_shape == shape()) return *this;
    CHECK_INTERNAL(element_count(new_shape) == element_count(shape()));
    return ConstantExpr(
        std::make_shared<Tree>(Tree{.kind = Kind::reshape, .shape = std::move(new_shape), .operands = {*this}}));
}

ConstantExpr ConstantExpr::transposed(std::vector<int> axes) const {
    CHECK_INTERNAL(axes.size() == shape().size());
    Shape moved;
    for (int axis : axes) moved.push_back(shape().at(static_cast<std::size_t>(axis)));
    return ConstantExpr(std::make_shared<Tree>(
        Tree{.kind = Kind::transpose, .shape = std::move(moved), .operands = {*this}, .axes = std::move(axes)}));
}

ConstantExpr::Kind ConstantExpr::kind() const {
    return tree_->kind;
}

const Shape& ConstantExpr::shape() const {
    return tree_->shape;
}

const std::string& ConstantExpr::name() const {
    CHECK_INTERNAL(kind() == Kind::weight);
    return tree_->name;
}

const std::vector<ConstantExpr>& ConstantExpr::operands() const {
    return tree_->operands;
}

Array ConstantExpr::evaluate(const std::function<Array(const std::string& name)>& weights) const {
    std::vector<Array> values;
    for (const ConstantExpr& operand : operands()) values.push_back(operand.evaluate(weights));
    switch (kind()) {
    case Kind::weight: {
        Array array = weights(name());
        CHECK_INTERNAL(array.shape() == shape());
        return array;
    }
    case Kind::literal: return tree_->literal;
    case Kind::elementwise: return apply_scalar(tree_->expr, values, {}, shape());
    case Kind::reshape: return values[0].reshaped(shape());
    case Kind::transpose: return values[0].transposed(tree_->axes);
    }
    internal_error(__FILE__, __LINE__, "a constant expression of no kind");
}

std::string ConstantExpr::text() const {
    std::vector<std::string> parts;
    for (const ConstantExpr& operand : operands()) parts.push_back(operand.text());
    switch (kind()) {
    case Kind::weight: return name();
    case Kind::literal: {
        const std::span<const double> values = tree_->literal.values();
        const std::string_view bytes(reinterpret_cast<const char*>(values.data()), values.size_bytes());
        return fmt::format("literal{}#{}", to_text(shape()), hash_hex(bytes));
    }
    case Kind::elementwise: return fmt::format("[{}]({})", to_text(tree_->expr), fmt::join(parts, ", "));
    case Kind::reshape: return fmt::format("reshape({}, {})", parts[0], to_text(shape()));
    case Kind::transpose: return fmt::format("transpose({}, ({}))", parts[0], fmt::join(tree_->axes, ", "));
    }
    internal_error(__FILE__, __LINE__, "a constant expression of no kind");
}

}  // namespace halcyon
