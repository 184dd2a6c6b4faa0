#pragma once

#include "graph/elaboration.h"

namespace halcyon::language {

/// Whether a def is a model: it has parameters, and all are annotated with tensor types (well-formed or not).
[[nodiscard]] bool is_model_def(const ast::FunctionDef& def);
/// The model of such a def, its input types read.
[[nodiscard]] Model* make_def_model(Elaboration& elaboration, const Function& function);

// The functions Sequential(...), Model(inputs, outputs) and Input(...).
[[nodiscard]] LanguageValue make_sequential(Elaboration& elaboration, const CallArguments& arguments);
[[nodiscard]] LanguageValue make_functional(Elaboration& elaboration, const CallArguments& arguments);
[[nodiscard]] LanguageValue make_input(Elaboration& elaboration, const CallArguments& arguments);

/// Reads what a model gives, a tensor, a tuple or list of them or a dict from names to them, and names the outputs; `expr`
/// is how it was written, if known. False after mistakes.
bool collect_outputs(Elaboration& elaboration, Model& model, const LanguageValue& value, const ast::Expr* expr,
                     Span span);

/// model.add(layer)
[[nodiscard]] LanguageValue add_to_sequential(Elaboration& elaboration, Model& model, const CallArguments& arguments);

/// A model that is assigned to a variable and has no name takes the variable's.
void name_after_variable(Elaboration& elaboration, Model& model, const std::string& variable, Span span);

/// A model applied as a layer: its nodes are repeated here, its weights shared.
[[nodiscard]] LanguageValue call_model(Elaboration& elaboration, Model& model, const CallArguments& arguments);

/// Runs the model's body if that has not been done; its inputs, outputs and the names of its layers are known afterwards.
/// False after mistakes.
bool finish_model(Elaboration& elaboration, Model& model, Span wanted_by);

/// The finished model as a graph: inputs first, then what the outputs need.
[[nodiscard]] Graph to_graph(const Elaboration& elaboration, const Model& model);

}  // namespace halcyon::language
