// Expressions. Chains of operators, calls and attributes may be thousands long, so their left sides are walked in a loop
// and only real nesting recurses.

#include "graph/interpreter.h"
#include "graph/sequences.h"
#include "graph/tensor_slices.h"
#include "graph/text_format.h"

namespace halcyon::language {
namespace {

/// What is evaluated first in an operator, call, attribute or subscript; null for all else.
const ast::Expr* left_part(const ast::Expr& expr) {
    if (const auto* binary = std::get_if<ast::Binary>(&expr.kind)) return binary->left.get();
    if (const auto* call = std::get_if<ast::Call>(&expr.kind)) return call->callee.get();
    if (const auto* attribute = std::get_if<ast::Attribute>(&expr.kind)) return attribute->object.get();
    if (const auto* subscript = std::get_if<ast::Subscript>(&expr.kind)) return subscript->object.get();
    if (const auto* unary = std::get_if<ast::Unary>(&expr.kind)) return unary->operand.get();
    return nullptr;
}

LanguageValue from_truth(std::optional<bool> value) {
    if (!value) return Poison{};
    return *value;
}

Elements evaluate_elements(Elaboration& elaboration, const std::vector<ast::ExprPtr>& expressions) {
    Elements result;
    for (const ast::ExprPtr& expr : expressions) {
        const auto* starred = std::get_if<ast::Starred>(&expr->kind);
        if (starred == nullptr) {
            result.push_back(evaluate_expr(elaboration, *expr));
            continue;
        }
        const auto elements =
            elements_of(elaboration, {evaluate_expr(elaboration, *starred->value), starred->value->span});
        if (elements) result.insert(result.end(), elements->begin(), elements->end());
    }
    return result;
}

/// f(**options): each entry of the dict is a keyword argument.
void unpack_keywords(Elaboration& elaboration, const ast::Argument& argument, CallArguments& arguments) {
    const LanguageValue value = evaluate_expr(elaboration, *argument.value);
    const auto* dict = value.get<Dict*>();
    bool good = dict != nullptr;
    for (std::size_t i = 0; good && i < (*dict)->items.size(); ++i) {
        const auto& [key, element] = (*dict)->items[i];
        good = key.text() != nullptr;
        if (good) arguments.list.push_back({*key.text(), argument.span, element, argument.span, nullptr});
    }
    if (good) return;
    if (!value.is_poison()) {
        elaboration.error(Code::bad_operand, argument.value->span, "'**' unpacks a dict whose keys are texts, not {}",
                          display(value));
    }
    arguments.list.push_back({"", {}, Poison{}, argument.span, nullptr});
}

CallArguments evaluate_arguments(Elaboration& elaboration, const ast::Call& call, Span span) {
    CallArguments result;
    result.call = span;
    result.callee = call.callee->span;
    for (const ast::Argument& argument : call.arguments) {
        if (argument.keyword == "**") {
            unpack_keywords(elaboration, argument, result);
            continue;
        }
        const auto* starred = std::get_if<ast::Starred>(&argument.value->kind);
        if (starred == nullptr) {
            result.list.push_back({argument.keyword, argument.keyword_span, evaluate_expr(elaboration, *argument.value),
                                   argument.value->span, argument.value.get()});
            continue;
        }
        const auto elements =
            elements_of(elaboration, {evaluate_expr(elaboration, *starred->value), starred->value->span});
        if (!elements) {
            result.list.push_back({"", {}, Poison{}, argument.span, nullptr});
            continue;
        }
        for (const LanguageValue& element : *elements) result.list.push_back({"", {}, element, argument.span, nullptr});
    }
    return result;
}

LanguageValue apply_call(Elaboration& elaboration, const LanguageValue& callee, const ast::Call& call, Span span) {
    if (const auto* method = callee.get<const BoundMethod*>(); method && is_training_only(**method)) {
        return call_method(elaboration, **method, {{}, span, call.callee->span});
    }
    // Arguments are looked at even when the callee is a mistake: theirs are reported in the same run.
    const CallArguments arguments = evaluate_arguments(elaboration, call, span);
    if (callee.is_poison() || elaboration.aborted()) return Poison{};
    return call_value(elaboration, callee, arguments);
}

LanguageValue apply_subscript(Elaboration& elaboration, const LanguageValue& value, const ast::Subscript& subscript,
                              Span span) {
    const Operand object{value, subscript.object->span};
    const auto evaluate_bound = [&](const ast::ExprPtr& bound) {
        return bound ? evaluate_expr(elaboration, *bound) : LanguageValue(None{});
    };
    const auto evaluate_slice = [&](const ast::Slice& slice, Span slice_span) {
        SliceBounds bounds;
        bounds.lower = evaluate_bound(slice.lower);
        bounds.upper = evaluate_bound(slice.upper);
        bounds.step = evaluate_bound(slice.step);
        bounds.span = slice_span;
        return bounds;
    };
    if (value.get<Tensor>()) {
        std::vector<TensorIndex> indices;
        for (const ast::ExprPtr& index : subscript.indices) {
            if (const auto* slice = std::get_if<ast::Slice>(&index->kind)) {
                indices.push_back({None{}, evaluate_slice(*slice, index->span), index->span});
            } else {
                indices.push_back({evaluate_expr(elaboration, *index), std::nullopt, index->span});
            }
        }
        return slice_tensor(elaboration, object, indices, span);
    }
    if (subscript.indices.size() == 1) {
        const ast::Expr& index = *subscript.indices.front();
        const auto* slice = std::get_if<ast::Slice>(&index.kind);
        if (slice == nullptr)
            return index_value(elaboration, object, {evaluate_expr(elaboration, index), index.span}, span);
        return slice_value(elaboration, object, evaluate_slice(*slice, index.span), span);
    }
    const Span indices = join(subscript.indices.front()->span, subscript.indices.back()->span);
    const LanguageValue key = elaboration.make_tuple(evaluate_elements(elaboration, subscript.indices), indices);
    return index_value(elaboration, object, {key, indices}, span);
}

LanguageValue apply_unary(Elaboration& elaboration, const LanguageValue& value, const ast::Unary& unary, Span span) {
    switch (unary.op) {
    case ast::UnaryOperator::negate: return apply_negate(elaboration, {value, unary.operand->span}, span);
    case ast::UnaryOperator::not_: {
        const auto condition = truth(elaboration, value, unary.operand->span);
        return condition ? LanguageValue(!*condition) : LanguageValue(Poison{});
    }
    case ast::UnaryOperator::plus: break;
    }
    if (value.is_poison() || value.get<Tensor>()) return value;
    if (const auto n = value.integer()) return *n;
    if (value.is_number()) return value;
    elaboration.error(Code::bad_operand, span, "'+' does not take {}", describe(value));
    return Poison{};
}

/// The value of `expr`, whose left part has the value `left`.
LanguageValue apply_to_left(Elaboration& elaboration, const ast::Expr& expr, const LanguageValue& left) {
    if (!elaboration.spend(1, expr.span)) return Poison{};
    if (const auto* call = std::get_if<ast::Call>(&expr.kind)) return apply_call(elaboration, left, *call, expr.span);
    if (const auto* attribute = std::get_if<ast::Attribute>(&expr.kind)) {
        return attribute_value(elaboration, left, attribute->object->span, attribute->name, attribute->name_span);
    }
    if (const auto* subscript = std::get_if<ast::Subscript>(&expr.kind)) {
        return apply_subscript(elaboration, left, *subscript, expr.span);
    }
    if (const auto* unary = std::get_if<ast::Unary>(&expr.kind))
        return apply_unary(elaboration, left, *unary, expr.span);
    const auto& binary = std::get<ast::Binary>(expr.kind);
    const LanguageValue right = evaluate_expr(elaboration, *binary.right);
    return apply_binary(elaboration, binary.op, {left, binary.left->span}, {right, binary.right->span}, expr.span);
}

LanguageValue evaluate_number(const ast::Number& number) {
    if (number.is_integer) return number.integer;
    return number.real;
}

LanguageValue evaluate_constant(ast::NamedConstant constant) {
    switch (constant) {
    case ast::NamedConstant::none: return None{};
    case ast::NamedConstant::true_: return true;
    case ast::NamedConstant::false_: return false;
    case ast::NamedConstant::ellipsis: break;
    }
    return Ellipsis{};
}

LanguageValue evaluate_formatted(Elaboration& elaboration, const ast::FormattedString& formatted, Span span) {
    std::string result;
    for (const ast::FormattedString::Part& part : formatted.parts) {
        if (!part.value) {
            result += part.text;
            continue;
        }
        const LanguageValue value = evaluate_expr(elaboration, *part.value);
        const LanguageValue text = format_value(elaboration, value, part.format, part.value->span);
        if (text.is_poison() || result.size() > Elaboration::max_text) return Poison{};
        result += *text.text();
    }
    return elaboration.make_text(std::move(result), span);
}

LanguageValue evaluate_compare(Elaboration& elaboration, const ast::Compare& comparison) {
    Operand left{evaluate_expr(elaboration, *comparison.left), comparison.left->span};
    for (const auto& [op, expr] : comparison.rest) {
        const Operand right{evaluate_expr(elaboration, *expr), expr->span};
        const auto holds = compare(elaboration, op, left, right);
        if (!holds || !*holds) return from_truth(holds);
        left = right;
    }
    return true;
}

/// As in Python the last operand looked at is the value.
LanguageValue evaluate_logical(Elaboration& elaboration, const ast::Logical& logical) {
    LanguageValue value = Poison{};
    for (std::size_t i = 0; i < logical.operands.size(); ++i) {
        value = evaluate_expr(elaboration, *logical.operands[i]);
        if (i + 1 == logical.operands.size()) break;
        const auto condition = truth(elaboration, value, logical.operands[i]->span);
        if (!condition) return Poison{};
        if (*condition == (logical.op == ast::LogicalOperator::or_)) break;
    }
    return value;
}

LanguageValue evaluate_dict(Elaboration& elaboration, const ast::Dict& written, Span span) {
    Dict dict;
    bool poisoned = false;
    for (const auto& [key_expr, value_expr] : written.items) {
        const LanguageValue key = evaluate_expr(elaboration, *key_expr);
        const LanguageValue value = evaluate_expr(elaboration, *value_expr);
        if (key.is_poison() || !set_key(elaboration, dict, key, value, key_expr->span)) poisoned = true;
    }
    if (poisoned || !elaboration.spend(1, span)) return Poison{};
    return static_cast<Dict*>(elaboration.heap.make(std::move(dict)));
}

/// A tuple without repetitions, in the order of writing.
LanguageValue evaluate_set(Elaboration& elaboration, const ast::Set& set, Span span) {
    Elements result;
    for (const LanguageValue& element : evaluate_elements(elaboration, set.elements)) {
        bool repeated = false;
        for (const LanguageValue& other : result) {
            const auto same = equal(elaboration, element, other, span);
            if (!same) return Poison{};
            repeated = repeated || *same;
        }
        if (!repeated) result.push_back(element);
    }
    return elaboration.make_tuple(std::move(result), span);
}

LanguageValue evaluate_comprehension(Elaboration& elaboration, const ast::ListComprehension& comprehension, Span span) {
    const Operand iterable{evaluate_expr(elaboration, *comprehension.iterable), comprehension.iterable->span};
    Environment* const outside = elaboration.frame().environment;
    Environment& inside = elaboration.environments.emplace_back();
    inside.parent = outside;
    elaboration.frame().environment = &inside;

    Elements result;
    bool poisoned = false;
    const bool iterated = for_each_element(elaboration, iterable, [&](const LanguageValue& element) {
        assign_target(elaboration, *comprehension.target, element, iterable.span);
        if (comprehension.condition) {
            const LanguageValue condition = evaluate_expr(elaboration, *comprehension.condition);
            const auto holds = truth(elaboration, condition, comprehension.condition->span);
            poisoned = poisoned || !holds;
            if (!holds || !*holds) return holds.has_value();
        }
        result.push_back(evaluate_expr(elaboration, *comprehension.element));
        return result.size() <= Elaboration::max_list;
    });
    elaboration.frame().environment = outside;
    if (!iterated || poisoned) return Poison{};
    return elaboration.make_list(std::move(result), span);
}

/// Of an expression that has no left part.
LanguageValue evaluate_leaf(Elaboration& elaboration, const ast::Expr& expr) {
    const auto& kind = expr.kind;
    if (const auto* name = std::get_if<ast::Name>(&kind)) return look_up(elaboration, name->identifier, expr.span);
    if (const auto* number = std::get_if<ast::Number>(&kind)) return evaluate_number(*number);
    if (const auto* string = std::get_if<ast::String>(&kind)) return elaboration.make_text(string->value, expr.span);
    if (const auto* formatted = std::get_if<ast::FormattedString>(&kind)) {
        return evaluate_formatted(elaboration, *formatted, expr.span);
    }
    if (const auto* constant = std::get_if<ast::NamedConstant>(&kind)) return evaluate_constant(*constant);
    if (const auto* comparison = std::get_if<ast::Compare>(&kind)) return evaluate_compare(elaboration, *comparison);
    if (const auto* logical = std::get_if<ast::Logical>(&kind)) return evaluate_logical(elaboration, *logical);
    if (const auto* tuple = std::get_if<ast::Tuple>(&kind)) {
        return elaboration.make_tuple(evaluate_elements(elaboration, tuple->elements), expr.span);
    }
    if (const auto* list = std::get_if<ast::List>(&kind)) {
        return elaboration.make_list(evaluate_elements(elaboration, list->elements), expr.span);
    }
    if (const auto* dict = std::get_if<ast::Dict>(&kind)) return evaluate_dict(elaboration, *dict, expr.span);
    if (const auto* set = std::get_if<ast::Set>(&kind)) return evaluate_set(elaboration, *set, expr.span);
    if (const auto* comprehension = std::get_if<ast::ListComprehension>(&kind)) {
        return evaluate_comprehension(elaboration, *comprehension, expr.span);
    }
    elaboration.error(Code::not_supported, expr.span, "this cannot stand by itself");
    return Poison{};
}

}  // namespace

LanguageValue evaluate_expr(Elaboration& elaboration, const ast::Expr& expr) {
    const Elaboration::Nested nested(elaboration, expr.span);
    if (!nested.ok() || !elaboration.spend(1, expr.span)) return Poison{};
    const ast::Expr* innermost = &expr;
    // a if c else b if d else ...: as long as chains of elif.
    while (const auto* conditional = std::get_if<ast::Conditional>(&innermost->kind)) {
        const LanguageValue condition = evaluate_expr(elaboration, *conditional->condition);
        const auto holds = truth(elaboration, condition, conditional->condition->span);
        if (!holds) return Poison{};
        innermost = *holds ? conditional->then.get() : conditional->otherwise.get();
    }
    std::vector<const ast::Expr*> chain;
    while (const ast::Expr* left = left_part(*innermost)) {
        chain.push_back(innermost);
        innermost = left;
    }
    const bool parenthesized_conditional = std::holds_alternative<ast::Conditional>(innermost->kind);
    LanguageValue value =
        parenthesized_conditional ? evaluate_expr(elaboration, *innermost) : evaluate_leaf(elaboration, *innermost);
    for (auto at = chain.rbegin(); at != chain.rend(); ++at) value = apply_to_left(elaboration, **at, value);
    return value;
}

}  // namespace halcyon::language
