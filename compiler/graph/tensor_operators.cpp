#include "graph/tensor_operators.h"

#include <cmath>

#include "graph/layer_application.h"
#include "support/check.h"

namespace halcyon::language {
namespace {

using ast::BinaryOperator;

struct OperatorNames {
    std::string_view layer;   ///< that combines two tensors; empty: none yet
    std::string_view prefix;  ///< Keras's name of the operation
};

OperatorNames names_of(BinaryOperator op) {
    switch (op) {
    case BinaryOperator::add: return {"Add", "add"};
    case BinaryOperator::subtract: return {"Subtract", "subtract"};
    case BinaryOperator::multiply: return {"Multiply", "multiply"};
    case BinaryOperator::divide: return {"Divide", "divide"};
    case BinaryOperator::power: return {"", "power"};
    case BinaryOperator::floor_divide:
    case BinaryOperator::modulo: break;
    }
    return {"", ""};
}

LanguageValue not_supported(Elaboration& elaboration, BinaryOperator op, const Operand& left, const Operand& right,
                            Span span) {
    elaboration.error(Code::not_supported, span, "'{}' of {} and {} is not supported yet", to_text(op),
                      describe(left.value), describe(right.value));
    return Poison{};
}

LanguageValue rescaled(Elaboration& elaboration, int node, double scale, double offset, std::string_view prefix,
                       Span span) {
    const LayerDef* def = find_layer("Rescaling");
    CHECK_INTERNAL(def != nullptr);
    LayerInstance& layer =
        make_layer(elaboration, *def, {{"scale", Value(scale)}, {"offset", Value(offset)}}, std::string(prefix), span);
    return apply_layer(elaboration, layer, {node}, span);
}

LanguageValue powered(Elaboration& elaboration, int node, double exponent, double factor, std::string_view prefix,
                      Span span) {
    const LayerDef* def = find_layer("Power");
    CHECK_INTERNAL(def != nullptr);
    LayerInstance& layer = make_layer(elaboration, *def, {{"exponent", Value(exponent)}, {"factor", Value(factor)}},
                                      std::string(prefix), span);
    return apply_layer(elaboration, layer, {node}, span);
}

/// x op s or s op x as x * scale + offset, or as a power of x times a number.
LanguageValue with_number(Elaboration& elaboration, BinaryOperator op, const Operand& left, const Operand& right,
                          Span span) {
    const bool tensor_left = left.value.get<Tensor>() != nullptr;
    const int node = (tensor_left ? left : right).value.get<Tensor>()->node;
    const double s = *(tensor_left ? right : left).value.real();
    if (!std::isfinite(s)) return not_supported(elaboration, op, left, right, span);
    const std::string_view prefix = names_of(op).prefix;
    switch (op) {
    case BinaryOperator::add: return rescaled(elaboration, node, 1, s, prefix, span);
    case BinaryOperator::subtract:
        return tensor_left ? rescaled(elaboration, node, 1, -s, prefix, span)
                           : rescaled(elaboration, node, -1, s, prefix, span);
    case BinaryOperator::multiply: return rescaled(elaboration, node, s, 0, prefix, span);
    case BinaryOperator::divide:
        if (!tensor_left) return powered(elaboration, node, -1, s, prefix, span);
        if (s == 0) {
            elaboration.error(Code::division_by_zero, right.span, "division by zero");
            return Poison{};
        }
        if (!std::isfinite(1 / s)) return not_supported(elaboration, op, left, right, span);
        return rescaled(elaboration, node, 1 / s, 0, prefix, span);
    case BinaryOperator::power:
        if (tensor_left) return powered(elaboration, node, s, 1, prefix, span);
        break;
    case BinaryOperator::floor_divide:
    case BinaryOperator::modulo: break;
    }
    return not_supported(elaboration, op, left, right, span);
}

}  // namespace

LanguageValue apply_tensor_operator(Elaboration& elaboration, BinaryOperator op, const Operand& left,
                                    const Operand& right, Span span) {
    const Tensor* a = left.value.get<Tensor>();
    const Tensor* b = right.value.get<Tensor>();
    if (a && b) {
        const OperatorNames names = names_of(op);
        const LayerDef* def = names.layer.empty() ? nullptr : find_layer(names.layer);
        if (def == nullptr) return not_supported(elaboration, op, left, right, span);
        LayerInstance& layer = make_layer(elaboration, *def, {}, std::string(names.prefix), span);
        return apply_layer(elaboration, layer, {a->node, b->node}, span);
    }
    const LanguageValue& other = a ? right.value : left.value;
    const bool number = other.get<std::int64_t>() || other.get<double>();
    if (number) return with_number(elaboration, op, left, right, span);
    Diagnostic& d = elaboration.error(Code::bad_operand, span, "'{}' does not take {} and {}", to_text(op),
                                      describe(left.value), describe(right.value));
    if (other.is_none()) d.hint = "a block without 'return' gives None";
    if (other.layer()) d.hint = "apply that layer to a tensor first";
    return Poison{};
}

LanguageValue negate_tensor(Elaboration& elaboration, const Operand& operand, Span span) {
    return rescaled(elaboration, operand.value.get<Tensor>()->node, -1, 0, "negative", span);
}

}  // namespace halcyon::language
