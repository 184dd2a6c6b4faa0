#include "compile.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <set>

#include "backend/weights_blob.h"
#include "commands/common/load_model.h"
#include "commands/common/model_options.h"
#include "commands/common/table.h"
#include "commands/common/write_files.h"
#include "plan/shared_packings.h"
#include "support/hash.h"

namespace halcyon::commands {
namespace {

struct Options {
    CompileOptions compile;
    std::vector<std::string> targets{"host"};
    std::vector<std::int64_t> batches{1};
    std::string folder = ".";
    bool shared = false;
    bool weights_file = false;
};

/// What --emit takes, in the order of the pipeline.
const std::vector<std::string> stages{
    "ast",         "graph",         "lower layers",   "cancel views", "absorb padding",
    "fold affine", "order pooling", "fuse epilogues", "fuse pooling", "fuse prologues",
    "cut bands",   "tasks",         "program",        "stmt",         "llvm",
    "asm"};

std::string check_stage(const std::string& name) {
    if (std::find(stages.begin(), stages.end(), name) != stages.end()) return "";
    std::string known;
    for (const std::string& stage : stages) known += (known.empty() ? "" : ", ") + stage;
    const std::string_view near = nearest(name, {stages.begin(), stages.end()});
    return fmt::format("no stage '{}'{}; stages are {}", name,
                       near.empty() ? "" : fmt::format(", did you mean '{}'?", near), known);
}

/// Of every file that the model's layers are written in.
std::string spec_hash(const Graph& graph, const Sources& sources) {
    std::set<std::uint32_t> files;
    const auto note = [&](Span span) {
        if (span.known()) files.insert(span.file);
    };
    note(graph.span);
    for (const Node& node : graph.nodes) note(node.span);
    std::string hashes;
    for (std::uint32_t file : files) hashes += hash_hex(sources.file(file).text());
    return files.size() == 1 ? hashes : hash_hex(hashes);
}

/// Of the candidates that were chosen, wherever they came from.
std::string schedules_hash(const std::vector<Program>& programs) {
    std::string text;
    for (const Program& program : programs) {
        for (const Kernel& kernel : program.kernels)
            text += to_text(kernel.task) + '\n' + to_text(kernel.candidate, kernel.task) + '\n';
    }
    return hash_hex(text);
}

/// --emit stmt, llvm, asm: the kernels one by one, and for llvm the driver in front of them.
void print_kernels(const Program& program, const std::string& stage, CommandContext& context) {
    if (stage == "llvm") {
        const std::vector<CompiledKernel> kernels = compile_kernels(program, kernel_options(context), context.diag);
        if (context.diag.has_errors()) return;
        fmt::print("{}\n", driver_text(program, kernels));
    }
    const KernelFormat format = stage == "stmt"   ? KernelFormat::statement
                                : stage == "llvm" ? KernelFormat::llvm
                                                  : KernelFormat::assembly;
    const char* const comment = stage == "stmt" ? "//" : stage == "llvm" ? ";" : "#";
    for (const Kernel& kernel : program.kernels) {
        fmt::print("{} {}.{}: {}\n", comment, program.model, kernel.name, to_text(kernel.task));
        fmt::print("{}\n", emit_kernel(kernel, program.target, format, kernel_options(context)));
    }
}

/// Prints what a stage took, on standard error, with --timing.
class Clock {
public:
    explicit Clock(bool on) : on_(on) {}
    void finish(const char* stage) {
        const auto now = std::chrono::steady_clock::now();
        if (on_)
            fmt::print(stderr, "{:>8.1f} ms  {}\n", std::chrono::duration<double, std::milli>(now - begin_).count(),
                       stage);
        begin_ = now;
    }

private:
    bool on_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

struct BuiltModel {
    std::vector<LibraryFile> files;
    std::string summary;
};

std::string summary_of(const Program& program, const ModelWeights& weights, const std::vector<CompiledKernel>& kernels,
                       double slowdown) {
    const WorkspaceSize workspace = workspace_size(program, kernels);
    std::string text = program.model;
    if (program.further_batch) text += fmt::format(" in batches of {}", program.batch);
    text += fmt::format(": {} kernel calls, {} kernels, target {}, weights {} ({} bytes packed), workspace {} bytes",
                        program.calls.size(), program.kernels.size(), program.target.name, weights.description,
                        grouped(program.constant_bytes), grouped(workspace.first_worker));
    if (program.threads > 1) text += fmt::format(" and {} for each further worker", grouped(workspace.further_worker));
    constexpr double notable = 1.005;
    if (slowdown >= notable)
        text += fmt::format("; sharing weights makes it {:.1f} % slower by estimate", 100.0 * (slowdown - 1.0));
    return text + '\n';
}

/// The programs of one library, and what it costs them to share weights.
struct LibraryPlan {
    std::vector<Program> programs;  ///< for each target, best first, one for each batch size
    std::vector<double> slowdowns;  ///< of each by estimate, relative to its program in a library of its own
};

std::optional<Plan> plan_program(const Graph& graph, CompileOptions options, const PackedForms& forms,
                                 CommandContext& context) {
    std::optional<CompiledModel> model =
        plan_model(graph, options, context.sources, context.files, context.diag, forms);
    if (!model || context.diag.has_errors()) return std::nullopt;
    return Plan{std::move(model->program), std::move(model->choices)};
}

double estimated_cost(const Plan& plan) {
    double cost = 0.0;
    for (const KernelCall& call : plan.program.calls)
        cost += plan.choices.at(static_cast<std::size_t>(call.kernel)).cost;
    return cost;
}

/// Nothing after errors.
std::optional<LibraryPlan> plan_library(const Graph& graph, const Options& options, CommandContext& context) {
    std::vector<CompileOptions> programs;
    for (const std::string& target : options.targets) {
        for (const std::int64_t batch : options.batches) {
            programs.push_back(options.compile);
            programs.back().target = target;
            programs.back().batch = batch;
        }
    }
    LibraryPlan library;
    std::vector<Plan> alone;
    PackedForms forms;
    if (programs.size() > 1) {
        for (CompileOptions compile : programs) {
            compile.emit = "";
            std::optional<Plan> plan = plan_program(graph, compile, {}, context);
            if (!plan) return std::nullopt;
            alone.push_back(*std::move(plan));
        }
        const double max_error = options.compile.exact ? 0.0 : options.compile.max_error;
        forms = options.compile.optimize == "size" ? share_packings(alone, max_error, 0.0)
                                                   : share_packings(alone, max_error);
    }
    for (std::size_t i = 0; i < programs.size(); ++i) {
        std::optional<Plan> plan = plan_program(graph, programs[i], forms, context);
        if (!plan) return std::nullopt;
        plan->program.further_batch = i % options.batches.size() != 0;
        plan->program.one_of_targets = options.targets.size() > 1;
        library.slowdowns.push_back(alone.empty() ? 1.0 : estimated_cost(*plan) / estimated_cost(alone[i]));
        library.programs.push_back(std::move(plan->program));
    }
    return library;
}

std::optional<BuiltModel> build_model(const Graph& graph, const Options& options, CommandContext& context) {
    std::optional<LibraryPlan> plan = plan_library(graph, options, context);
    if (!plan) return std::nullopt;
    std::vector<Program>& programs = plan->programs;
    const std::string& emit = options.compile.emit;
    if (!emit.empty()) {
        if (emit == "stmt" || emit == "llvm" || emit == "asm") {
            for (const Program& program : programs) print_kernels(program, emit, context);
        }
        return BuiltModel{};
    }
    std::optional<ModelWeights> weights =
        load_weights(graph, split_spec(options.compile.spec).file, options.compile.weights, context.diag);
    if (!weights) return std::nullopt;

    Clock clock(options.compile.timing);
    std::vector<std::vector<CompiledKernel>> kernels;
    for (const Program& program : programs) {
        kernels.push_back(compile_kernels(program, kernel_options(context), context.diag));
        if (context.diag.has_errors()) return std::nullopt;
    }
    clock.finish("kernels");
    std::vector<std::string> blobs;
    for (const Program& program : programs) blobs.push_back(pack_weights(program, weights->source));
    const std::string blob = share_weights(programs, std::move(blobs));
    clock.finish("weights");

    LibraryOptions library;
    library.shared = options.shared;
    library.weights_file = options.weights_file;
    library.initialized = weights->initialized ? weights->description : "";
    library.spec_hash = spec_hash(graph, context.sources);
    library.weights_hash = weights->hash;
    library.schedules_hash = schedules_hash(programs);
    std::vector<Variant> variants;
    for (std::size_t i = 0; i < programs.size(); ++i) variants.push_back({programs[i], kernels[i]});
    BuiltModel built{build_library(variants, blob, library, context.diag), ""};
    if (context.diag.has_errors()) return std::nullopt;
    clock.finish("library");
    for (std::size_t i = 0; i < programs.size(); ++i)
        built.summary += summary_of(programs[i], *weights, kernels[i], plan->slowdowns[i]);
    return built;
}

int run(Options options, CommandContext& context) {
    std::string why;
    std::optional<std::vector<std::string>> targets = targets_of_library(options.targets, why);
    if (!targets) {
        context.diag.error(Code::unknown_target, {}, "{}", why);
        return 1;
    }
    options.targets = *std::move(targets);
    std::optional<std::vector<Graph>> graphs = load_graphs(context, options.compile);
    if (!graphs) return 1;
    if (options.compile.emit == "ast" || options.compile.emit == "graph") return 0;

    std::vector<LibraryFile> files;
    std::string summary;
    for (const Graph& graph : *graphs) {
        std::optional<BuiltModel> built = build_model(graph, options, context);
        if (!built) return 1;
        summary += built->summary;
        std::move(built->files.begin(), built->files.end(), std::back_inserter(files));
    }
    if (!options.compile.emit.empty()) return 0;
    if (!write_files(options.folder, files, context.files, context.diag)) return 1;
    fmt::print("{}", summary);
    for (const LibraryFile& file : files)
        fmt::print("  {}  {} bytes\n", join_path(options.folder, file.name),
                   grouped(static_cast<std::int64_t>(file.bytes.size())));
    return 0;
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    add_model_options(app, options->compile, &options->targets);
    add_batches_option(app, options->batches);
    app.add_option("-o,--output", options->folder, "folder for the files, made if missing")
        ->type_name("DIR")
        ->capture_default_str();
    app.add_flag("--shared", options->shared, "also a shared library");
    app.add_flag("--weights-file", options->weights_file, "weights in a file beside the library instead of inside it");
    app.add_option("--emit", options->compile.emit,
                   "print a stage instead: ast, graph, tasks, program, stmt, llvm, asm, ...")
        ->type_name("STAGE")
        ->check(check_stage);
    app.add_flag("--timing", options->compile.timing, "say how long each stage took");
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command compile_command;
const Command compile_command{"compile", "Makes a native library of a spec.", declare};

}  // namespace halcyon::commands
