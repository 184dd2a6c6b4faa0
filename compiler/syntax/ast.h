#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "support/source.h"

// What was written, and nothing else: spans, comments and the spelling of literals are kept, meaning comes later
// (graph/elaborate.h). No Boost in here. Names follow Python's own `ast` module, since a spec is Python to Python.

namespace halcyon::ast {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

/// `3`, `1e-3`, `0x10`: the spelling is kept for the formatter, the value for everybody else.
struct Number {
    std::string spelling;
    bool is_integer = true;
    std::int64_t integer = 0;  ///< when is_integer
    double real = 0.0;         ///< always
};
struct String {
    std::string spelling;  ///< with prefix and quotes
    std::string value;     ///< unescaped; neighbouring literals are already joined
};
/// f"{name}_conv": literal parts and expressions in turn, `format` is what stands after a colon (may be empty).
struct FormattedString {
    struct Part {
        std::string text;
        ExprPtr value;  ///< null: `text` is literal
        std::string format;
    };
    std::string spelling;
    std::vector<Part> parts;
};
enum class NamedConstant { none, true_, false_, ellipsis };
struct Name {
    std::string identifier;
};
struct Attribute {
    ExprPtr object;
    std::string name;
    Span name_span;
};
struct Argument {
    std::string keyword;  ///< empty: positional; "**": the value is a dict of keyword arguments
    Span keyword_span;
    ExprPtr value;
    Span span;
};
struct Call {
    ExprPtr callee;
    std::vector<Argument> arguments;
};
/// a:b:c inside brackets; null parts were left out.
struct Slice {
    ExprPtr lower, upper, step;
};
/// x[i], x[..., ::-1], float32[28, 28, 1].
struct Subscript {
    ExprPtr object;
    std::vector<ExprPtr> indices;
};
enum class UnaryOperator { negate, plus, not_ };
struct Unary {
    UnaryOperator op;
    ExprPtr operand;
};
enum class BinaryOperator { add, subtract, multiply, divide, floor_divide, modulo, power };
struct Binary {
    BinaryOperator op;
    ExprPtr left, right;
    Span op_span;
};
enum class CompareOperator { equal, not_equal, less, less_equal, greater, greater_equal, in, not_in, is, is_not };
/// a < b <= c, as Python chains it.
struct Compare {
    ExprPtr left;
    std::vector<std::pair<CompareOperator, ExprPtr>> rest;
};
enum class LogicalOperator { and_, or_ };
struct Logical {
    LogicalOperator op;
    std::vector<ExprPtr> operands;
};
/// then if condition else otherwise
struct Conditional {
    ExprPtr then, condition, otherwise;
};
struct Tuple {
    std::vector<ExprPtr> elements;
    bool parenthesized = true;
};
struct List {
    std::vector<ExprPtr> elements;
};
struct Dict {
    std::vector<std::pair<ExprPtr, ExprPtr>> items;
};
/// {a, b}
struct Set {
    std::vector<ExprPtr> elements;
};
/// [element for target in iterable if condition]; without brackets as the only argument of a call.
struct ListComprehension {
    ExprPtr element, target, iterable, condition;  ///< condition may be null
};
/// *xs inside a list, a tuple or a call.
struct Starred {
    ExprPtr value;
};

struct Expr {
    using Kind =
        std::variant<Number, String, FormattedString, NamedConstant, Name, Attribute, Call, Slice, Subscript, Unary,
                     Binary, Compare, Logical, Conditional, Tuple, List, Dict, Set, ListComprehension, Starred>;
    Kind kind;
    Span span;
};

struct Statement;
using Block = std::vector<Statement>;

/// `x = y = value` has two targets; `x: T = value` keeps its annotation; `x += value` has `augmented`.
struct Assign {
    std::vector<ExprPtr> targets;
    ExprPtr annotation;
    std::optional<BinaryOperator> augmented;
    ExprPtr value;
};
struct ExpressionStatement {
    ExprPtr value;  ///< docstrings, model.add(...)
};
struct If {
    struct Branch {
        ExprPtr condition;  ///< null: `else`
        Block body;
        Span span;
    };
    std::vector<Branch> branches;
};
struct For {
    ExprPtr target;
    ExprPtr iterable;
    Block body;
};
struct Return {
    ExprPtr value;  ///< null: bare `return`
};
struct Pass {};
/// raise ValueError("..."): the spec itself finds that it cannot be built.
struct Raise {
    ExprPtr value;  ///< null: bare `raise`
};
/// Nothing is ever caught here: a mistake in the body is one, and the handlers are read and never run.
struct Try {
    Block body;
    std::vector<Block> handlers;
    Block otherwise, finally;
};
/// with backend.name_scope(name): ...
struct With {
    ExprPtr context;
    Block body;
};
/// `import keras`, `from tensorflow import keras`, `from blocks import residual as r`.
struct Import {
    std::string module;  ///< dotted; leading dots of relative imports kept
    Span module_span;
    bool from = false;
    bool star = false;
    struct Alias {
        std::string name;
        std::string as;  ///< empty: none
        Span span;
    };
    std::vector<Alias> names;
};
struct Parameter {
    std::string name;
    Span span;
    ExprPtr annotation;     ///< may be null
    ExprPtr default_value;  ///< may be null
    bool keyword_only = false;
    enum class Collects { nothing, positional, keywords };
    Collects collects = Collects::nothing;  ///< *args, **kwargs: all that no other parameter takes
};
struct FunctionDef {
    std::string name;
    Span name_span;
    std::vector<Parameter> parameters;
    ExprPtr returns;  ///< `-> annotation`; may be null
    Block body;
};

struct Statement {
    using Kind =
        std::variant<Assign, ExpressionStatement, If, For, Return, Pass, Raise, Try, With, Import, FunctionDef>;
    Kind kind;
    Span span;
};

struct Comment {
    std::string text;  ///< with its '#'
    Span span;
    bool own_line = false;  ///< nothing but white space before it
};

/// One file.
struct Module {
    std::uint32_t file = Span::nowhere;
    std::string docstring;
    Block body;
    std::vector<Comment> comments;  ///< in order of appearance
};

}  // namespace halcyon::ast
