// The grammar of the language, top-down from statement to atom: each rule stands as Python's reference manual has it.
// It reads what line_scanner.h leaves: no comments, and control bytes for line ends, blocks and whole strings.
//
// Every rule has an attribute of its own that its actions fill through _val, so a rule that fails leaves nothing behind.
// Nothing is read twice, however deep brackets nest: `(` is read once and what follows it decides what it opened.
//
// What a rule builds of what it read stands under the name in its [brackets] in grammar_actions.h.

#include "syntax/grammar.h"

#include "syntax/grammar_actions.h"

// What `>` expects is named after the rule, whether an action hangs on it or not.
namespace boost::spirit::x3 {
template <typename Subject, typename Action>
struct get_info<action<Subject, Action>> {
    using result_type = std::string;
    std::string operator()(const action<Subject, Action>& parser) const { return what(parser.subject); }
};
}  // namespace boost::spirit::x3

namespace halcyon {
namespace {

using namespace grammar_actions;
using x3::eps;
using x3::lexeme;
using x3::lit;
using x3::raw;

/// `parser`, or else the error "expected NAME": names what `>` would only know as a C++ type.
template <typename Parser>
auto require(const Parser& parser, const char* name) {
    return parser | eps[([name](auto& context) { give_up(x3::_where(context).begin(), name); })];
}

// ---- Words ----

const auto name_byte = x3::char_("a-zA-Z0-9_");

auto word(const char* text) {
    return lexeme[lit(text) >> !name_byte];
}

struct Texts : x3::symbols<x3::unused_type> {
    void add_all(const std::vector<Refusal>& list) {
        for (const Refusal& refusal : list) add(std::string(refusal.text));
    }
};
const Texts reserved_word = [] {
    Texts texts;
    for (std::string_view text : reserved_words()) texts.add(std::string(text));
    return texts;
}();
const Texts punctuation = [] {
    Texts texts;
    for (const Operator& op : infix_operators()) {
        if (op.text[0] < 'a') texts.add(std::string(op.text));
    }
    return texts;
}();
const Texts refused_word = [] {
    Texts texts;
    texts.add_all(refused_statements());
    return texts;
}();
const Texts refused_operator = [] {
    Texts texts;
    texts.add_all(refused_operators());
    return texts;
}();

const auto plain_name = !(reserved_word >> !name_byte) >> x3::char_("a-zA-Z_") >> *name_byte;
const auto equals = lexeme['=' >> !lit('=')];
const auto augmented_text = lit("**=") | "//=" | "+=" | "-=" | "*=" | "/=" | "%=";

// ---- Rules ----

#define HALCYON_RULE(variable, attribute, title) const x3::rule<struct variable##_id, attribute> variable = title

HALCYON_RULE(name, Token, "a name");
HALCYON_RULE(keyword, Token, "a keyword");
HALCYON_RULE(atom, Parsed, "an expression");
HALCYON_RULE(parentheses, Sequence, "parentheses");
HALCYON_RULE(list, Sequence, "a list");
HALCYON_RULE(dict, DictParts, "a dict");
HALCYON_RULE(element, Parsed, "an expression");
HALCYON_RULE(generator, Sequence, "an argument");
HALCYON_RULE(argument, ArgumentParts, "an argument");
HALCYON_RULE(arguments, Arguments, "arguments");
HALCYON_RULE(index, SliceParts, "an index");
HALCYON_RULE(subscript, Arguments, "a subscript");
HALCYON_RULE(postfix, Parsed, "an expression");
HALCYON_RULE(chain, OperatorChain, "an expression");
HALCYON_RULE(expression, Expression, "an expression");
HALCYON_RULE(expressions, Sequence, "an expression");
HALCYON_RULE(targets, Sequence, "a name");
HALCYON_RULE(assignment, AssignParts, "a statement");
HALCYON_RULE(return_statement, ast::Statement, "return");
HALCYON_RULE(raise_statement, ast::Statement, "raise");
HALCYON_RULE(dotted_name, Token, "a module's name");
HALCYON_RULE(relative_name, Token, "a module's name");
HALCYON_RULE(module_alias, ast::Statement, "a module's name");
HALCYON_RULE(import_statement, Statements, "import");
HALCYON_RULE(import_alias, ast::Import::Alias, "a name");
HALCYON_RULE(from_import, ast::Statement, "from");
HALCYON_RULE(simple_line, Statements, "a statement");
HALCYON_RULE(suite, Statements, "a block");
HALCYON_RULE(if_branch, ast::If::Branch, "if");
HALCYON_RULE(elif_branch, ast::If::Branch, "elif");
HALCYON_RULE(else_branch, ast::If::Branch, "else");
HALCYON_RULE(if_statement, ast::Statement, "if");
HALCYON_RULE(for_statement, ast::Statement, "for");
HALCYON_RULE(handler, Statements, "except");
HALCYON_RULE(try_statement, ast::Statement, "try");
HALCYON_RULE(with_statement, ast::Statement, "with");
HALCYON_RULE(parameter, ast::Parameter, "a parameter");
HALCYON_RULE(parameters, Parameters, "a parameter");
HALCYON_RULE(decorator, Parsed, "a decorator");
HALCYON_RULE(function_statement, ast::Statement, "def");
HALCYON_RULE(statement, Statements, "a statement");
HALCYON_RULE(statements, Statements, "statements");
HALCYON_RULE(lone_expression, Parsed, "an expression");

/// Reports, skips the rest of the line and reads on, so that one run finds several mistakes.
struct statement_id {
    template <typename Context>
    x3::error_handler_result on_error(Iterator& first, const Iterator&,
                                      const x3::expectation_failure<Iterator>& failure, const Context& context) {
        if (!failure.which().empty()) reader(context).report_unexpected(failure.where(), failure.which());
        first = reader(context).skip_statement(failure.where());
        return x3::error_handler_result::accept;
    }
};

struct lone_expression_id {
    template <typename Context>
    x3::error_handler_result on_error(Iterator&, const Iterator&, const x3::expectation_failure<Iterator>& failure,
                                      const Context& context) {
        if (!failure.which().empty()) reader(context).report_unexpected(failure.where(), failure.which());
        return x3::error_handler_result::fail;
    }
};

// Alternatives below each other, as in a grammar on paper.
// clang-format off

// ---- Atoms ----

const auto name_def = raw[lexeme[plain_name]][assign_token];

auto constant(const char* text, ast::NamedConstant value) {
    return raw[word(text)][([value](auto& context) { _val(context) = make_value(value, token_span(context)); })];
}

// A number takes every letter and digit that touches it, as a preprocessor's does: "0.5.1" is one bad number, not two.
const auto exponent_sign = lexeme[x3::char_("eE") >> x3::char_("+-") >> &x3::char_("0-9")];
const auto hexadecimal = lexeme[lit('0') >> x3::char_("xX") >> *name_byte];
const auto decimal = lexeme[(x3::char_("0-9") | (lit('.') >> x3::char_("0-9"))) >> *(exponent_sign | name_byte | '.')];

const auto atom_def = name[read_name]
    | raw[hexadecimal | decimal][read_number_]
    | raw[+lit(marks::string)][read_strings]
    | parentheses[read_parentheses]
    | list[read_list]
    | dict[read_dict]
    | constant("None", ast::NamedConstant::none)
    | constant("True", ast::NamedConstant::true_)
    | constant("False", ast::NamedConstant::false_)
    | raw[lit("...")][([](auto& context) { _val(context) = make_value(ast::NamedConstant::ellipsis, token_span(context)); })]
    | raw[word("lambda") | word("yield") | word("await") | '~'][refuse_from(refused_expressions())];

// ---- Brackets ----

const auto star = lexeme['*' >> !lit('*')];
const auto element_def = (raw[star][begin_star] > expression[read_starred]) | expression[read_element];

const auto more_elements = *(lit(',')[set_comma] >> element[add_element]) >> -lit(',')[set_comma];
const auto no_generator = -raw[word("for")][refuse_generator];

const auto parentheses_def = raw[lit('(')][begin_span]
    > (raw[lit(')')][extend_span]
       | (require(element[add_element], "an expression or ')'") >> no_generator >> more_elements
          >> require(raw[lit(')')][extend_span], "',' or ')'")));

const auto comprehension = word("for") > targets[set_target] > require(word("in"), "'in'") > chain[set_iterable]
    > -(word("if") > chain[set_condition])
    > -raw[word("for") | word("if") | word("async")][refuse_second_clause];

const auto list_def = raw[lit('[')][begin_span]
    > (raw[lit(']')][extend_span]
       | (require(element[add_element], "an expression or ']'") >> (comprehension | more_elements)
          >> require(raw[lit(']')][extend_span], "',' or ']'")));

const auto item_value = require(lit(':'), "':'") > expression[add_item] > -raw[word("for")][refuse_dict_comprehension];
const auto entry = raw[lit("**")][refuse_unpacking]
    | (expression[set_key] >> ((&(lit(',') | '}') >> eps[add_set_element]) | item_value));

const auto dict_def = raw[lit('{')][begin_span]
    > (raw[lit('}')][extend_span]
       | (require(entry, "a key or '}'") >> *(',' >> entry) >> -lit(',')
          >> require(raw[lit('}')][extend_span], "',' or '}'")));

// ---- Calls, attributes, subscripts ----

const auto keyword_def = name[assign] >> equals;

const auto generator_def = element[add_only_element] >> -comprehension;

const auto argument_def = (keyword[set_keyword] > expression[set_value])
    | (raw[lit("**")][set_unpacking] > expression[set_value])
    | generator[set_generator];

const auto arguments_def = raw[lit('(')][begin_span]
    > (raw[lit(')')][extend_span]
       | (require(argument[add_argument], "an argument or ')'") >> *(',' >> argument[add_argument]) >> -lit(',')
          >> require(raw[lit(')')][extend_span], "',' or ')'")));

const auto slice_colon = raw[lexeme[':' >> !lit('=')]][set_colon];
const auto after_colon = -expression[set_upper] >> -(slice_colon >> -expression[set_step]);
const auto index_def = (expression[set_lower] >> -(slice_colon >> after_colon)) | (slice_colon >> after_colon);

const auto subscript_def = raw[lit('[')][begin_span]
    > require(index[add_index], "an index") > *(',' >> index[add_index]) > -lit(',')
    > require(raw[lit(']')][extend_span], "',' or ']'");

const auto postfix_def = atom[assign]
    >> *(arguments[apply_call] | ('.' > name[apply_attribute]) | subscript[apply_subscript]);

// ---- Operators ----

const auto prefix = raw[word("not") | '-' | '+'][add_prefix];
const auto infix_word = word("or") | word("and") | word("in") | (word("is") >> -word("not")) | (word("not") >> word("in"));
const auto infix = raw[lexeme[!augmented_text >> punctuation] | infix_word][add_infix];
const auto operand = *prefix >> postfix[add_operand];

const auto chain_def = operand
    >> *(!raw[lexeme[refused_operator]][refuse_from(refused_operators())] >> infix >> require(operand, "an expression"));

const auto expression_def = chain[add_value]
    >> *(word("if") > chain[add_value] > require(word("else"), "'else'") > chain[add_value]);

const auto expressions_def = element[add_element] >> more_elements;

const auto targets_def = postfix[add_element] >> *(lit(',')[set_comma] >> postfix[add_element]) >> -lit(',')[set_comma];

// ---- Simple statements ----

const auto assignment_def = expressions[add_side]
    >> ((':' > expression[set_annotation] > require(equals, "'=' and a value") > expressions[add_side])
        | (raw[lexeme[augmented_text]][set_augmented] > expressions[add_side])
        | *(equals > expressions[add_side]));

const auto return_statement_def = raw[word("return")][begin_statement<ast::Return>()] >> -expressions[set_returned];

const auto raise_statement_def = raw[word("raise")][begin_statement<ast::Raise>()]
    >> -(expression[set_raised] > -(word("from") > expression[drop]));

const auto dotted_name_def = raw[lexeme[plain_name >> *('.' >> plain_name)]][assign_token];
const auto relative_name_def = raw[lexeme[(+lit('.') >> -(plain_name >> *('.' >> plain_name))) | (plain_name >> *('.' >> plain_name))]][assign_token];

const auto module_alias_def = dotted_name[set_module] >> -(word("as") > name[set_module_name]);
const auto import_statement_def = word("import") > module_alias[add_statement] > *(',' > module_alias[add_statement]);

const auto import_alias_def = name[set_alias] >> -(word("as") > name[set_alias_name]);

const auto aliases = require(import_alias[add_alias], "a name") >> *(',' >> import_alias[add_alias]);
const auto from_import_def = raw[word("from")][begin_statement<ast::Import>()]
    > relative_name[set_from_module] > require(word("import"), "'import'")
    > (raw[lit('*')][set_import_star]
       | ('(' >> aliases >> -lit(',') >> require(raw[lit(')')][extend_span], "',' or ')'"))
       | aliases);

const auto refused_statement = raw[lexeme[refused_word >> !name_byte]][refuse_statement];
const auto simple = return_statement[add_statement] | raise_statement[add_statement] | raw[word("pass")][add_pass] | import_statement[append] | from_import[add_statement]
    | refused_statement | assignment[add_assignment];
const auto simple_line_def = simple >> *(';' >> simple) >> -lit(';') >> require(lit(marks::newline), "the end of the line");

// ---- Blocks ----

const auto colon = require(lit(':'), "':'");
const auto block = *(!(lit(marks::dedent) | x3::eoi) >> statement[append]);
const auto suite_def = (lit(marks::newline) >> require(lit(marks::indent), "an indented block") >> block
                        >> require(lit(marks::dedent), "the end of the block"))
    | require(simple_line[append], "an indented block or a statement");

const auto if_branch_def = raw[word("if")][begin_span] > expression[set_branch_condition] > colon > suite[set_branch_body];
const auto elif_branch_def = raw[word("elif")][begin_span] > expression[set_branch_condition] > colon > suite[set_branch_body];
const auto else_branch_def = raw[word("else")][begin_span] > colon > suite[set_branch_body];

const auto if_statement_def = if_branch[add_branch] >> *elif_branch[add_branch] >> -else_branch[add_branch];

const auto for_statement_def = raw[word("for")][begin_statement<ast::For>()] > targets[set_for_target] > require(word("in"), "'in'")
    > expressions[set_for_iterable] > colon > suite[set_for_body];

const auto parameter_def = name[set_parameter_name] >> -(':' > expression[set_parameter_annotation])
    >> -(equals > expression[set_parameter_default]);

const auto parameter_or_star = parameter[add_parameter]
    | (lit("**") > name[add_keywords])
    | (raw[lit('*')][set_star] >> -name[add_positionals])
    | raw[lit('/')][no_slash];
const auto parameters_def = -(parameter_or_star >> *(',' >> parameter_or_star) >> -lit(','));

const auto handler_def = word("except") > -(expression > -(word("as") > name)) > colon > suite[assign];
const auto try_statement_def = raw[word("try")][begin_statement<ast::Try>()] > colon
    > (suite[set_try_body] >> *handler[add_handler] >> -(word("else") > colon > suite[set_try_else])
       >> -(word("finally") > colon > suite[set_try_finally]));

const auto with_statement_def = raw[word("with")][begin_statement<ast::With>()]
    > expression[set_context] > -(word("as") > name) > colon > suite[set_with_body];

const auto decorator_def = raw[lit('@')][begin_star] > postfix[read_decorator] > require(lit(marks::newline), "the end of the line");
const auto decorators = +decorator >> require(&word("def") | &lexeme[refused_word], "a function");
const auto function_statement_def = raw[word("def")][begin_statement<ast::FunctionDef>()]
    > name[set_def_name] > require(lit('('), "'('") > parameters[set_parameters] > require(lit(')'), "a parameter or ')'")
    > -("->" > expression[set_returns]) > colon > suite[set_def_body];

const auto orphan_block = raw[lit(marks::indent)][report_indent] >> block >> lit(marks::dedent);

const auto statement_def = eps[note_begin]
    >> (orphan_block | if_statement[add_statement] | for_statement[add_statement] | with_statement[add_statement]
        | try_statement[add_statement] | function_statement[add_statement]
        | (decorators >> (function_statement[add_statement] | simple_line[append]))
        | require(simple_line[append], "a statement"));

const auto statements_def = *(lit(marks::dedent) | (!x3::eoi >> statement[append]));

const auto lone_expression_def = require(expression[read_element], "an expression")
    >> require(x3::eoi, "'}'");

BOOST_SPIRIT_DEFINE(name, keyword, atom, parentheses, list, dict, element, generator, argument, arguments, index, subscript, postfix,
                    chain, expression, expressions, targets, assignment, return_statement, raise_statement, dotted_name, relative_name, module_alias,
                    import_statement, import_alias, from_import, simple_line, suite, if_branch, elif_branch, else_branch, if_statement, for_statement,
                    handler, try_statement, with_statement, parameter, parameters, decorator, function_statement, statement, statements, lone_expression)

// clang-format on

}  // namespace

ast::Block parse_statements(const Sources& sources, const ScannedText& scanned, Diagnostics& diag) {
    Reader state(sources, scanned, diag);
    Iterator at = state.begin();
    Statements read;
    const auto grammar = x3::with<reader_tag>(std::ref(state))[statements];
    const bool whole = x3::phrase_parse(at, state.end(), grammar, lit(' '), read) && at == state.end();
    CHECK_INTERNAL(whole || diag.has_errors());
    return std::move(read.block);
}

Parsed parse_expression(const Sources& sources, const ScannedText& scanned, Span place, Diagnostics& diag) {
    Reader state(sources, scanned, diag);
    Iterator at = state.begin();
    Parsed value;
    const auto grammar = x3::with<reader_tag>(std::ref(state))[lone_expression];
    const bool whole = x3::phrase_parse(at, state.end(), grammar, lit(' '), value);
    // What the scanner found broken it has reported, maybe elsewhere.
    CHECK_INTERNAL(whole || diag.has_errors() || scanned.text.find(marks::broken) != std::string::npos);
    return whole ? std::move(value) : make_value(ast::NamedConstant::none, place);
}

}  // namespace halcyon
