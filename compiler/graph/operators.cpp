#include "graph/operators.h"

#include <cmath>

#include "graph/sequences.h"
#include "graph/tensor_operators.h"
#include "graph/text_methods.h"
#include "support/checked.h"

namespace halcyon::language {
namespace {

using ast::BinaryOperator;
using ast::CompareOperator;

LanguageValue overflow(Elaboration& elaboration, Span span) {
    elaboration.error(Code::number_overflow, span, "the result does not fit into 64 bits");
    return Poison{};
}

LanguageValue real_result(Elaboration& elaboration, double result, Span span) {
    if (std::isfinite(result)) return result;
    return overflow(elaboration, span);
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    const std::int64_t quotient = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

std::optional<std::int64_t> power(std::int64_t base, std::int64_t exponent) {
    std::optional<std::int64_t> result = 1;
    std::optional<std::int64_t> square = base;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 == 1) {
            if (!square) return std::nullopt;
            result = checked_multiply(*result, *square);
            if (!result) return std::nullopt;
        }
        square = square ? checked_multiply(*square, *square) : std::nullopt;
    }
    return result;
}

LanguageValue integer_arithmetic(Elaboration& elaboration, BinaryOperator op, std::int64_t a, std::int64_t b,
                                 Span span) {
    constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    std::optional<std::int64_t> result;
    switch (op) {
    case BinaryOperator::add: result = checked_add(a, b); break;
    case BinaryOperator::subtract: {
        std::int64_t difference = 0;
        if (!__builtin_sub_overflow(a, b, &difference)) result = difference;
        break;
    }
    case BinaryOperator::multiply: result = checked_multiply(a, b); break;
    case BinaryOperator::divide: return static_cast<double>(a) / static_cast<double>(b);
    case BinaryOperator::floor_divide:
        if (a != lowest || b != -1) result = floor_divide(a, b);
        break;
    case BinaryOperator::modulo: result = b == -1 ? 0 : a - floor_divide(a, b) * b; break;
    case BinaryOperator::power:
        if (b < 0) return real_result(elaboration, std::pow(static_cast<double>(a), static_cast<double>(b)), span);
        result = power(a, b);
        break;
    }
    if (!result) return overflow(elaboration, span);
    return *result;
}

LanguageValue real_arithmetic(Elaboration& elaboration, BinaryOperator op, double a, double b, Span span) {
    switch (op) {
    case BinaryOperator::add: return real_result(elaboration, a + b, span);
    case BinaryOperator::subtract: return real_result(elaboration, a - b, span);
    case BinaryOperator::multiply: return real_result(elaboration, a * b, span);
    case BinaryOperator::divide: return real_result(elaboration, a / b, span);
    case BinaryOperator::floor_divide: return real_result(elaboration, std::floor(a / b), span);
    case BinaryOperator::modulo: {
        const double rest = std::fmod(a, b);
        return real_result(elaboration, rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest, span);
    }
    case BinaryOperator::power: break;
    }
    return real_result(elaboration, std::pow(a, b), span);
}

LanguageValue number_arithmetic(Elaboration& elaboration, BinaryOperator op, const Operand& left, const Operand& right,
                                Span span) {
    const double b = *right.value.real();
    const bool divides =
        op == BinaryOperator::divide || op == BinaryOperator::floor_divide || op == BinaryOperator::modulo;
    const bool inverts = op == BinaryOperator::power && *left.value.real() == 0 && b < 0;
    if ((divides && b == 0) || inverts) {
        elaboration.error(Code::division_by_zero, divides ? right.span : left.span, "division by zero");
        return Poison{};
    }
    const auto m = left.value.integer();
    const auto n = right.value.integer();
    if (m && n) return integer_arithmetic(elaboration, op, *m, *n, span);
    return real_arithmetic(elaboration, op, *left.value.real(), b, span);
}

LanguageValue concatenated(Elaboration& elaboration, const Elements& a, const Elements& b, bool tuple, Span span) {
    if (!elaboration.spend(static_cast<std::int64_t>((a.size() + b.size()) / 4), span)) return Poison{};
    Elements result = a;
    result.insert(result.end(), b.begin(), b.end());
    return tuple ? elaboration.make_tuple(std::move(result), span) : elaboration.make_list(std::move(result), span);
}

/// "ab" * 3, [0] * 4. Sizes are checked before anything is copied.
LanguageValue repeated(Elaboration& elaboration, const LanguageValue& sequence, std::int64_t times, Span span) {
    times = std::max<std::int64_t>(times, 0);
    const std::string* text = sequence.text();
    const Elements* elements = sequence.elements();
    const auto length = checked_multiply(static_cast<std::int64_t>(text ? text->size() : elements->size()), times);
    const std::size_t limit = text ? Elaboration::max_text : Elaboration::max_list;
    if (!length || *length > static_cast<std::int64_t>(limit)) {
        elaboration.error(Code::limit_exceeded, span, "the result is longer than {} {}", limit,
                          text ? "bytes" : "elements");
        return Poison{};
    }
    if (!elaboration.spend(*length / (text ? 64 : 4), span)) return Poison{};
    if (text) {
        std::string result;
        for (std::int64_t i = 0; i < times && !text->empty(); ++i) result += *text;
        return elaboration.make_text(std::move(result), span);
    }
    Elements result;
    for (std::int64_t i = 0; i < times && !elements->empty(); ++i)
        result.insert(result.end(), elements->begin(), elements->end());
    return sequence.list() ? elaboration.make_list(std::move(result), span)
                           : elaboration.make_tuple(std::move(result), span);
}

LanguageValue bad_operands(Elaboration& elaboration, BinaryOperator op, const Operand& left, const Operand& right,
                           Span span) {
    Diagnostic& d = elaboration.error(Code::bad_operand, span, "'{}' does not take {} and {}", to_text(op),
                                      describe(left.value), describe(right.value));
    const bool text_and_number =
        (left.value.text() && right.value.is_number()) || (left.value.is_number() && right.value.text());
    if (op == BinaryOperator::add && text_and_number) d.hint = "str(...) turns a number into text";
    return Poison{};
}

std::optional<bool> incomparable(Elaboration& elaboration, std::string_view op, const Operand& left,
                                 const Operand& right) {
    elaboration.error(Code::bad_operand, join(left.span, right.span), "'{}' cannot compare {} and {}", op,
                      describe(left.value), describe(right.value));
    return std::nullopt;
}

std::optional<bool> equal_elements(Elaboration& elaboration, const Elements& a, const Elements& b, Span span) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto same = equal(elaboration, a[i], b[i], span);
        if (!same || !*same) return same;
    }
    return true;
}

std::optional<bool> equal_dicts(Elaboration& elaboration, const Dict& a, const Dict& b, Span span) {
    if (a.items.size() != b.items.size()) return false;
    for (const auto& [key, value] : a.items) {
        const LanguageValue* other = nullptr;
        if (!find_key(elaboration, b, key, span, other)) return std::nullopt;
        if (other == nullptr) return false;
        const auto same = equal(elaboration, value, *other, span);
        if (!same || !*same) return same;
    }
    return true;
}

std::string_view to_text(CompareOperator op) {
    switch (op) {
    case CompareOperator::equal: return "==";
    case CompareOperator::not_equal: return "!=";
    case CompareOperator::less: return "<";
    case CompareOperator::less_equal: return "<=";
    case CompareOperator::greater: return ">";
    case CompareOperator::greater_equal: return ">=";
    case CompareOperator::in: return "in";
    case CompareOperator::not_in: return "not in";
    case CompareOperator::is: return "is";
    case CompareOperator::is_not: return "is not";
    }
    return "";
}

std::optional<bool> negated(std::optional<bool> value) {
    if (value) value = !*value;
    return value;
}

std::optional<bool> identical(const LanguageValue& a, const LanguageValue& b) {
    if (a.kind.index() != b.kind.index()) return false;
    if (a.is_none()) return true;
    if (const Tensor* tensor = a.get<Tensor>()) return tensor->node == b.get<Tensor>()->node;
    if (const bool* value = a.get<bool>()) return *value == *b.get<bool>();
    if (a.get<std::int64_t>()) return *a.get<std::int64_t>() == *b.get<std::int64_t>();
    if (const std::string* text = a.text()) return *text == *b.text();
    return std::visit(
        [](auto x, auto y) {
            if constexpr (std::is_pointer_v<decltype(x)> && std::is_same_v<decltype(x), decltype(y)>) return x == y;
            return false;
        },
        a.kind, b.kind);
}

}  // namespace

std::string_view to_text(BinaryOperator op) {
    switch (op) {
    case BinaryOperator::add: return "+";
    case BinaryOperator::subtract: return "-";
    case BinaryOperator::multiply: return "*";
    case BinaryOperator::divide: return "/";
    case BinaryOperator::floor_divide: return "//";
    case BinaryOperator::modulo: return "%";
    case BinaryOperator::power: return "**";
    }
    return "";
}

LanguageValue apply_binary(Elaboration& elaboration, BinaryOperator op, const Operand& left, const Operand& right,
                           Span span) {
    const LanguageValue& a = left.value;
    const LanguageValue& b = right.value;
    if (a.is_poison() || b.is_poison() || !elaboration.spend(1, span)) return Poison{};
    if (a.get<Tensor>() || b.get<Tensor>()) return apply_tensor_operator(elaboration, op, left, right, span);
    if (a.is_number() && b.is_number()) return number_arithmetic(elaboration, op, left, right, span);
    if (op == BinaryOperator::add) {
        if (a.text() && b.text()) {
            if (!elaboration.spend(static_cast<std::int64_t>(a.text()->size() / 64), span)) return Poison{};
            return elaboration.make_text(*a.text() + *b.text(), span);
        }
        const bool lists = a.list() && b.list();
        const bool tuples = a.get<const Tuple*>() && b.get<const Tuple*>();
        if (lists || tuples) return concatenated(elaboration, *a.elements(), *b.elements(), tuples, span);
    }
    if (op == BinaryOperator::modulo && a.text()) return percent_format(elaboration, left, right, span);
    if (op == BinaryOperator::multiply) {
        const auto is_sequence = [](const LanguageValue& v) { return v.text() || v.elements(); };
        if (is_sequence(a) && b.integer()) return repeated(elaboration, a, *b.integer(), span);
        if (is_sequence(b) && a.integer()) return repeated(elaboration, b, *a.integer(), span);
    }
    return bad_operands(elaboration, op, left, right, span);
}

LanguageValue apply_negate(Elaboration& elaboration, const Operand& operand, Span span) {
    const LanguageValue& value = operand.value;
    if (value.is_poison()) return Poison{};
    if (value.get<Tensor>()) return negate_tensor(elaboration, operand, span);
    if (const auto n = value.integer()) {
        if (*n == std::numeric_limits<std::int64_t>::min()) return overflow(elaboration, span);
        return -*n;
    }
    if (const double* x = value.get<double>()) return -*x;
    elaboration.error(Code::bad_operand, span, "'-' does not take {}", describe(value));
    return Poison{};
}

std::optional<bool> equal(Elaboration& elaboration, const LanguageValue& a, const LanguageValue& b, Span span) {
    if (a.is_poison() || b.is_poison() || !elaboration.spend(1, span)) return std::nullopt;
    const Elaboration::Nested nested(elaboration, span);
    if (!nested.ok()) return std::nullopt;
    if (const auto m = a.integer(), n = b.integer(); m && n) return *m == *n;
    if (const auto x = a.real(), y = b.real(); x && y) return *x == *y;
    if (a.text() && b.text()) {
        if (!elaboration.spend(static_cast<std::int64_t>(a.text()->size() / 64), span)) return std::nullopt;
        return *a.text() == *b.text();
    }
    if (a.elements() && b.elements()) {
        if ((a.list() != nullptr) != (b.list() != nullptr)) return false;
        return equal_elements(elaboration, *a.elements(), *b.elements(), span);
    }
    if (const auto *x = a.get<Dict*>(), *y = b.get<Dict*>(); x && y) return equal_dicts(elaboration, **x, **y, span);
    return identical(a, b);
}

std::optional<bool> less(Elaboration& elaboration, const Operand& left, const Operand& right) {
    const LanguageValue& a = left.value;
    const LanguageValue& b = right.value;
    const Span span = join(left.span, right.span);
    if (a.is_poison() || b.is_poison() || !elaboration.spend(1, span)) return std::nullopt;
    const Elaboration::Nested nested(elaboration, span);
    if (!nested.ok()) return std::nullopt;
    if (const auto m = a.integer(), n = b.integer(); m && n) return *m < *n;
    if (const auto x = a.real(), y = b.real(); x && y) return *x < *y;
    if (a.text() && b.text()) return *a.text() < *b.text();
    if (a.elements() && b.elements() && (a.list() != nullptr) == (b.list() != nullptr)) {
        const Elements& x = *a.elements();
        const Elements& y = *b.elements();
        for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
            const auto same = equal(elaboration, x[i], y[i], span);
            if (!same) return std::nullopt;
            if (!*same) return less(elaboration, {x[i], left.span}, {y[i], right.span});
        }
        return x.size() < y.size();
    }
    return incomparable(elaboration, "<", left, right);
}

std::optional<bool> compare(Elaboration& elaboration, CompareOperator op, const Operand& left, const Operand& right) {
    if (left.value.is_poison() || right.value.is_poison()) return std::nullopt;
    const Span span = join(left.span, right.span);
    if (op == CompareOperator::is) return identical(left.value, right.value);
    if (op == CompareOperator::is_not) return negated(identical(left.value, right.value));
    if (op == CompareOperator::in) return contains(elaboration, right, left);
    if (op == CompareOperator::not_in) return negated(contains(elaboration, right, left));
    if (left.value.get<Tensor>() || right.value.get<Tensor>()) {
        Diagnostic& d = elaboration.error(Code::tensor_as_condition, span,
                                          "'{}' cannot compare tensors: their values are not "
                                          "known when the spec is compiled",
                                          to_text(op));
        if (left.value.is_none() || right.value.is_none()) d.hint = "write 'is None' or 'is not None'";
        return std::nullopt;
    }
    switch (op) {
    case CompareOperator::equal: return equal(elaboration, left.value, right.value, span);
    case CompareOperator::not_equal: return negated(equal(elaboration, left.value, right.value, span));
    default: break;
    }
    const bool numbers = left.value.is_number() && right.value.is_number();
    const bool texts = left.value.text() && right.value.text();
    const bool sequences = left.value.elements() && right.value.elements();
    if (!numbers && !texts && !sequences) return incomparable(elaboration, to_text(op), left, right);
    switch (op) {
    case CompareOperator::less: return less(elaboration, left, right);
    case CompareOperator::less_equal: return negated(less(elaboration, right, left));
    case CompareOperator::greater: return less(elaboration, right, left);
    default: return negated(less(elaboration, left, right));
    }
}

std::optional<bool> truth(Elaboration& elaboration, const LanguageValue& value, Span span) {
    if (value.is_poison()) return std::nullopt;
    if (value.get<Tensor>()) {
        elaboration.error(Code::tensor_as_condition, span,
                          "a tensor cannot be a condition: its values are not known when the spec is compiled");
        return std::nullopt;
    }
    if (value.is_none()) return false;
    if (value.is_number()) return *value.real() != 0;
    if (value.text()) return !value.text()->empty();
    if (value.elements()) return !value.elements()->empty();
    if (const auto* dict = value.get<Dict*>()) return !(*dict)->items.empty();
    if (const auto* range = value.get<const Range*>()) return (*range)->count > 0;
    return true;
}

}  // namespace halcyon::language
