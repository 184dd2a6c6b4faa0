#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace halcyon {

enum class ScalarOp {
    input,     ///< the element of operand `index`, broadcast by NumPy's rule
    constant,  ///< the element of the node's constant `index`, broadcast likewise
    number,
    add,
    subtract,
    multiply,
    divide,
    minimum,
    maximum,
    power,
    negate,
    exp,
    log,
    sqrt,
    tanh,
    erf,
    abs,
    floor,
    round,  ///< round: half to even
    less,
    less_equal,
    equal,   ///< 1 or 0
    select,  ///< condition, value if not 0, value if 0
};

/// An elementwise function as a value: immutable, cheap to copy, shared. The one place where the meaning of an activation,
/// a normalization or an arithmetic layer is written: `evaluate` computes it in double, kernels/common/emit_scalar emits it,
/// and its text is part of the task.
class ScalarExpr {
public:
    static ScalarExpr input(int index);
    static ScalarExpr constant(int index);
    ScalarExpr(double number);  // NOLINT: 0.5 * x should read so
    static ScalarExpr make(ScalarOp op, std::vector<ScalarExpr> operands);

    [[nodiscard]] ScalarOp op() const;
    [[nodiscard]] int index() const;      ///< of input and constant
    [[nodiscard]] double number() const;  ///< of number
    [[nodiscard]] const std::vector<ScalarExpr>& operands() const;

    /// Whether it is exactly `input(0)`.
    [[nodiscard]] bool is_identity() const;
    [[nodiscard]] int input_count() const;     ///< one more than the largest input index, 0 without any
    [[nodiscard]] int constant_count() const;  ///< likewise

    /// The expression with input(i) replaced by inputs[i] and constant(k) by constants[k]; missing entries stay.
    [[nodiscard]] ScalarExpr substitute(std::span<const ScalarExpr> inputs,
                                        std::span<const ScalarExpr> constants) const;

    friend bool operator==(const ScalarExpr& a, const ScalarExpr& b);

private:
    struct Tree;
    explicit ScalarExpr(std::shared_ptr<const Tree> tree) : tree_(std::move(tree)) {}
    std::shared_ptr<const Tree> tree_;
};

[[nodiscard]] ScalarExpr operator+(ScalarExpr a, ScalarExpr b);
[[nodiscard]] ScalarExpr operator-(ScalarExpr a, ScalarExpr b);
[[nodiscard]] ScalarExpr operator*(ScalarExpr a, ScalarExpr b);
[[nodiscard]] ScalarExpr operator/(ScalarExpr a, ScalarExpr b);
[[nodiscard]] ScalarExpr operator-(ScalarExpr a);
[[nodiscard]] ScalarExpr min(ScalarExpr a, ScalarExpr b);
[[nodiscard]] ScalarExpr max(ScalarExpr a, ScalarExpr b);
[[nodiscard]] ScalarExpr pow(ScalarExpr a, ScalarExpr b);
[[nodiscard]] ScalarExpr exp(ScalarExpr a);
[[nodiscard]] ScalarExpr log(ScalarExpr a);
[[nodiscard]] ScalarExpr sqrt(ScalarExpr a);
[[nodiscard]] ScalarExpr tanh(ScalarExpr a);
[[nodiscard]] ScalarExpr erf(ScalarExpr a);
[[nodiscard]] ScalarExpr abs(ScalarExpr a);
[[nodiscard]] ScalarExpr clip(ScalarExpr a, ScalarExpr low, ScalarExpr high);
[[nodiscard]] ScalarExpr less(ScalarExpr a, ScalarExpr b);
[[nodiscard]] ScalarExpr select(ScalarExpr condition, ScalarExpr if_true, ScalarExpr if_false);

/// In double precision; `inputs` and `constants` hold one number per operand.
[[nodiscard]] double evaluate(const ScalarExpr& expr, std::span<const double> inputs,
                              std::span<const double> constants);

/// "max(x + b, 0)": inputs print as x, y, z, ..., constants as a, b, c, ... unless it is the single constant, which is b.
[[nodiscard]] std::string to_text(const ScalarExpr& expr);

[[nodiscard]] nlohmann::json to_json(const ScalarExpr& expr);
[[nodiscard]] ScalarExpr scalar_expr_from_json(const nlohmann::json& json);

}  // namespace halcyon
