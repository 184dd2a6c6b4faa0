#include "exporters/torch_scalar.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "importers/source_text.h"
#include "layers/common/activations.h"
#include "support/check.h"

namespace halcyon {
namespace {

void collect_numbers(const ScalarExpr& expr, std::vector<double>& numbers) {
    if (expr.op() == ScalarOp::number && std::find(numbers.begin(), numbers.end(), expr.number()) == numbers.end())
        numbers.push_back(expr.number());
    for (const ScalarExpr& operand : expr.operands()) collect_numbers(operand, numbers);
}

/// Activations without arguments, by Halcyon's names.
constexpr std::pair<std::string_view, const char*> plain_modules[] = {
    {"relu", "nn.ReLU"},
    {"relu6", "nn.ReLU6"},
    {"selu", "nn.SELU"},
    {"sigmoid", "nn.Sigmoid"},
    {"hard_sigmoid", "nn.Hardsigmoid"},
    {"silu", "nn.SiLU"},
    {"hard_silu", "nn.Hardswish"},
    {"tanh", "nn.Tanh"},
    {"softplus", "nn.Softplus"},
    {"softsign", "nn.Softsign"},
    {"mish", "nn.Mish"},
};

/// Text and how tightly it binds: an operand that binds less than its operator asks for stands in brackets.
struct Text {
    enum Binding { sum, product, sign, power, atom };
    std::string text;
    Binding binding = atom;
    bool is_number = false;

    [[nodiscard]] std::string at_least(Binding wanted) const {
        return binding >= wanted ? text : fmt::format("({})", text);
    }
};

bool is_comparison(ScalarOp op) {
    return op == ScalarOp::less || op == ScalarOp::less_equal || op == ScalarOp::equal;
}

class ExpressionWriter {
public:
    ExpressionWriter(const std::vector<std::string>& inputs, const std::vector<std::string>& constants)
        : inputs_(inputs), constants_(constants) {}

    [[nodiscard]] Text write(const ScalarExpr& expr) const {
        if (expr.input_count() == 0 && expr.constant_count() == 0) return number(evaluate(expr, {}, {}));
        switch (expr.op()) {
        case ScalarOp::input: return {inputs_.at(static_cast<std::size_t>(expr.index()))};
        case ScalarOp::constant: return constant(expr.index());
        case ScalarOp::add: return write_sum(expr);
        case ScalarOp::subtract: return infix(expr, "-", Text::sum, Text::product);
        case ScalarOp::multiply: return write_product(expr);
        case ScalarOp::divide: return infix(expr, "/", Text::product, Text::sign);
        case ScalarOp::power: return write_power(expr);
        case ScalarOp::negate: return {"-" + operand(expr, 0).at_least(Text::sign), Text::sign};
        case ScalarOp::minimum:
        case ScalarOp::maximum: return write_extreme(expr);
        case ScalarOp::less:
        case ScalarOp::less_equal:
        case ScalarOp::equal: return {fmt::format("({}).float()", comparison(expr))};
        case ScalarOp::select: return write_select(expr);
        case ScalarOp::exp: return call("torch.exp", expr);
        case ScalarOp::log: return call("torch.log", expr);
        case ScalarOp::sqrt: return call("torch.sqrt", expr);
        case ScalarOp::tanh: return call("torch.tanh", expr);
        case ScalarOp::erf: return call("torch.erf", expr);
        case ScalarOp::abs: return call("torch.abs", expr);
        case ScalarOp::floor: return call("torch.floor", expr);
        case ScalarOp::round: return call("torch.round", expr);
        case ScalarOp::number: break;
        }
        internal_error(__FILE__, __LINE__, "a number that is none");
    }

private:
    static Text number(double value) {
        const std::string text = torch_number(value);
        const bool quotient = text.find(' ') != std::string::npos;
        return {text, quotient ? Text::product : text[0] == '-' ? Text::sign : Text::atom, true};
    }

    [[nodiscard]] Text constant(int index) const {
        const std::string& text = constants_.at(static_cast<std::size_t>(index));
        const bool is_number = text.find_first_not_of("0123456789.e-+ /") == std::string::npos;
        const bool quotient = is_number && text.find(' ') != std::string::npos;
        return {text, quotient ? Text::product : text[0] == '-' ? Text::sign : Text::atom, is_number};
    }

    [[nodiscard]] Text operand(const ScalarExpr& expr, std::size_t i) const { return write(expr.operands()[i]); }

    [[nodiscard]] Text call(const char* function, const ScalarExpr& expr) const {
        return {fmt::format("{}({})", function, operand(expr, 0).text)};
    }

    [[nodiscard]] Text infix(const ScalarExpr& expr, const char* sign, Text::Binding left, Text::Binding right,
                             std::optional<Text::Binding> whole = std::nullopt) const {
        return {fmt::format("{} {} {}", operand(expr, 0).at_least(left), sign, operand(expr, 1).at_least(right)),
                whole.value_or(left)};
    }

    /// x**2.0 without blanks round the sign where both sides are names or numbers.
    [[nodiscard]] Text write_power(const ScalarExpr& expr) const {
        const Text base = operand(expr, 0), exponent = operand(expr, 1);
        const auto is_simple = [](const Text& each) {
            return each.is_number ? each.text.find(' ') == std::string::npos
                                  : each.text.find_first_of(" ([") == std::string::npos;
        };
        if (is_simple(base) && is_simple(exponent) && !base.text.starts_with('-'))
            return {fmt::format("{}**{}", base.text, exponent.text), Text::power};
        return infix(expr, "**", Text::atom, Text::atom, Text::power);
    }

    /// Arithmetic on tensors leaves factors of 1 and summands of 0 behind.
    [[nodiscard]] std::optional<Text> without_neutral(const ScalarExpr& expr, double neutral) const {
        const Text left = operand(expr, 0), right = operand(expr, 1);
        if (left.is_number && left.text == torch_number(neutral)) return right;
        if (right.is_number && right.text == torch_number(neutral)) return left;
        return std::nullopt;
    }

    [[nodiscard]] Text write_sum(const ScalarExpr& expr) const {
        if (auto rest = without_neutral(expr, 0.0)) return *rest;
        const Text left = operand(expr, 0), right = operand(expr, 1);
        if (right.is_number && right.text.starts_with('-'))
            return {fmt::format("{} - {}", left.at_least(Text::sum), right.text.substr(1)), Text::sum};
        return infix(expr, "+", Text::sum, Text::sum);
    }

    [[nodiscard]] Text write_product(const ScalarExpr& expr) const {
        if (auto rest = without_neutral(expr, 1.0)) return *rest;
        const Text right = operand(expr, 1);
        // x / 255 is what a person writes for x * (1 / 255): the two round apart by half a unit at most.
        if (right.is_number && right.text.starts_with("1 / "))
            return {fmt::format("{} / {}", operand(expr, 0).at_least(Text::product), right.text.substr(4)),
                    Text::product};
        return infix(expr, "*", Text::product, Text::product);
    }

    [[nodiscard]] Text write_extreme(const ScalarExpr& expr) const {
        const bool minimum = expr.op() == ScalarOp::minimum;
        const Text left = operand(expr, 0), right = operand(expr, 1);
        if (!left.is_number && !right.is_number)
            return {fmt::format("torch.{}({}, {})", minimum ? "minimum" : "maximum", left.text, right.text)};
        const Text& tensor = left.is_number ? right : left;
        const Text& bound = left.is_number ? left : right;
        const std::string clamped = tensor.at_least(Text::atom);
        const std::string lower = ".clamp(min=";
        const std::size_t at = clamped.rfind(lower);
        // min(max(x, a), b)
        if (minimum && at != std::string::npos && clamped.ends_with(')') &&
            clamped.find_first_of("()", at + lower.size()) == clamped.size() - 1)
            return {fmt::format("{}.clamp({}, {})", clamped.substr(0, at),
                                clamped.substr(at + lower.size(), clamped.size() - at - lower.size() - 1), bound.text)};
        return {fmt::format("{}.clamp({}={})", clamped, minimum ? "max" : "min", bound.text)};
    }

    [[nodiscard]] std::string comparison(const ScalarExpr& expr) const {
        const char* const sign = expr.op() == ScalarOp::less ? "<" : expr.op() == ScalarOp::less_equal ? "<=" : "==";
        const Text left = operand(expr, 0), right = operand(expr, 1);
        // 0 < x reads x > 0.
        if (left.is_number && !right.is_number) {
            const char* const turned = expr.op() == ScalarOp::less         ? ">"
                                       : expr.op() == ScalarOp::less_equal ? ">="
                                                                           : "==";
            return fmt::format("{} {} {}", right.text, turned, left.text);
        }
        return fmt::format("{} {} {}", left.text, sign, right.text);
    }

    [[nodiscard]] Text write_select(const ScalarExpr& expr) const {
        const ScalarExpr& condition = expr.operands()[0];
        const std::string test = is_comparison(condition.op())
                                     ? comparison(condition)
                                     : fmt::format("{} != 0", write(condition).at_least(Text::sum));
        return {fmt::format("torch.where({}, {}, {})", test, operand(expr, 1).text, operand(expr, 2).text)};
    }

    const std::vector<std::string>& inputs_;
    const std::vector<std::string>& constants_;
};

}  // namespace

std::string torch_number(double number) {
    if (std::isnan(number)) return "float(\"nan\")";
    if (std::isinf(number)) return number > 0 ? "float(\"inf\")" : "-float(\"inf\")";
    return importers::source_text(Value(number));
}

std::optional<TorchModule> activation_module(const ScalarExpr& expr) {
    for (const auto& [name, type] : plain_modules) {
        if (expr == *scalar_activation(name)) return TorchModule{type, {}};
    }
    const ScalarExpr x = ScalarExpr::input(0);
    for (const bool approximate : {false, true}) {
        if (expr == activations::gelu(x, approximate))
            return TorchModule{"nn.GELU", {{"approximate", approximate ? "tanh" : "none", Value("none")}}};
    }
    // Those with an argument: it is one of the numbers in them, or half of one.
    std::vector<double> numbers;
    collect_numbers(expr, numbers);
    for (double number : numbers) {
        if (expr == activations::leaky_relu(x, number))
            return TorchModule{"nn.LeakyReLU", {{"negative_slope", number}}};
        if (expr == activations::elu(x, number / 2.0)) return TorchModule{"nn.ELU", {{"alpha", number / 2.0}}};
    }
    return std::nullopt;
}

std::string torch_expression(const ScalarExpr& expr, const std::vector<std::string>& inputs,
                             const std::vector<std::string>& constants) {
    return ExpressionWriter(inputs, constants).write(expr).text;
}

}  // namespace halcyon
