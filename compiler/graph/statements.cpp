// Statements, functions and what names mean.

#include "graph/imports.h"
#include "graph/interpreter.h"
#include "graph/keras_names.h"
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
    if (const auto value = find_global_name(name)) return *value;
    list_global_names(known);
    Diagnostic& d = elaboration.error(Code::unknown_name, span, "'{}' is not defined", name);
    if (const auto similar = nearest(name, known); !similar.empty())
        d.hint = fmt::format("did you mean '{}'?", similar);
    return Poison{};
}

}  // namespace halcyon::language
