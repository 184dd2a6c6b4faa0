#include "exporters/onnx_scalar.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "layers/common/activations.h"
#include "support/check.h"

namespace halcyon {
namespace {

/// What a pattern's input(0) and constant(k) stand for.
struct Match {
    std::optional<ScalarExpr> x;
    std::vector<std::optional<ScalarExpr>> constants;

    [[nodiscard]] const ScalarExpr& constant(std::size_t k) const { return *constants[k]; }
    [[nodiscard]] bool is_number(std::size_t k) const { return constant(k).op() == ScalarOp::number; }
    [[nodiscard]] double number(std::size_t k) const { return constant(k).number(); }
};

bool bind(std::optional<ScalarExpr>& place, const ScalarExpr& expr) {
    if (place) return *place == expr;
    place = expr;
    return true;
}

/// Whether `expr` is `pattern` with something that reads inputs for input(0) and something that reads none for each
/// constant(k). Patterns are few and small; what x stands for is compared, not searched.
bool matches(const ScalarExpr& pattern, const ScalarExpr& expr, Match& match) {
    if (pattern.op() == ScalarOp::input) return expr.input_count() > 0 && bind(match.x, expr);
    if (pattern.op() == ScalarOp::constant) {
        const auto k = static_cast<std::size_t>(pattern.index());
        match.constants.resize(std::max(match.constants.size(), k + 1));
        return expr.input_count() == 0 && bind(match.constants[k], expr);
    }
    if (pattern.op() == ScalarOp::number || pattern.op() != expr.op()) return pattern == expr;
    for (std::size_t i = 0; i < pattern.operands().size(); ++i) {
        if (!matches(pattern.operands()[i], expr.operands()[i], match)) return false;
    }
    return true;
}

class ScalarWriter {
public:
    ScalarWriter(OnnxWriter& writer, const OnnxOperands& operands) : writer_(writer), operands_(operands) {}

    std::string write(const ScalarExpr& expr) {
        for (const auto& [written, value] : done_) {
            if (written == expr) return value;
        }
        std::string value = write_new(expr);
        done_.emplace_back(expr, value);
        return value;
    }

    std::string add(std::string_view op, const std::vector<std::string>& inputs, OnnxAttributes attributes = {}) {
        const std::string name = operands_.layer + "/" + std::string(op);
        return writer_.add(op, name, inputs, std::move(attributes));
    }

    std::string number(double value) { return writer_.number(value); }

    /// Something that reads no input, as one tensor.
    std::string constant(const ScalarExpr& expr, std::string_view role) {
        return writer_.constant(folded(expr), operands_.layer, role);
    }

    /// The same as a tensor of one number per channel of input 0, if it is that.
    std::optional<ConstantExpr> per_channel(const ScalarExpr& expr) const {
        if (expr.op() == ScalarOp::number) return std::nullopt;
        const ConstantExpr value = folded(expr);
        const std::size_t rank = value.shape().size();
        if (static_cast<int>(rank) != operands_.rank || value.shape()[0] != operands_.channels ||
            element_count(value.shape()) != operands_.channels)
            return std::nullopt;
        return value.reshaped({operands_.channels});
    }

    [[nodiscard]] const std::string& layer() const { return operands_.layer; }
    OnnxWriter& writer() { return writer_; }

private:
    std::string write_new(const ScalarExpr& expr);

    [[nodiscard]] ConstantExpr folded(const ScalarExpr& expr) const {
        if (expr.op() == ScalarOp::constant) return operands_.constants[static_cast<std::size_t>(expr.index())];
        std::vector<ConstantExpr> used;
        std::vector<ScalarExpr> as_inputs(operands_.constants.size(), ScalarExpr(0.0));
        const std::function<void(const ScalarExpr&)> collect = [&](const ScalarExpr& e) {
            if (e.op() == ScalarOp::constant && as_inputs[static_cast<std::size_t>(e.index())] == ScalarExpr(0.0)) {
                as_inputs[static_cast<std::size_t>(e.index())] = ScalarExpr::input(static_cast<int>(used.size()));
                used.push_back(operands_.constants[static_cast<std::size_t>(e.index())]);
            }
            if (e.op() == ScalarOp::input || e.op() == ScalarOp::number) return;
            if (e.op() != ScalarOp::constant) std::for_each(e.operands().begin(), e.operands().end(), collect);
        };
        collect(expr);
        return ConstantExpr::elementwise(expr.substitute({}, as_inputs), std::move(used));
    }

    OnnxWriter& writer_;
    const OnnxOperands& operands_;
    std::vector<std::pair<ScalarExpr, std::string>> done_;  // a handful: searched from the front
};

/// A function that ONNX has a node for. `write` may still decline, by giving "".
struct Known {
    ScalarExpr pattern;
    std::string (*write)(ScalarWriter& writer, const Match& match);
};

ScalarExpr x() {
    return ScalarExpr::input(0);
}
ScalarExpr c(int k) {
    return ScalarExpr::constant(k);
}

template <const char* op>
std::string plain(ScalarWriter& writer, const Match& match) {
    return writer.add(op, {writer.write(*match.x)});
}

constexpr char sigmoid_op[] = "Sigmoid", softplus_op[] = "Softplus", softsign_op[] = "Softsign",
               hard_swish_op[] = "HardSwish";

std::string write_gelu(ScalarWriter& writer, const Match& match) {
    // Operator set 17 has no node for it; runtimes recognise this form.
    constexpr double sqrt_2 = 1.41421356237309504880;
    const std::string value = writer.write(*match.x);
    const std::string error = writer.add("Erf", {writer.add("Div", {value, writer.number(sqrt_2)})});
    const std::string twice = writer.add("Mul", {value, writer.add("Add", {error, writer.number(1.0)})});
    return writer.add("Mul", {twice, writer.number(0.5)});
}

std::string write_selu(ScalarWriter& writer, const Match& match) {
    if (!match.is_number(0) || !match.is_number(1)) return "";
    return writer.add("Selu", {writer.write(*match.x)}, {{"alpha", match.number(1) / 2.0}, {"gamma", match.number(0)}});
}

std::string write_elu(ScalarWriter& writer, const Match& match) {
    if (!match.is_number(0)) return "";
    return writer.add("Elu", {writer.write(*match.x)}, {{"alpha", match.number(0) / 2.0}});
}

std::string write_hard_sigmoid(ScalarWriter& writer, const Match& match) {
    if (!match.is_number(0) || !match.is_number(1)) return "";
    return writer.add("HardSigmoid", {writer.write(*match.x)}, {{"alpha", match.number(0)}, {"beta", match.number(1)}});
}

std::string write_sloped_relu(ScalarWriter& writer, const Match& match) {
    if (!match.is_number(0)) return "";
    return writer.add("LeakyRelu", {writer.write(*match.x)}, {{"alpha", match.number(0)}});
}

std::string write_p_re_lu(ScalarWriter& writer, const Match& match) {
    if (match.is_number(0)) return write_sloped_relu(writer, match);
    return writer.add("PRelu", {writer.write(*match.x), writer.constant(match.constant(0), "alpha")});
}

std::string write_leaky_relu(ScalarWriter& writer, const Match& match) {
    // max(x, slope * x) is another function for a slope above 1.
    return match.is_number(0) && match.number(0) <= 1.0 ? write_sloped_relu(writer, match) : "";
}

std::string write_clip(ScalarWriter& writer, const Match& match) {
    if (!match.is_number(0) || !match.is_number(1)) return "";
    return writer.add("Clip", {writer.write(*match.x), writer.number(match.number(0)), writer.number(match.number(1))});
}

std::string write_relu(ScalarWriter& writer, const Match& match) {
    return writer.add("Relu", {writer.write(*match.x)});
}

/// scale and shift per channel: the node that every runtime folds into convolutions and computes in one pass.
std::string write_affine(ScalarWriter& writer, const Match& match) {
    if (!match.x->is_identity()) return "";
    const auto scale = writer.per_channel(match.constant(0));
    const auto shift = writer.per_channel(match.constant(1));
    if (!scale || !shift) return "";
    const std::string layer = writer.layer();
    const auto all = [&](double value, const char* role) {
        return writer.writer().constant(ConstantExpr::literal(Array(scale->shape(), value)), layer, role);
    };
    return writer.add("BatchNormalization",
                      {writer.write(*match.x), writer.writer().constant(*scale, layer, "scale"),
                       writer.writer().constant(*shift, layer, "shift"), all(0.0, "mean"), all(1.0, "variance")},
                      {{"epsilon", 0.0}});
}

/// The larger ones first: several contain others.
const std::vector<Known>& known_functions() {
    static const std::vector<Known> known = [] {
        const ScalarExpr t = tanh(0.5 * x());
        const ScalarExpr elu = select(less(0.0, x()), x(), c(0) * t / (1.0 - t));
        const ScalarExpr selu = c(0) * select(less(0.0, x()), x(), c(1) * t / (1.0 - t));
        return std::vector<Known>{
            {*scalar_activation("gelu"), write_gelu},
            {selu, write_selu},
            {elu, write_elu},
            {*scalar_activation("hard_silu"), plain<hard_swish_op>},
            {*scalar_activation("softplus"), plain<softplus_op>},
            {*scalar_activation("softsign"), plain<softsign_op>},
            {*scalar_activation("sigmoid"), plain<sigmoid_op>},
            {clip(x() * c(0) + c(1), 0.0, 1.0), write_hard_sigmoid},
            {max(x(), 0.0) + c(0) * min(x(), 0.0), write_p_re_lu},
            {max(x(), c(0) * x()), write_leaky_relu},
            {select(less(x(), 0.0), c(0) * x(), x()), write_sloped_relu},
            {clip(x(), c(0), c(1)), write_clip},
            {max(x(), 0.0), write_relu},
            {x() * c(0) + c(1), write_affine},
        };
    }();
    return known;
}

std::string_view onnx_operator(ScalarOp op) {
    switch (op) {
    case ScalarOp::add: return "Add";
    case ScalarOp::subtract: return "Sub";
    case ScalarOp::multiply: return "Mul";
    case ScalarOp::divide: return "Div";
    case ScalarOp::minimum: return "Min";
    case ScalarOp::maximum: return "Max";
    case ScalarOp::power: return "Pow";
    case ScalarOp::negate: return "Neg";
    case ScalarOp::exp: return "Exp";
    case ScalarOp::log: return "Log";
    case ScalarOp::sqrt: return "Sqrt";
    case ScalarOp::tanh: return "Tanh";
    case ScalarOp::erf: return "Erf";
    case ScalarOp::abs: return "Abs";
    case ScalarOp::floor: return "Floor";
    case ScalarOp::round: return "Round";
    case ScalarOp::less: return "Less";
    case ScalarOp::less_equal: return "LessOrEqual";
    case ScalarOp::equal: return "Equal";
    case ScalarOp::select: return "Where";
    case ScalarOp::input:
    case ScalarOp::constant:
    case ScalarOp::number: break;
    }
    internal_error(__FILE__, __LINE__, "an operand is no operator");
}

bool is_comparison(ScalarOp op) {
    return op == ScalarOp::less || op == ScalarOp::less_equal || op == ScalarOp::equal;
}

/// What a factor of 1 or a summand of 0, which arithmetic on tensors leaves behind, does nothing to.
std::optional<ScalarExpr> without_neutral(const ScalarExpr& expr) {
    if (expr.op() != ScalarOp::multiply && expr.op() != ScalarOp::add) return std::nullopt;
    const ScalarExpr neutral = expr.op() == ScalarOp::multiply ? 1.0 : 0.0;
    if (expr.operands()[0] == neutral) return expr.operands()[1];
    if (expr.operands()[1] == neutral) return expr.operands()[0];
    return std::nullopt;
}

std::string ScalarWriter::write_new(const ScalarExpr& expr) {
    if (expr.op() == ScalarOp::input) return operands_.inputs.at(static_cast<std::size_t>(expr.index()));
    if (expr.op() == ScalarOp::number) return number(expr.number());
    if (expr.input_count() == 0) return constant(expr, "constant");
    if (const auto rest = without_neutral(expr)) return write(*rest);
    for (const Known& known : known_functions()) {
        Match match;
        if (!matches(known.pattern, expr, match)) continue;
        if (std::string value = known.write(*this, match); !value.empty()) return value;
    }
    std::vector<std::string> inputs;
    const auto compare = [&](const ScalarExpr& comparison) {
        return add(onnx_operator(comparison.op()), {write(comparison.operands()[0]), write(comparison.operands()[1])});
    };
    // Comparisons give truth values in ONNX and numbers here.
    if (is_comparison(expr.op()))
        return add("Cast", {compare(expr)}, {{"to", onnx_element_type(ElementType::float32)}});
    if (expr.op() == ScalarOp::select) {
        const ScalarExpr& condition = expr.operands()[0];
        const std::string if_true = write(expr.operands()[1]), if_false = write(expr.operands()[2]);
        if (is_comparison(condition.op()) && condition.input_count() > 0)
            return add("Where", {compare(condition), if_true, if_false});
        return add("Where", {add("Equal", {write(condition), number(0.0)}), if_false, if_true});
    }
    for (const ScalarExpr& operand : expr.operands()) inputs.push_back(write(operand));
    return add(onnx_operator(expr.op()), inputs);
}

}  // namespace

std::string write_scalar(OnnxWriter& writer, const ScalarExpr& expr, const OnnxOperands& operands) {
    return ScalarWriter(writer, operands).write(expr);
}

}  // namespace halcyon
