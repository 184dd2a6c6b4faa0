#pragma once

#include "graph/elaboration.h"

namespace halcyon::language {

/// The value of an expression in the innermost frame; poison after mistakes, which are reported.
[[nodiscard]] LanguageValue evaluate_expr(Elaboration& elaboration, const ast::Expr& expr);

/// Runs statements in the innermost frame until one returns. After a mistake it goes on with the next statement.
void run_block(Elaboration& elaboration, const ast::Block& block);

/// Gives names their values: a name, or a tuple of them that the value is taken apart for.
void assign_target(Elaboration& elaboration, const ast::Expr& target, const LanguageValue& value, Span value_span);

/// Calls whatever can be called: layers, models, functions, classes.
[[nodiscard]] LanguageValue call_value(Elaboration& elaboration, const LanguageValue& callee,
                                       const CallArguments& arguments);

/// Runs a block with its own names.
[[nodiscard]] LanguageValue call_function(Elaboration& elaboration, const Function& function,
                                          const CallArguments& arguments);

/// A def with the values of its defaults. `span` is the statement.
[[nodiscard]] const Function* make_function(Elaboration& elaboration, const ast::FunctionDef& def, Span span);

/// What a name means here; poison, reported with a suggestion, if nothing.
[[nodiscard]] LanguageValue look_up(Elaboration& elaboration, std::string_view name, Span span);

/// object.name
[[nodiscard]] LanguageValue attribute_value(Elaboration& elaboration, const LanguageValue& object, Span object_span,
                                            const std::string& name, Span name_span);
[[nodiscard]] LanguageValue call_method(Elaboration& elaboration, const BoundMethod& method,
                                        const CallArguments& arguments);
/// model.compile, model.fit, ...: their arguments are not even looked at.
[[nodiscard]] bool is_training_only(const BoundMethod& method);

/// Names that the statements assign in their own scope.
void collect_assigned(const ast::Block& block, std::set<std::string, std::less<>>& names);
void collect_targets(const ast::Expr& target, std::set<std::string, std::less<>>& names);

}  // namespace halcyon::language
