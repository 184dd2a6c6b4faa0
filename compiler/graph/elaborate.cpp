#include "graph/elaborate.h"

#include <algorithm>

#include "graph/elaboration.h"
#include "graph/imports.h"
#include "graph/models.h"
#include "graph/naming.h"

namespace halcyon {
namespace {

using namespace language;

/// The models that the file itself describes, in its order.
std::vector<Model*> models_of(Elaboration& elaboration, const LoadedModule& file) {
    std::set<const Model*> in_variables;
    for (const auto& [name, value] : file.globals.names) {
        if (const Model* model = value.model()) in_variables.insert(model);
    }
    std::vector<Model*> models;
    for (Model& model : elaboration.models) {
        const bool is_def = model.kind == Model::Kind::def;
        if (model.home != &file || (!is_def && !in_variables.contains(&model))) continue;
        models.push_back(&model);
    }
    std::stable_sort(models.begin(), models.end(),
                     [](const Model* a, const Model* b) { return a->name_span.begin < b->name_span.begin; });
    return models;
}

void check_model_names(Elaboration& elaboration, const std::vector<Model*>& models) {
    std::map<std::string, const Model*> taken;
    for (const Model* model : models) {
        if (!is_c_identifier(model->name)) {
            elaboration.error(Code::bad_name, model->name_span, "a model cannot be named '{}': that is no name in C",
                              model->name);
        }
        const auto [place, is_new] = taken.try_emplace(model->name, model);
        if (is_new) continue;
        elaboration
            .error(Code::duplicate_model, model->name_span, "the file already has a model named '{}'", model->name)
            .notes.emplace_back(place->second->name_span, "the other one");
    }
}

void report_no_model(Elaboration& elaboration, const ast::Module& tree, const std::string& path) {
    Diagnostic& d = elaboration.error(Code::no_model, {}, "{}: the file describes no model", path);
    d.hint = "a model is a def whose parameters are annotated: def model(image: float32[28, 28, 1]):";
    for (const ast::Statement& statement : tree.body) {
        const auto* def = std::get_if<ast::FunctionDef>(&statement.kind);
        if (def)
            d.notes.emplace_back(def->name_span,
                                 fmt::format("'{}' is a block: not all its parameters have tensor types", def->name));
        if (def) break;
    }
}

void report_unknown_model(Elaboration& elaboration, const std::vector<Model*>& models, const std::string& name,
                          const std::string& path) {
    std::vector<std::string_view> known;
    for (const Model* model : models) known.push_back(model->name);
    Diagnostic& d = elaboration.error(Code::unknown_model, {}, "{} has no model '{}'", path, name);
    const std::string_view similar = nearest(name, known);
    d.hint = similar.empty() ? fmt::format("its models are {}", fmt::join(known, ", "))
                             : fmt::format("did you mean '{}'?", similar);
}

}  // namespace

std::vector<Graph> elaborate(const ast::Module& module, Sources& sources, const FileSystem& files,
                             const std::string& model_name, Diagnostics& diag) {
    Elaboration elaboration(sources, files, diag);
    const std::string path = sources.file(module.file).path();
    const int errors_before = diag.error_count();
    LoadedModule& file = run_module(elaboration, module, path);
    std::vector<Model*> models = models_of(elaboration, file);
    // What the file says of itself, it says of its one model.
    if (models.size() == 1 && models.front()->doc.empty()) models.front()->doc = module.docstring;
    check_model_names(elaboration, models);

    const bool failed = diag.error_count() > errors_before;
    if (models.empty() && !failed) report_no_model(elaboration, module, path);
    if (!model_name.empty() && !models.empty()) {
        const auto is_wanted = [&](const Model* model) { return model->name == model_name; };
        if (std::none_of(models.begin(), models.end(), is_wanted) && !failed) {
            report_unknown_model(elaboration, models, model_name, path);
        }
        std::erase_if(models, [&](const Model* model) { return !is_wanted(model); });
    }

    elaboration.frames.push_back({&file.globals, &elaboration.scopes.front(), nullptr, {}, std::nullopt, nullptr});
    elaboration.importing.push_back(&file);
    // A Sequential that does not say its input and is used as a layer is a part of a model, not a model. Who uses it is known
    // when the others are finished.
    const auto is_partial = [](const Model* model) {
        return model->kind == Model::Kind::sequential && !model->sequential_input;
    };
    for (Model* model : models) {
        if (!is_partial(model)) (void)finish_model(elaboration, *model, {});
    }
    std::vector<Graph> graphs;
    for (Model* model : models) {
        if (is_partial(model) && model->called) continue;
        if (finish_model(elaboration, *model, {})) graphs.push_back(to_graph(elaboration, *model));
    }
    if (graphs.empty() && !models.empty() && diag.error_count() == errors_before)
        report_no_model(elaboration, module, path);
    return graphs;
}

}  // namespace halcyon
