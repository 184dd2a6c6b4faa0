#include "syntax/same_meaning.h"

#include <algorithm>

namespace halcyon {
namespace {

/// One overload for each type of ast.h; in a class, so that all see each other: trees are recursive.
struct Comparison {
    template <typename T>
    static bool same(const std::vector<T>& a, const std::vector<T>& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const T& x, const T& y) { return same(x, y); });
    }
    static bool same(const std::pair<ast::ExprPtr, ast::ExprPtr>& a, const std::pair<ast::ExprPtr, ast::ExprPtr>& b) {
        return same(a.first, b.first) && same(a.second, b.second);
    }
    static bool same(const std::pair<ast::CompareOperator, ast::ExprPtr>& a,
                     const std::pair<ast::CompareOperator, ast::ExprPtr>& b) {
        return a.first == b.first && same(a.second, b.second);
    }

    static bool same(const ast::Number& a, const ast::Number& b) { return a.spelling == b.spelling; }
    static bool same(const ast::String& a, const ast::String& b) { return a.value == b.value; }
    static bool same(const ast::FormattedString::Part& a, const ast::FormattedString::Part& b) {
        return a.text == b.text && a.format == b.format && same(a.value, b.value);
    }
    static bool same(const ast::FormattedString& a, const ast::FormattedString& b) { return same(a.parts, b.parts); }
    static bool same(ast::NamedConstant a, ast::NamedConstant b) { return a == b; }
    static bool same(const ast::Name& a, const ast::Name& b) { return a.identifier == b.identifier; }
    static bool same(const ast::Attribute& a, const ast::Attribute& b) {
        return a.name == b.name && same(a.object, b.object);
    }
    static bool same(const ast::Argument& a, const ast::Argument& b) {
        return a.keyword == b.keyword && same(a.value, b.value);
    }
    static bool same(const ast::Call& a, const ast::Call& b) {
        return same(a.callee, b.callee) && same(a.arguments, b.arguments);
    }
    static bool same(const ast::Slice& a, const ast::Slice& b) {
        return same(a.lower, b.lower) && same(a.upper, b.upper) && same(a.step, b.step);
    }
    static bool same(const ast::Subscript& a, const ast::Subscript& b) {
        return same(a.object, b.object) && same(a.indices, b.indices);
    }
    static bool same(const ast::Unary& a, const ast::Unary& b) { return a.op == b.op && same(a.operand, b.operand); }
    static bool same(const ast::Binary& a, const ast::Binary& b) {
        return a.op == b.op && same(a.left, b.left) && same(a.right, b.right);
    }
    static bool same(const ast::Compare& a, const ast::Compare& b) {
        return same(a.left, b.left) && same(a.rest, b.rest);
    }
    static bool same(const ast::Logical& a, const ast::Logical& b) {
        return a.op == b.op && same(a.operands, b.operands);
    }
    static bool same(const ast::Conditional& a, const ast::Conditional& b) {
        return same(a.then, b.then) && same(a.condition, b.condition) && same(a.otherwise, b.otherwise);
    }
    static bool same(const ast::Tuple& a, const ast::Tuple& b) { return same(a.elements, b.elements); }
    static bool same(const ast::List& a, const ast::List& b) { return same(a.elements, b.elements); }
    static bool same(const ast::Dict& a, const ast::Dict& b) { return same(a.items, b.items); }
    static bool same(const ast::Set& a, const ast::Set& b) { return same(a.elements, b.elements); }
    static bool same(const ast::ListComprehension& a, const ast::ListComprehension& b) {
        return same(a.element, b.element) && same(a.target, b.target) && same(a.iterable, b.iterable) &&
               same(a.condition, b.condition);
    }
    static bool same(const ast::Starred& a, const ast::Starred& b) { return same(a.value, b.value); }

    static bool same(const ast::Assign& a, const ast::Assign& b) {
        return same(a.targets, b.targets) && same(a.annotation, b.annotation) && a.augmented == b.augmented &&
               same(a.value, b.value);
    }
    static bool same(const ast::ExpressionStatement& a, const ast::ExpressionStatement& b) {
        return same(a.value, b.value);
    }
    static bool same(const ast::If::Branch& a, const ast::If::Branch& b) {
        return same(a.condition, b.condition) && same(a.body, b.body);
    }
    static bool same(const ast::If& a, const ast::If& b) { return same(a.branches, b.branches); }
    static bool same(const ast::For& a, const ast::For& b) {
        return same(a.target, b.target) && same(a.iterable, b.iterable) && same(a.body, b.body);
    }
    static bool same(const ast::Return& a, const ast::Return& b) { return same(a.value, b.value); }
    static bool same(const ast::Pass&, const ast::Pass&) { return true; }
    static bool same(const ast::Raise& a, const ast::Raise& b) { return same(a.value, b.value); }
    static bool same(const ast::Try& a, const ast::Try& b) {
        return same(a.body, b.body) && same(a.handlers, b.handlers) && same(a.otherwise, b.otherwise) &&
               same(a.finally, b.finally);
    }
    static bool same(const ast::With& a, const ast::With& b) {
        return same(a.context, b.context) && same(a.body, b.body);
    }
    static bool same(const ast::Import::Alias& a, const ast::Import::Alias& b) {
        return a.name == b.name && a.as == b.as;
    }
    static bool same(const ast::Import& a, const ast::Import& b) {
        return a.module == b.module && a.from == b.from && a.star == b.star && same(a.names, b.names);
    }
    static bool same(const ast::Parameter& a, const ast::Parameter& b) {
        return a.name == b.name && a.keyword_only == b.keyword_only && a.collects == b.collects &&
               same(a.annotation, b.annotation) && same(a.default_value, b.default_value);
    }
    static bool same(const ast::FunctionDef& a, const ast::FunctionDef& b) {
        return a.name == b.name && same(a.parameters, b.parameters) && same(a.returns, b.returns) &&
               same(a.body, b.body);
    }

    template <typename... Kinds>
    static bool same_kind(const std::variant<Kinds...>& a, const std::variant<Kinds...>& b) {
        if (a.index() != b.index()) return false;
        const auto equals_b = [&b]<typename Kind>(const Kind& kind) { return same(kind, std::get<Kind>(b)); };
        return std::visit(equals_b, a);
    }

    static bool same(const ast::ExprPtr& a, const ast::ExprPtr& b) {
        if (!a || !b) return !a && !b;
        return same_kind(a->kind, b->kind);
    }
    static bool same(const ast::Statement& a, const ast::Statement& b) { return same_kind(a.kind, b.kind); }
};

}  // namespace

bool same_meaning(const ast::Module& a, const ast::Module& b) {
    return a.docstring == b.docstring && Comparison::same(a.body, b.body);
}

}  // namespace halcyon
