#pragma once

#include <boost/spirit/home/x3.hpp>

#include <algorithm>

#include "support/check.h"
#include "syntax/literals.h"
#include "syntax/reader.h"
#include "syntax/refused_syntax.h"

// What the rules of grammar.cpp build, in its order: their attributes, and the actions that fill them through _val. Only
// grammar.cpp includes this.

namespace halcyon::grammar_actions {

namespace x3 = boost::spirit::x3;
using Iterator = const char*;
using x3::_attr;
using x3::_val;

// ---- From the parser's context to the tree ----

struct reader_tag;

template <typename Context>
Reader& reader(const Context& context) {
    return x3::get<reader_tag>(context).get();
}

/// What an action finds matched when its parser is `raw[...]`. An optional part that fails leaves its blanks behind.
template <typename Context>
Token token(const Context& context) {
    Token token{_attr(context).begin(), _attr(context).end()};
    while (token.end != token.begin && token.end[-1] == ' ') --token.end;
    return token;
}
template <typename Context>
Span token_span(const Context& context) {
    return reader(context).span(token(context));
}

[[noreturn]] inline void give_up(Iterator where, const std::string& expected) {
    boost::throw_exception(x3::expectation_failure<Iterator>(where, expected));
}

/// For Python that the language leaves out: a message that says what to write instead; the statement ends there.
template <typename Context>
void refuse(const Context& context, std::string_view message, Code code = Code::unsupported_syntax) {
    reader(context).diag.error(code, token_span(context), "{}", message);
    give_up(x3::_where(context).begin(), "");
}
inline auto refuse_as(const char* message) {
    return [message](auto& context) { refuse(context, message); };
}
inline auto refuse_from(const std::vector<Refusal>& list) {
    return [&list](auto& context) {
        const Refusal& refusal = refusal_of(list, token(context).text());
        refuse(context, refusal.message, refusal.code);
    };
}

struct Expression {  ///< then, condition, then, condition, ..., otherwise
    std::vector<Parsed> values;
};
struct Sequence {
    Span span;
    std::vector<ast::ExprPtr> elements;
    int depth = 1;
    bool comma = false;
    bool comprehension = false;
    ast::ExprPtr target, iterable, condition;
};
struct DictParts {  ///< or a set's
    Span span;
    ast::ExprPtr key;
    std::vector<std::pair<ast::ExprPtr, ast::ExprPtr>> items;
    std::vector<ast::ExprPtr> elements;
    int depth = 1;
};
struct ArgumentParts {
    ast::Argument argument;
    int depth = 1;
    bool generator = false;
};
struct Arguments {
    Span span;
    std::vector<ast::Argument> arguments;
    int depth = 1;
    bool generator = false;  ///< one of them is a generator expression
};
struct SliceParts {
    Span span;
    bool colon = false;
    ast::ExprPtr lower, upper, step;
    int depth = 1;
};
struct AssignParts {
    std::vector<Parsed> values;
    std::optional<ast::BinaryOperator> augmented;
    ast::ExprPtr annotation;
};
struct Parameters {
    std::vector<ast::Parameter> parameters;
    std::optional<Span> star;
    bool star_is_named = false;
};
struct Statements {
    ast::Block block;
};

template <typename Context>
Parsed finish(const Context& context, Expression& expression) {
    return join_conditionals(std::move(expression.values), reader(context).diag);
}
template <typename Context>
Parsed finish(const Context& context, OperatorChain& chain) {
    return chain.finish(reader(context).diag);
}
template <typename Context>
Parsed finish(const Context&, Parsed& value) {
    return std::move(value);
}
template <typename Context>
Parsed finish(const Context& context, Sequence& tuple) {
    const int depth = tuple.depth + 1;
    Parsed value = make_value(ast::Tuple{std::move(tuple.elements), false}, tuple.span, depth);
    limit_depth(value, reader(context).diag);
    return value;
}

/// Moves the value that was just read into a larger construct, keeping count of its depth and its place.
template <typename Context>
ast::ExprPtr take_into(const Context& context, int& depth, Span& span) {
    Parsed value = finish(context, _attr(context));
    depth = std::max(depth, value.depth);
    span = join(span, value.extent);
    return std::move(value.expr);
}

const auto assign = [](auto& context) { _val(context) = std::move(_attr(context)); };
const auto assign_token = [](auto& context) { _val(context) = token(context); };
const auto begin_span = [](auto& context) { _val(context).span = token_span(context); };
const auto extend_span = [](auto& context) { _val(context).span = join(_val(context).span, token_span(context)); };

// ---- Atoms ----

const auto read_name = [](auto& context) {
    const Token token = _attr(context);
    _val(context) = make_value(ast::Name{std::string(token.text())}, reader(context).span(token));
};
const auto read_number_ = [](auto& context) {
    const Span span = token_span(context);
    _val(context) = make_value(read_number(token(context).text(), span, reader(context).diag), span);
};
const auto read_strings = [](auto& context) { _val(context) = reader(context).read_strings(token(context)); };

const auto read_parentheses = [](auto& context) {
    Sequence& sequence = _attr(context);
    Parsed& value = _val(context);
    if (sequence.elements.size() == 1 && !sequence.comma) {
        value = {std::move(sequence.elements.front()), sequence.span, sequence.depth, false};
        return;
    }
    value = make_value(ast::Tuple{std::move(sequence.elements), true}, sequence.span, sequence.depth + 1);
    limit_depth(value, reader(context).diag);
};
const auto read_list = [](auto& context) {
    Sequence& sequence = _attr(context);
    if (sequence.comprehension) {
        CHECK_INTERNAL(sequence.elements.size() == 1);
        ast::ListComprehension comprehension{std::move(sequence.elements.front()), std::move(sequence.target),
                                             std::move(sequence.iterable), std::move(sequence.condition)};
        _val(context) = make_value(std::move(comprehension), sequence.span, sequence.depth + 1);
    } else {
        _val(context) = make_value(ast::List{std::move(sequence.elements)}, sequence.span, sequence.depth + 1);
    }
    limit_depth(_val(context), reader(context).diag);
};
const auto read_dict = [](auto& context) {
    DictParts& parts = _attr(context);
    if (!parts.elements.empty() && !parts.items.empty()) {
        reader(context).diag.error(Code::unexpected_token, parts.elements.front()->span,
                                   "a dict's entry is written `key: value`");
    }
    if (!parts.elements.empty()) {
        _val(context) = make_value(ast::Set{std::move(parts.elements)}, parts.span, parts.depth + 1);
        limit_depth(_val(context), reader(context).diag);
        return;
    }
    _val(context) = make_value(ast::Dict{std::move(parts.items)}, parts.span, parts.depth + 1);
    limit_depth(_val(context), reader(context).diag);
};

// ---- Brackets ----

const auto begin_star = [](auto& context) { _val(context).extent = token_span(context); };
const auto read_starred = [](auto& context) {
    Parsed value = finish(context, _attr(context));
    const Span span = join(_val(context).extent, value.extent);
    _val(context) = make_value(ast::Starred{std::move(value.expr)}, span, value.depth + 1);
    _val(context).open = value.open;
    limit_depth(_val(context), reader(context).diag);
};
const auto read_element = [](auto& context) { _val(context) = finish(context, _attr(context)); };

const auto add_element = [](auto& context) {
    Sequence& sequence = _val(context);
    check_starred(_attr(context), reader(context).diag);
    sequence.elements.push_back(take_into(context, sequence.depth, sequence.span));
};
const auto set_comma = [](auto& context) { _val(context).comma = true; };
const auto refuse_generator =
    refuse_as("a generator expression stands alone in a call here: write a list, [... for ... in ...]");

const auto set_target = [](auto& context) {
    Sequence& sequence = _val(context);
    Sequence& target = _attr(context);
    sequence.comprehension = true;
    sequence.depth = std::max(sequence.depth, target.depth + 1);
    const bool single = target.elements.size() == 1 && !target.comma;
    sequence.target = single ? std::move(target.elements.front()) : finish(context, target).expr;
    check_target(*sequence.target, reader(context).diag);
};
const auto set_iterable = [](auto& context) {
    _val(context).iterable = take_into(context, _val(context).depth, _val(context).span);
};
const auto set_condition = [](auto& context) {
    _val(context).condition = take_into(context, _val(context).depth, _val(context).span);
};
const auto refuse_second_clause =
    refuse_as("a list comprehension has one `for` and one `if` here: nest lists, or join conditions with `and`");

const auto set_key = [](auto& context) {
    _val(context).key = take_into(context, _val(context).depth, _val(context).span);
};
const auto add_item = [](auto& context) {
    DictParts& parts = _val(context);
    ast::ExprPtr value = take_into(context, parts.depth, parts.span);
    parts.items.emplace_back(std::move(parts.key), std::move(value));
};
const auto add_set_element = [](auto& context) { _val(context).elements.push_back(std::move(_val(context).key)); };
const auto refuse_unpacking = refuse_as("the language has no `**` inside a dict: write the entries");
const auto refuse_dict_comprehension = refuse_as("the language has no dict comprehensions: write the entries");

// ---- Calls, attributes, subscripts ----

const auto set_keyword = [](auto& context) {
    ast::Argument& named = _val(context).argument;
    named.keyword = _attr(context).text();
    named.span = named.keyword_span = reader(context).span(_attr(context));
};
const auto set_value = [](auto& context) {
    ArgumentParts& parts = _val(context);
    parts.argument.value = take_into(context, parts.depth, parts.argument.span);
};

const auto set_unpacking = [](auto& context) {
    _val(context).argument.keyword = "**";
    _val(context).argument.span = _val(context).argument.keyword_span = token_span(context);
};

const auto add_only_element = [](auto& context) {
    Sequence& sequence = _val(context);
    sequence.elements.push_back(take_into(context, sequence.depth, sequence.span));
};
const auto set_generator = [](auto& context) {
    Sequence& sequence = _attr(context);
    ArgumentParts& parts = _val(context);
    parts.depth = sequence.depth;
    parts.argument.span = sequence.span;
    parts.generator = sequence.comprehension;
    if (!sequence.comprehension) {
        parts.argument.value = std::move(sequence.elements.front());
        return;
    }
    ast::ListComprehension comprehension{std::move(sequence.elements.front()), std::move(sequence.target),
                                         std::move(sequence.iterable), std::move(sequence.condition)};
    parts.argument.value = make_value(std::move(comprehension), sequence.span).expr;
};

const auto add_argument = [](auto& context) {
    Arguments& read = _val(context);
    const bool generator = read.generator || _attr(context).generator;
    if (generator && !read.arguments.empty()) {
        reader(context).diag.error(Code::unsupported_syntax, _attr(context).argument.span,
                                   "a generator expression is the only argument of its call: write a list, "
                                   "[... for ... in ...]");
    }
    read.generator = generator;
    _val(context).arguments.push_back(std::move(_attr(context).argument));
    _val(context).depth = std::max(_val(context).depth, _attr(context).depth);
};

const auto set_colon = [](auto& context) {
    extend_span(context);
    _val(context).colon = true;
};
const auto set_lower = [](auto& context) {
    _val(context).lower = take_into(context, _val(context).depth, _val(context).span);
};
const auto set_upper = [](auto& context) {
    _val(context).upper = take_into(context, _val(context).depth, _val(context).span);
};
const auto set_step = [](auto& context) {
    _val(context).step = take_into(context, _val(context).depth, _val(context).span);
};

const auto add_index = [](auto& context) {
    SliceParts& parts = _attr(context);
    ast::Argument read;
    read.span = parts.span;
    read.value =
        parts.colon
            ? make_value(ast::Slice{std::move(parts.lower), std::move(parts.upper), std::move(parts.step)}, parts.span)
                  .expr
            : std::move(parts.lower);
    _val(context).arguments.push_back(std::move(read));
    _val(context).depth = std::max(_val(context).depth, parts.depth + 1);
};

const auto apply_call = [](auto& context) {
    Parsed& value = _val(context);
    Arguments& parts = _attr(context);
    check_arguments(parts.arguments, reader(context).diag);
    const Span span = join(value.extent, parts.span);
    const int depth = std::max(value.depth, parts.depth) + 1;
    value = make_value(ast::Call{std::move(value.expr), std::move(parts.arguments)}, span, depth);
    limit_depth(value, reader(context).diag);
};
const auto apply_attribute = [](auto& context) {
    Parsed& value = _val(context);
    const Token token = _attr(context);
    const Span name_span = reader(context).span(token);
    const Span span = join(value.extent, name_span);
    const int depth = value.depth + 1;
    value = make_value(ast::Attribute{std::move(value.expr), std::string(token.text()), name_span}, span, depth);
    limit_depth(value, reader(context).diag);
};
const auto apply_subscript = [](auto& context) {
    Parsed& value = _val(context);
    Arguments& parts = _attr(context);
    std::vector<ast::ExprPtr> indices;
    for (ast::Argument& index_value : parts.arguments) indices.push_back(std::move(index_value.value));
    const Span span = join(value.extent, parts.span);
    const int depth = std::max(value.depth, parts.depth) + 1;
    value = make_value(ast::Subscript{std::move(value.expr), std::move(indices)}, span, depth);
    limit_depth(value, reader(context).diag);
};

// ---- Operators ----

template <typename Context>
Operator find_operator(const Context& context, const std::vector<Operator>& operators) {
    const std::string_view text = token(context).text();
    const auto found =
        std::find_if(operators.begin(), operators.end(), [&](const Operator& op) { return op.text == text; });
    CHECK_INTERNAL(found != operators.end());
    Operator op = *found;
    op.span = token_span(context);
    return op;
}
const auto add_prefix = [](auto& context) {
    const Operator op = find_operator(context, prefix_operators());
    if (_val(context).add_prefix(op)) return;
    refuse(context, "`not` after an operator needs parentheses round it", Code::unexpected_token);
};
const auto add_infix = [](auto& context) {
    _val(context).add_infix(find_operator(context, infix_operators()), reader(context).diag);
};
const auto add_operand = [](auto& context) { _val(context).add_operand(std::move(_attr(context))); };

const auto add_value = [](auto& context) { _val(context).values.push_back(finish(context, _attr(context))); };

// ---- Simple statements ----

template <typename Part, typename Context>
Part& part(const Context& context) {
    return std::get<Part>(_val(context).kind);
}
template <typename Part>
auto begin_statement() {
    return [](auto& context) {
        _val(context).kind.template emplace<Part>();
        _val(context).span = token_span(context);
    };
}
/// Values with commas between them are a tuple.
template <typename Context>
Parsed finish_tuple(const Context& context, Sequence& sequence) {
    if (sequence.elements.size() != 1 || sequence.comma) return finish(context, sequence);
    check_no_star(*sequence.elements.front(), reader(context).diag);
    return {std::move(sequence.elements.front()), sequence.span, sequence.depth, true};
}
const auto extend_by = [](Span& span, const Parsed& value) { span = join(span, value.extent); };

const auto set_annotation = [](auto& context) { _val(context).annotation = finish(context, _attr(context)).expr; };
const auto set_augmented = [](auto& context) {
    std::string_view text = token(context).text();
    text.remove_suffix(1);
    for (const Operator& op : infix_operators()) {
        if (op.text == text) _val(context).augmented = static_cast<ast::BinaryOperator>(op.code);
    }
};
const auto add_side = [](auto& context) { _val(context).values.push_back(finish_tuple(context, _attr(context))); };

const auto add_assignment = [](auto& context) {
    AssignParts& parts = _attr(context);
    Diagnostics& diag = reader(context).diag;
    const Span span = join(parts.values.front().extent, parts.values.back().extent);
    ast::ExprPtr value = std::move(parts.values.back().expr);
    parts.values.pop_back();
    if (parts.values.empty()) {
        _val(context).block.push_back({ast::ExpressionStatement{std::move(value)}, span});
        return;
    }
    ast::Assign read{{}, std::move(parts.annotation), parts.augmented, std::move(value)};
    for (Parsed& target : parts.values) {
        check_target(*target.expr, diag);
        const bool several = std::holds_alternative<ast::Tuple>(target.expr->kind) ||
                             std::holds_alternative<ast::List>(target.expr->kind);
        if (several && (read.augmented || read.annotation)) {
            diag.error(Code::bad_target, target.extent, "only one name can stand here");
        }
        read.targets.push_back(std::move(target.expr));
    }
    _val(context).block.push_back({std::move(read), span});
};

const auto set_returned = [](auto& context) {
    Parsed value = finish_tuple(context, _attr(context));
    extend_by(_val(context).span, value);
    part<ast::Return>(context).value = std::move(value.expr);
};

const auto set_raised = [](auto& context) {
    Parsed value = finish(context, _attr(context));
    extend_by(_val(context).span, value);
    part<ast::Raise>(context).value = std::move(value.expr);
};
const auto drop = [](auto& context) { extend_by(_val(context).span, finish(context, _attr(context))); };

const auto set_module = [](auto& context) {
    Span& span = _val(context).span;
    ast::Import imported;
    imported.module = _attr(context).text();
    imported.module_span = span = reader(context).span(_attr(context));
    imported.names.push_back({imported.module, {}, span});
    _val(context).kind = std::move(imported);
};
const auto set_module_name = [](auto& context) {
    ast::Import::Alias& alias = part<ast::Import>(context).names.front();
    alias.as = _attr(context).text();
    alias.span = _val(context).span = join(_val(context).span, reader(context).span(_attr(context)));
};
const auto add_statement = [](auto& context) { _val(context).block.push_back(std::move(_attr(context))); };

const auto set_alias = [](auto& context) {
    _val(context).name = _attr(context).text();
    _val(context).span = reader(context).span(_attr(context));
};
const auto set_alias_name = [](auto& context) {
    _val(context).as = _attr(context).text();
    _val(context).span = join(_val(context).span, reader(context).span(_attr(context)));
};

const auto set_from_module = [](auto& context) {
    ast::Import& imported = part<ast::Import>(context);
    imported.from = true;
    imported.module = _attr(context).text();
    imported.module_span = reader(context).span(_attr(context));
};
const auto set_import_star = [](auto& context) {
    part<ast::Import>(context).star = true;
    extend_span(context);
};
const auto add_alias = [](auto& context) {
    extend_by(_val(context).span, make_value(ast::NamedConstant::none, _attr(context).span));
    part<ast::Import>(context).names.push_back(std::move(_attr(context)));
};

const auto append = [](auto& context) {
    ast::Block& block = _val(context).block;
    for (ast::Statement& read : _attr(context).block) block.push_back(std::move(read));
};
const auto add_pass = [](auto& context) { _val(context).block.push_back({ast::Pass{}, token_span(context)}); };
const auto refuse_statement = [](auto& context) {
    const Refusal& refusal = refusal_of(refused_statements(), token(context).text());
    // An `else` has lost its `if` when that was skipped.
    const bool lost = refusal.code == Code::unexpected_token && reader(context).has_skipped();
    if (lost) give_up(x3::_where(context).begin(), "");
    refuse(context, refusal.message, refusal.code);
};

// ---- Blocks ----

const auto set_branch_condition = [](auto& context) { _val(context).condition = finish(context, _attr(context)).expr; };
const auto extend_over = [](Span& span, const ast::Block& body) {
    if (!body.empty()) span = join(span, body.back().span);
};
const auto set_branch_body = [](auto& context) {
    _val(context).body = std::move(_attr(context).block);
    extend_over(_val(context).span, _val(context).body);
};

const auto add_branch = [](auto& context) {
    ast::Statement& read = _val(context);
    if (!std::holds_alternative<ast::If>(read.kind)) read.kind = ast::If{};
    read.span = join(read.span, _attr(context).span);
    std::get<ast::If>(read.kind).branches.push_back(std::move(_attr(context)));
};

const auto set_for_target = [](auto& context) {
    Sequence& target = _attr(context);
    ast::For& loop = part<ast::For>(context);
    loop.target = finish_tuple(context, target).expr;
    check_target(*loop.target, reader(context).diag);
};
const auto set_for_iterable = [](auto& context) {
    part<ast::For>(context).iterable = finish_tuple(context, _attr(context)).expr;
};
const auto set_for_body = [](auto& context) {
    ast::Block& body = part<ast::For>(context).body = std::move(_attr(context).block);
    extend_over(_val(context).span, body);
};

const auto set_try_body = [](auto& context) {
    ast::Block& body = part<ast::Try>(context).body = std::move(_attr(context).block);
    extend_over(_val(context).span, body);
};
const auto add_handler = [](auto& context) {
    part<ast::Try>(context).handlers.push_back(std::move(_attr(context).block));
};
const auto set_try_else = [](auto& context) { part<ast::Try>(context).otherwise = std::move(_attr(context).block); };
const auto set_try_finally = [](auto& context) { part<ast::Try>(context).finally = std::move(_attr(context).block); };

const auto set_context = [](auto& context) { part<ast::With>(context).context = finish(context, _attr(context)).expr; };
const auto set_with_body = [](auto& context) {
    ast::Block& body = part<ast::With>(context).body = std::move(_attr(context).block);
    extend_over(_val(context).span, body);
};

const auto set_parameter_name = [](auto& context) {
    _val(context).name = _attr(context).text();
    _val(context).span = reader(context).span(_attr(context));
};
const auto set_parameter_annotation = [](auto& context) {
    Parsed value = finish(context, _attr(context));
    extend_by(_val(context).span, value);
    _val(context).annotation = std::move(value.expr);
};
const auto set_parameter_default = [](auto& context) {
    Parsed value = finish(context, _attr(context));
    extend_by(_val(context).span, value);
    _val(context).default_value = std::move(value.expr);
};

const auto add_parameter = [](auto& context) {
    _attr(context).keyword_only = _val(context).star.has_value();
    _val(context).parameters.push_back(std::move(_attr(context)));
};
const auto set_star = [](auto& context) {
    if (_val(context).star) refuse(context, "'*' stands once among the parameters", Code::bad_arguments);
    _val(context).star = token_span(context);
};
template <typename Context>
void add_collecting(const Context& context, ast::Parameter::Collects collects) {
    ast::Parameter parameter;
    parameter.name = _attr(context).text();
    parameter.span = reader(context).span(_attr(context));
    parameter.collects = collects;
    _val(context).parameters.push_back(std::move(parameter));
}
const auto add_positionals = [](auto& context) {
    add_collecting(context, ast::Parameter::Collects::positional);
    _val(context).star_is_named = true;
};
const auto add_keywords = [](auto& context) { add_collecting(context, ast::Parameter::Collects::keywords); };
const auto no_slash = refuse_as("the language has no positional-only parameters");

// Only these mean nothing: they make a function known to others.
const auto read_decorator = [](auto& context) {
    const Parsed& value = _attr(context);
    const auto* call = std::get_if<ast::Call>(&value.expr->kind);
    const ast::Expr& callee = call ? *call->callee : *value.expr;
    const auto* name = std::get_if<ast::Name>(&callee.kind);
    const auto* attribute = std::get_if<ast::Attribute>(&callee.kind);
    const std::string text = name ? name->identifier : attribute ? attribute->name : "";
    if (text == "keras_export" || text == "register_keras_serializable") return;
    reader(context).diag.error(Code::unsupported_syntax, _val(context).extent, "the language has no decorators");
};

const auto set_def_name = [](auto& context) {
    ast::FunctionDef& function = part<ast::FunctionDef>(context);
    function.name = _attr(context).text();
    function.name_span = reader(context).span(_attr(context));
};
const auto set_parameters = [](auto& context) {
    Parameters& read = _attr(context);
    Diagnostics& diag = reader(context).diag;
    check_parameters(read.parameters, diag);
    if (read.star && !read.star_is_named && (read.parameters.empty() || !read.parameters.back().keyword_only)) {
        diag.error(Code::bad_arguments, *read.star, "named parameters must follow the '*'");
    }
    part<ast::FunctionDef>(context).parameters = std::move(read.parameters);
};
const auto set_returns = [](auto& context) {
    part<ast::FunctionDef>(context).returns = finish(context, _attr(context)).expr;
};
const auto set_def_body = [](auto& context) {
    ast::Block& body = part<ast::FunctionDef>(context).body = std::move(_attr(context).block);
    extend_over(_val(context).span, body);
};

// A block without a line that begins it is read all the same, for the mistakes within.
const auto report_indent = [](auto& context) { reader(context).report_orphan_block(_attr(context).begin()); };

const auto note_begin = [](auto& context) { reader(context).begin_statement(x3::_where(context).begin()); };

}  // namespace halcyon::grammar_actions
