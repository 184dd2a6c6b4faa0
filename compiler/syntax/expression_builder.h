#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "syntax/ast.h"

namespace halcyon {

/// Trees are walked and destroyed by recursion, so their depth is bounded.
inline constexpr int max_expression_depth = 1000;

/// An expression while it is being read.
struct Parsed {
    ast::ExprPtr expr;
    Span extent;  ///< with the parentheses round it, which the expression's own span leaves out
    int depth = 1;
    bool open = true;  ///< no parentheses round it: `a < b` may still grow to `a < b < c`
};

[[nodiscard]] Parsed make_value(ast::Expr::Kind kind, Span span, int depth = 1);

struct Operator {
    enum class Form { unary, binary, compare, logical };
    Form form = Form::binary;
    int code = 0;        ///< a value of the form's enumeration in ast.h
    int precedence = 0;  ///< larger binds tighter
    std::string_view text;
    Span span;
};

/// All operators with Python's precedences; those that begin with another's text stand before it.
[[nodiscard]] const std::vector<Operator>& prefix_operators();
[[nodiscard]] const std::vector<Operator>& infix_operators();

/// Operands and operators in the order of the text, joined by precedence as they come (Dijkstra's shunting yard): one
/// grammar rule for all levels keeps the parser's stack small.
class OperatorChain {
public:
    /// False for `a == not b`: the `not` binds looser than what stands before it.
    [[nodiscard]] bool add_prefix(const Operator& op);
    void add_infix(const Operator& op, Diagnostics& diag);
    void add_operand(Parsed value) { operands_.push_back(std::move(value)); }
    [[nodiscard]] Parsed finish(Diagnostics& diag);

private:
    void reduce(Diagnostics& diag);

    std::vector<Parsed> operands_;
    std::vector<Operator> operators_;
};

/// `then if condition else otherwise`, chained to the right: values in the order of the text.
[[nodiscard]] Parsed join_conditionals(std::vector<Parsed> values, Diagnostics& diag);

/// Reports a tree that is too deep, and replaces it by a leaf.
void limit_depth(Parsed& value, Diagnostics& diag);

/// Reports an expression that no value can be assigned to.
void check_target(const ast::Expr& target, Diagnostics& diag);

/// Reports `*xs` where it stands alone.
void check_no_star(const ast::Expr& expr, Diagnostics& diag);

/// Reports `*a or b` in a list or tuple, where Python's star takes arithmetic only (in calls it takes any expression).
void check_starred(const Parsed& element, Diagnostics& diag);

/// Reports positional after keyword arguments, and keywords given twice.
void check_arguments(const std::vector<ast::Argument>& arguments, Diagnostics& diag);

/// Reports parameters that share a name, and those without a default after one that has one.
void check_parameters(const std::vector<ast::Parameter>& parameters, Diagnostics& diag);

}  // namespace halcyon
