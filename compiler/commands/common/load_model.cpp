#include "commands/common/load_model.h"

#include <filesystem>

#include "backend/weights_blob.h"
#include "commands/common/progress.h"
#include "support/check.h"

namespace halcyon {
namespace {

/// A misspelled spec: the file of the same folder that was probably meant.
std::string similar_file(const std::string& path) {
    constexpr std::size_t most_files = 10'000;
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder_of(path), error), end;
         !error && at != end && names.size() < most_files; at.increment(error)) {
        if (at->path().extension() == ".hcn") names.push_back(at->path().filename().string());
    }
    const std::string wanted = file_name_of(path);
    for (const std::string& name : names) {
        if (name == wanted + ".hcn") return name;
    }
    const std::string_view near = nearest(wanted, {names.begin(), names.end()});
    return std::string(near);
}

}  // namespace

std::optional<std::vector<Graph>> load_graphs(CommandContext& context, const CompileOptions& options) {
    const SpecPath spec = split_spec(options.spec);
    if (!context.files.exists(spec.file)) {
        Diagnostic& error =
            context.diag.error(Code::unreadable_file, {}, "cannot read '{}': No such file or directory", spec.file);
        if (const std::string similar = similar_file(spec.file); !similar.empty()) {
            error.hint = fmt::format("did you mean '{}'?", folder_of(spec.file) == "." && !spec.file.starts_with("./")
                                                               ? similar
                                                               : join_path(folder_of(spec.file), similar));
        }
        return std::nullopt;
    }
    std::optional<std::vector<Graph>> graphs = elaborate_spec(options, context.sources, context.files, context.diag);
    if (!graphs || context.diag.has_errors()) return std::nullopt;
    if (graphs->empty()) {
        context.diag.error(Code::unknown_command_line_name, {}, "'{}' has no model", options.spec).hint =
            "a model is a `def` whose parameters are all annotated: def net(image: float32[28, 28, 1])";
        return std::nullopt;
    }
    return graphs;
}

std::optional<Graph> load_graph(CommandContext& context, const CompileOptions& options) {
    std::optional<std::vector<Graph>> graphs = load_graphs(context, options);
    if (!graphs) return std::nullopt;
    if (graphs->size() > 1) {
        std::string names;
        for (const Graph& graph : *graphs) names += (names.empty() ? "" : ", ") + graph.name;
        context.diag
            .error(Code::unknown_command_line_name, {}, "'{}' has {} models: {}", options.spec, graphs->size(), names)
            .hint = fmt::format("name one of them: {}:{}", options.spec, graphs->front().name);
        return std::nullopt;
    }
    return std::move(graphs->front());
}

KernelCompileOptions kernel_options(const CommandContext& context) {
    KernelCompileOptions options;
    options.cache_folder = default_cache_folder();
    options.program_path = context.program_path;
    options.report = [progress = std::make_shared<Progress>(progress_on_stderr())](const KernelProgress& news) {
        (*progress)(news);
    };
    return options;
}

std::optional<RunnableModel> load_runnable(CommandContext& context, const CompileOptions& options) {
    std::optional<Graph> graph = load_graph(context, options);
    if (!graph) return std::nullopt;
    std::optional<CompiledModel> model =
        plan_model(std::move(*graph), options, context.sources, context.files, context.diag);
    if (!model) return std::nullopt;
    return load_planned(context, options, std::move(*model));
}

std::optional<RunnableModel> load_planned(CommandContext& context, const CompileOptions& options, CompiledModel model) {
    if (!runs_here(model.program.target)) {
        context.diag.error(Code::cannot_run_here, {}, "code for '{}' does not run on this machine", options.target);
        return std::nullopt;
    }
    std::optional<ModelWeights> weights =
        load_weights(model.layers, split_spec(options.spec).file, options.weights, context.diag);
    if (!weights) return std::nullopt;

    std::vector<CompiledKernel> kernels = compile_kernels(model.program, kernel_options(context), context.diag);
    if (context.diag.has_errors()) return std::nullopt;
    const std::string blob = pack_weights(model.program, weights->source);
    auto loaded = std::make_unique<LoadedProgram>(model.program, kernels, blob);
    return RunnableModel{std::move(model), std::move(*weights), std::move(kernels), std::move(loaded)};
}

}  // namespace halcyon
