#include "syntax/expression_builder.h"

#include <algorithm>

#include "support/check.h"

namespace halcyon {
namespace {

using Form = Operator::Form;

template <typename Code>
Operator entry(Form form, Code code, int precedence, std::string_view text) {
    return {form, static_cast<int>(code), precedence, text, {}};
}

constexpr int not_precedence = 3;
constexpr int power_precedence = 9;

Parsed unary(const Operator& op, Parsed operand) {
    const Span span = join(op.span, operand.extent);
    const int depth = operand.depth + 1;
    return make_value(ast::Unary{static_cast<ast::UnaryOperator>(op.code), std::move(operand.expr)}, span, depth);
}

Parsed binary(const Operator& op, Parsed left, Parsed right) {
    const Span span = join(left.extent, right.extent);
    const int depth = std::max(left.depth, right.depth) + 1;
    return make_value(
        ast::Binary{static_cast<ast::BinaryOperator>(op.code), std::move(left.expr), std::move(right.expr), op.span},
        span, depth);
}

/// Lengthens a chain that is still open.
Parsed lengthen(Parsed chain, const Parsed& right) {
    chain.extent = chain.expr->span = join(chain.extent, right.extent);
    chain.depth = std::max(chain.depth, right.depth + 1);
    return chain;
}

Parsed compare(const Operator& op, Parsed left, Parsed right) {
    const auto code = static_cast<ast::CompareOperator>(op.code);
    auto* chain = std::get_if<ast::Compare>(&left.expr->kind);
    if (chain == nullptr || !left.open) {
        const Span extent = left.extent;
        const int depth = left.depth + 1;
        left = make_value(ast::Compare{std::move(left.expr), {}}, extent, depth);
        chain = &std::get<ast::Compare>(left.expr->kind);
    }
    Parsed longer = lengthen(std::move(left), right);
    chain->rest.emplace_back(code, std::move(right.expr));
    return longer;
}

Parsed logical(const Operator& op, Parsed left, Parsed right) {
    const auto code = static_cast<ast::LogicalOperator>(op.code);
    auto* chain = std::get_if<ast::Logical>(&left.expr->kind);
    if (chain == nullptr || !left.open || chain->op != code) {
        const Span extent = left.extent;
        const int depth = left.depth + 1;
        ast::Logical first{code, {}};
        first.operands.push_back(std::move(left.expr));
        left = make_value(std::move(first), extent, depth);
        chain = &std::get<ast::Logical>(left.expr->kind);
    }
    Parsed longer = lengthen(std::move(left), right);
    chain->operands.push_back(std::move(right.expr));
    return longer;
}

}  // namespace

Parsed make_value(ast::Expr::Kind kind, Span span, int depth) {
    return {std::make_unique<ast::Expr>(ast::Expr{std::move(kind), span}), span, depth, true};
}

const std::vector<Operator>& prefix_operators() {
    using U = ast::UnaryOperator;
    static const std::vector<Operator> operators = {
        entry(Form::unary, U::not_, not_precedence, "not"),
        entry(Form::unary, U::negate, 8, "-"),
        entry(Form::unary, U::plus, 8, "+"),
    };
    return operators;
}

const std::vector<Operator>& infix_operators() {
    using B = ast::BinaryOperator;
    using C = ast::CompareOperator;
    using L = ast::LogicalOperator;
    static const std::vector<Operator> operators = {
        entry(Form::logical, L::or_, 1, "or"),
        entry(Form::logical, L::and_, 2, "and"),
        entry(Form::compare, C::equal, 4, "=="),
        entry(Form::compare, C::not_equal, 4, "!="),
        entry(Form::compare, C::less_equal, 4, "<="),
        entry(Form::compare, C::less, 4, "<"),
        entry(Form::compare, C::greater_equal, 4, ">="),
        entry(Form::compare, C::greater, 4, ">"),
        entry(Form::compare, C::not_in, 4, "not in"),
        entry(Form::compare, C::in, 4, "in"),
        entry(Form::compare, C::is_not, 4, "is not"),
        entry(Form::compare, C::is, 4, "is"),
        entry(Form::binary, B::add, 6, "+"),
        entry(Form::binary, B::subtract, 6, "-"),
        entry(Form::binary, B::power, power_precedence, "**"),
        entry(Form::binary, B::multiply, 7, "*"),
        entry(Form::binary, B::floor_divide, 7, "//"),
        entry(Form::binary, B::divide, 7, "/"),
        entry(Form::binary, B::modulo, 7, "%"),
    };
    return operators;
}

bool OperatorChain::add_prefix(const Operator& op) {
    const bool hidden =
        op.precedence == not_precedence && !operators_.empty() && operators_.back().precedence > not_precedence;
    operators_.push_back(op);
    return !hidden;
}

// Equal precedence joins to the left, but for the power: 2 ** 3 ** 2 is 2 ** 9. What stands before it binds looser even
// when unary (-2 ** 2 is -4), while its right side may begin with a sign.
void OperatorChain::add_infix(const Operator& op, Diagnostics& diag) {
    const int least = op.precedence == power_precedence ? op.precedence + 1 : op.precedence;
    while (!operators_.empty() && operators_.back().precedence >= least) reduce(diag);
    operators_.push_back(op);
}

Parsed OperatorChain::finish(Diagnostics& diag) {
    while (!operators_.empty()) reduce(diag);
    CHECK_INTERNAL(operands_.size() == 1);
    return std::move(operands_.back());
}

void OperatorChain::reduce(Diagnostics& diag) {
    const Operator op = operators_.back();
    operators_.pop_back();
    CHECK_INTERNAL(operands_.size() > (op.form == Form::unary ? 0u : 1u));
    Parsed right = std::move(operands_.back());
    operands_.pop_back();
    if (op.form == Form::unary) {
        operands_.push_back(unary(op, std::move(right)));
    } else {
        Parsed left = std::move(operands_.back());
        operands_.pop_back();
        operands_.push_back(op.form == Form::binary    ? binary(op, std::move(left), std::move(right))
                            : op.form == Form::compare ? compare(op, std::move(left), std::move(right))
                                                       : logical(op, std::move(left), std::move(right)));
    }
    limit_depth(operands_.back(), diag);
}

Parsed join_conditionals(std::vector<Parsed> values, Diagnostics& diag) {
    CHECK_INTERNAL(values.size() % 2 == 1);
    Parsed result = std::move(values.back());
    for (std::size_t i = values.size() - 1; i > 0; i -= 2) {
        Parsed& then = values[i - 2];
        Parsed& condition = values[i - 1];
        const Span span = join(then.extent, result.extent);
        const int depth = std::max({then.depth, condition.depth, result.depth}) + 1;
        result = make_value(ast::Conditional{std::move(then.expr), std::move(condition.expr), std::move(result.expr)},
                            span, depth);
        limit_depth(result, diag);
    }
    return result;
}

void limit_depth(Parsed& value, Diagnostics& diag) {
    if (value.depth <= max_expression_depth) return;
    const auto is_same = [](const Diagnostic& d) { return d.code == Code::over_limit; };
    if (std::none_of(diag.all().begin(), diag.all().end(), is_same)) {
        diag.error(Code::over_limit, value.extent,
                   "this expression joins more than {} levels of operators, calls or brackets", max_expression_depth);
    }
    value = make_value(ast::NamedConstant::none, value.extent);
}

void check_target(const ast::Expr& target, Diagnostics& diag) {
    const auto check_all = [&](const std::vector<ast::ExprPtr>& elements) {
        for (const ast::ExprPtr& element : elements) check_target(*element, diag);
    };
    if (const auto* tuple = std::get_if<ast::Tuple>(&target.kind)) return check_all(tuple->elements);
    if (const auto* list = std::get_if<ast::List>(&target.kind)) return check_all(list->elements);
    if (const auto* starred = std::get_if<ast::Starred>(&target.kind)) return check_target(*starred->value, diag);
    const bool assignable = std::holds_alternative<ast::Name>(target.kind) ||
                            std::holds_alternative<ast::Attribute>(target.kind) ||
                            std::holds_alternative<ast::Subscript>(target.kind);
    if (assignable) return;
    const bool call = std::holds_alternative<ast::Call>(target.kind);
    diag.error(Code::bad_target, target.span, "{} cannot be assigned to", call ? "a call" : "this expression").hint =
        "only names and tuples of names can stand here";
}

void check_no_star(const ast::Expr& expr, Diagnostics& diag) {
    if (!std::holds_alternative<ast::Starred>(expr.kind)) return;
    diag.error(Code::unexpected_token, expr.span, "a starred value belongs into a list, a tuple or a call");
}

void check_starred(const Parsed& element, Diagnostics& diag) {
    const auto* starred = std::get_if<ast::Starred>(&element.expr->kind);
    if (starred == nullptr || !element.open) return;
    const ast::Expr::Kind& kind = starred->value->kind;
    const auto* unary = std::get_if<ast::Unary>(&kind);
    const bool loose = std::holds_alternative<ast::Compare>(kind) || std::holds_alternative<ast::Logical>(kind) ||
                       std::holds_alternative<ast::Conditional>(kind) ||
                       (unary != nullptr && unary->op == ast::UnaryOperator::not_);
    if (loose) diag.error(Code::unexpected_token, element.extent, "what follows this '*' needs parentheses round it");
}

void check_arguments(const std::vector<ast::Argument>& arguments, Diagnostics& diag) {
    std::vector<const ast::Argument*> keywords;
    for (const ast::Argument& argument : arguments) {
        const bool starred = std::holds_alternative<ast::Starred>(argument.value->kind);
        if (argument.keyword.empty() && !starred && !keywords.empty()) {
            diag.error(Code::bad_arguments, argument.span, "a positional argument follows a keyword argument")
                .notes.emplace_back(keywords.back()->span, "the keyword argument");
            return;
        }
        if (!argument.keyword.empty()) keywords.push_back(&argument);
    }
    const auto by_name = [](const ast::Argument* a, const ast::Argument* b) { return a->keyword < b->keyword; };
    std::stable_sort(keywords.begin(), keywords.end(), by_name);
    for (std::size_t i = 1; i < keywords.size(); ++i) {
        if (keywords[i]->keyword != keywords[i - 1]->keyword || keywords[i]->keyword == "**") continue;
        diag.error(Code::bad_arguments, keywords[i]->keyword_span, "'{}' is given twice", keywords[i]->keyword)
            .notes.emplace_back(keywords[i - 1]->keyword_span, "first given here");
    }
}

void check_parameters(const std::vector<ast::Parameter>& parameters, Diagnostics& diag) {
    std::vector<const ast::Parameter*> sorted;
    const ast::Parameter* with_default = nullptr;
    for (const ast::Parameter& parameter : parameters) {
        sorted.push_back(&parameter);
        if (&parameter != &parameters.front() && sorted.end()[-2]->collects == ast::Parameter::Collects::keywords) {
            diag.error(Code::bad_arguments, parameter.span, "nothing follows '**{}'", sorted.end()[-2]->name);
        }
        if (parameter.keyword_only || parameter.collects != ast::Parameter::Collects::nothing) continue;
        if (parameter.default_value) {
            with_default = &parameter;
        } else if (with_default != nullptr) {
            diag.error(Code::bad_arguments, parameter.span, "parameter '{}' has no default, but follows one that has",
                       parameter.name)
                .notes.emplace_back(with_default->span, "this one has a default");
        }
    }
    const auto by_name = [](const ast::Parameter* a, const ast::Parameter* b) { return a->name < b->name; };
    std::stable_sort(sorted.begin(), sorted.end(), by_name);
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        if (sorted[i]->name != sorted[i - 1]->name) continue;
        diag.error(Code::bad_arguments, sorted[i]->span, "two parameters are named '{}'", sorted[i]->name)
            .notes.emplace_back(sorted[i - 1]->span, "the first one");
    }
}

}  // namespace halcyon
