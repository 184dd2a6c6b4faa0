// Statements, functions and what names mean.

#include <algorithm>
#include <array>

#include "graph/imports.h"
#include "graph/interpreter.h"
#include "graph/keras_names.h"
#include "graph/layer_application.h"
#include "graph/models.h"
#include "graph/sequences.h"

namespace halcyon::language {
namespace {

using Names = std::set<std::string, std::less<>>;

/// After a mistake in a condition nobody knows what the branches would have assigned.
void poison_names(Elaboration& elaboration, const Names& names) {
    for (const std::string& name : names) elaboration.frame().environment->names[name] = Poison{};
}

void run_assign(Elaboration& elaboration, const ast::Assign& assign, Span span) {
    if (!assign.value) return;
    // What a function says of itself means nothing, nor does how that is put together.
    const auto* attribute = std::get_if<ast::Attribute>(&assign.targets.front()->kind);
    if (attribute && attribute->name == "__doc__") return;
    LanguageValue value = evaluate_expr(elaboration, *assign.value);
    if (assign.augmented) {
        const ast::Expr& target = *assign.targets.front();
        const LanguageValue before = evaluate_expr(elaboration, target);
        List* list = before.list();
        if (list && value.elements() && *assign.augmented == ast::BinaryOperator::add) {
            const Elements added = *value.elements();
            if (list->elements.size() + added.size() > Elaboration::max_list) {
                elaboration.error(Code::limit_exceeded, span, "the list is longer than {} elements",
                                  Elaboration::max_list);
                return;
            }
            if (!elaboration.spend(static_cast<std::int64_t>(added.size() / 4), span)) return;
            list->elements.insert(list->elements.end(), added.begin(), added.end());
            return;
        }
        value = apply_binary(elaboration, *assign.augmented, {before, target.span}, {value, assign.value->span}, span);
    }
    for (const ast::ExprPtr& target : assign.targets) assign_target(elaboration, *target, value, assign.value->span);
}

void run_if(Elaboration& elaboration, const ast::If& statement) {
    for (const ast::If::Branch& branch : statement.branches) {
        if (!branch.condition) return run_block(elaboration, branch.body);
        const LanguageValue condition = evaluate_expr(elaboration, *branch.condition);
        const auto holds = truth(elaboration, condition, branch.condition->span);
        if (!holds) {
            Names names;
            for (const ast::If::Branch& skipped : statement.branches) collect_assigned(skipped.body, names);
            return poison_names(elaboration, names);
        }
        if (*holds) return run_block(elaboration, branch.body);
    }
}

void run_for(Elaboration& elaboration, const ast::For& loop) {
    const Operand iterable{evaluate_expr(elaboration, *loop.iterable), loop.iterable->span};
    const bool iterated = for_each_element(elaboration, iterable, [&](const LanguageValue& element) {
        assign_target(elaboration, *loop.target, element, loop.iterable->span);
        run_block(elaboration, loop.body);
        return !elaboration.frame().returned && !elaboration.aborted();
    });
    if (iterated) return;
    Names names;
    collect_targets(*loop.target, names);
    collect_assigned(loop.body, names);
    poison_names(elaboration, names);
}

/// raise ValueError("..."): what the spec itself finds wrong with its arguments.
void run_raise(Elaboration& elaboration, const ast::Raise& statement, Span span) {
    const auto* call = statement.value ? std::get_if<ast::Call>(&statement.value->kind) : nullptr;
    const ast::Expr* type = call ? call->callee.get() : statement.value.get();
    const auto* name = type ? std::get_if<ast::Name>(&type->kind) : nullptr;
    const std::string what = name ? name->identifier : "an error";
    LanguageValue message = None{};
    if (call && !call->arguments.empty()) message = evaluate_expr(elaboration, *call->arguments.front().value);
    if (!message.is_poison()) {
        elaboration.error(Code::bad_value, type ? type->span : span, "the spec raises {}{}{}", what,
                          message.text() ? ": " : "", message.text() ? *message.text() : "");
    }
    elaboration.frame().returned = Poison{};
}

/// Only what gives names to operations can be opened, and that means nothing here.
void run_with(Elaboration& elaboration, const ast::With& statement) {
    const auto* call = std::get_if<ast::Call>(&statement.context->kind);
    const auto* attribute = call ? std::get_if<ast::Attribute>(&call->callee->kind) : nullptr;
    constexpr std::array<std::string_view, 3> meaningless = {"name_scope", "device", "scope"};
    if (attribute && std::find(meaningless.begin(), meaningless.end(), attribute->name) != meaningless.end())
        return run_block(elaboration, statement.body);
    elaboration.error(Code::not_supported, statement.context->span,
                      "'with' opens name scopes and devices, which mean nothing here, and nothing else");
    Names names;
    collect_assigned(statement.body, names);
    poison_names(elaboration, names);
}

/// d["key"] = value and xs[i] = value.
void assign_element(Elaboration& elaboration, const ast::Subscript& target, const LanguageValue& value, Span span) {
    const LanguageValue object = evaluate_expr(elaboration, *target.object);
    if (object.is_poison()) return;
    Dict* const* dict = object.get<Dict*>();
    List* list = object.list();
    const bool single = target.indices.size() == 1 && !std::holds_alternative<ast::Slice>(target.indices[0]->kind);
    if ((!dict && !list) || !single) {
        elaboration.error(Code::not_supported, span, "only elements of lists and dicts can be assigned to, not {}",
                          dict || list ? "several at once" : describe(object));
        return;
    }
    const LanguageValue index = evaluate_expr(elaboration, *target.indices[0]);
    if (index.is_poison()) return;
    if (list) {
        const auto position = index.integer();
        const auto size = static_cast<std::int64_t>(list->elements.size());
        if (!position || *position < -size || *position >= size) {
            (void)index_value(elaboration, {object, target.object->span}, {index, target.indices[0]->span}, span);
            return;  // with its message
        }
        list->elements[static_cast<std::size_t>(*position < 0 ? *position + size : *position)] = value;
        return;
    }
    set_key(elaboration, **dict, index, value, target.indices[0]->span);
}

/// model.trainable = False, f.__doc__ = "...": nothing here.
void assign_attribute(Elaboration& elaboration, const ast::Attribute& target, Span span) {
    const LanguageValue object = evaluate_expr(elaboration, *target.object);
    if (object.is_poison()) return;
    if (target.name == "trainable" && (object.layer() || object.model())) {
        note_training_only(elaboration, "trainable", target.name_span);
        return;
    }
    elaboration.error(Code::not_supported, span, "'{}' of {} cannot be assigned to", target.name, describe(object));
}

void run_return(Elaboration& elaboration, const ast::Return& statement, Span span) {
    Frame& frame = elaboration.frame();
    if (frame.def == nullptr) {
        elaboration.error(Code::bad_return, span, "'return' outside of a function");
        return;
    }
    const LanguageValue value = statement.value ? evaluate_expr(elaboration, *statement.value) : LanguageValue(None{});
    elaboration.frame().returned = value;
    elaboration.frame().return_expr = statement.value.get();
}

void run_def(Elaboration& elaboration, const ast::FunctionDef& def, Span span) {
    const Function* function = make_function(elaboration, def, span);
    LanguageValue value = function;
    if (is_model_def(def)) value = make_def_model(elaboration, *function);
    elaboration.frame().environment->names[def.name] = value;
}

void run_statement(Elaboration& elaboration, const ast::Statement& statement) {
    const Elaboration::Nested nested(elaboration, statement.span);
    if (!nested.ok() || !elaboration.spend(1, statement.span)) return;
    const auto& kind = statement.kind;
    if (const auto* assign = std::get_if<ast::Assign>(&kind)) {
        run_assign(elaboration, *assign, statement.span);
    } else if (const auto* expression = std::get_if<ast::ExpressionStatement>(&kind)) {
        (void)evaluate_expr(elaboration, *expression->value);
    } else if (const auto* condition = std::get_if<ast::If>(&kind)) {
        run_if(elaboration, *condition);
    } else if (const auto* loop = std::get_if<ast::For>(&kind)) {
        run_for(elaboration, *loop);
    } else if (const auto* result = std::get_if<ast::Return>(&kind)) {
        run_return(elaboration, *result, statement.span);
    } else if (const auto* raise = std::get_if<ast::Raise>(&kind)) {
        run_raise(elaboration, *raise, statement.span);
    } else if (const auto* attempt = std::get_if<ast::Try>(&kind)) {
        // Mistakes are reported, not caught: a handler never has anything to do.
        for (const ast::Block* block : {&attempt->body, &attempt->otherwise, &attempt->finally})
            if (!elaboration.frame().returned) run_block(elaboration, *block);
    } else if (const auto* with = std::get_if<ast::With>(&kind)) {
        run_with(elaboration, *with);
    } else if (const auto* import = std::get_if<ast::Import>(&kind)) {
        run_import(elaboration, *import, statement.span);
    } else if (const auto* def = std::get_if<ast::FunctionDef>(&kind)) {
        run_def(elaboration, *def, statement.span);
    }
}

}  // namespace

void collect_targets(const ast::Expr& target, Names& names) {
    if (const auto* name = std::get_if<ast::Name>(&target.kind)) names.insert(name->identifier);
    if (const auto* tuple = std::get_if<ast::Tuple>(&target.kind)) {
        for (const ast::ExprPtr& element : tuple->elements) collect_targets(*element, names);
    }
    if (const auto* list = std::get_if<ast::List>(&target.kind)) {
        for (const ast::ExprPtr& element : list->elements) collect_targets(*element, names);
    }
}

void collect_assigned(const ast::Block& block, Names& names) {
    for (const ast::Statement& statement : block) {
        if (const auto* assign = std::get_if<ast::Assign>(&statement.kind)) {
            for (const ast::ExprPtr& target : assign->targets) collect_targets(*target, names);
        } else if (const auto* condition = std::get_if<ast::If>(&statement.kind)) {
            for (const ast::If::Branch& branch : condition->branches) collect_assigned(branch.body, names);
        } else if (const auto* loop = std::get_if<ast::For>(&statement.kind)) {
            collect_targets(*loop->target, names);
            collect_assigned(loop->body, names);
        } else if (const auto* with = std::get_if<ast::With>(&statement.kind)) {
            collect_assigned(with->body, names);
        } else if (const auto* attempt = std::get_if<ast::Try>(&statement.kind)) {
            for (const ast::Block* body : {&attempt->body, &attempt->otherwise, &attempt->finally})
                collect_assigned(*body, names);
            for (const ast::Block& handler : attempt->handlers) collect_assigned(handler, names);
        } else if (const auto* def = std::get_if<ast::FunctionDef>(&statement.kind)) {
            names.insert(def->name);
        }
    }
}

void run_block(Elaboration& elaboration, const ast::Block& block) {
    for (const ast::Statement& statement : block) {
        run_statement(elaboration, statement);
        if (elaboration.frame().returned || elaboration.aborted()) return;
    }
}

void assign_target(Elaboration& elaboration, const ast::Expr& target, const LanguageValue& value, Span value_span) {
    if (const auto* name = std::get_if<ast::Name>(&target.kind)) {
        elaboration.frame().environment->names[name->identifier] = value;
        if (Model* model = value.model()) name_after_variable(elaboration, *model, name->identifier, target.span);
        return;
    }
    if (const auto* subscript = std::get_if<ast::Subscript>(&target.kind))
        return assign_element(elaboration, *subscript, value, target.span);
    if (const auto* attribute = std::get_if<ast::Attribute>(&target.kind))
        return assign_attribute(elaboration, *attribute, target.span);
    const auto* tuple = std::get_if<ast::Tuple>(&target.kind);
    const auto* list = std::get_if<ast::List>(&target.kind);
    if (tuple == nullptr && list == nullptr) {
        elaboration.error(Code::not_supported, target.span, "only names and tuples of names can be assigned to");
        return;
    }
    const std::vector<ast::ExprPtr>& targets = tuple ? tuple->elements : list->elements;
    std::optional<Elements> elements;
    if (!value.is_poison()) elements = elements_of(elaboration, {value, value_span});
    if (elements && elements->size() != targets.size()) {
        elaboration
            .error(Code::bad_unpacking, value_span, "{} value{} for {} name{}", elements->size(),
                   elements->size() == 1 ? "" : "s", targets.size(), targets.size() == 1 ? "" : "s")
            .notes.emplace_back(target.span, "the names are here");
        elements.reset();
    }
    for (std::size_t i = 0; i < targets.size(); ++i) {
        assign_target(elaboration, *targets[i], elements ? (*elements)[i] : LanguageValue(Poison{}), value_span);
    }
}

LanguageValue look_up(Elaboration& elaboration, std::string_view name, Span span) {
    std::vector<std::string_view> known;
    for (const Environment* at = elaboration.frame().environment; at != nullptr; at = at->parent) {
        if (const auto found = at->names.find(name); found != at->names.end()) return found->second;
        if (at->own != nullptr && at->own->contains(name)) {
            elaboration.error(Code::unknown_name, span,
                              "'{}' has no value yet: it is assigned elsewhere in this function", name);
            return Poison{};
        }
        for (const auto& [other, value] : at->names) known.push_back(other);
    }
    // What stands under `if __name__ == "__main__"` is for the file that is compiled, not for those that it imports.
    if (name == "__name__")
        return elaboration.make_text(elaboration.importing.size() <= 1 ? "__main__" : "imported", span);
    if (const auto value = find_global_name(name)) return *value;
    list_global_names(known);
    Diagnostic& d = elaboration.error(Code::unknown_name, span, "'{}' is not defined", name);
    if (const auto similar = nearest(name, known); !similar.empty())
        d.hint = fmt::format("did you mean '{}'?", similar);
    return Poison{};
}

}  // namespace halcyon::language
