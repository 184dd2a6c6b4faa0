#include "compile.h"

#include <chrono>
#include <cstdio>

#include "graph/elaborate.h"
#include "passes/absorb_padding.h"
#include "passes/cancel_views.h"
#include "passes/cut_bands.h"
#include "passes/fold_affine.h"
#include "passes/fuse_epilogues.h"
#include "passes/fuse_pooling.h"
#include "passes/fuse_prologues.h"
#include "passes/lower_layers.h"
#include "passes/order_pooling.h"
#include "plan/item_split.h"
#include "plan/plan.h"
#include "schedule/network_plan.h"
#include "schedule/shipped.h"
#include "syntax/parse.h"

namespace halcyon {
namespace {

constexpr std::uint64_t max_spec_bytes = 16u << 20;

/// What happens between two stages: the value is verified, the stage is timed, --emit prints it.
class Stages {
public:
    explicit Stages(const CompileOptions& options) : options_(options) {}

    Graph operator()(std::string_view name, Graph graph) {
        verify(graph);
        finish(name);
        if (options_.emit == name) emit(to_text(graph));
        return graph;
    }

    void finish(std::string_view name) {
        const auto now = std::chrono::steady_clock::now();
        if (options_.timing)
            fmt::print(stderr, "{:>8.1f} ms  {}\n", std::chrono::duration<double, std::milli>(now - begin_).count(),
                       name);
        begin_ = now;
    }

    static void emit(const std::string& text) { std::fputs(text.c_str(), stdout); }

private:
    const CompileOptions& options_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

std::optional<std::uint32_t> read_source(const std::string& path, Sources& sources, const FileSystem& files,
                                         Diagnostics& diag) {
    FileResult<std::string> text = files.read(path, max_spec_bytes);
    if (const auto* error = std::get_if<FileError>(&text)) {
        diag.error(Code::unreadable_file, {}, "cannot read '{}': {}", path, error->message);
        return std::nullopt;
    }
    return sources.add(path, std::move(std::get<std::string>(text)));
}

/// --schedules, else SPEC.hcs where it exists; behind either what is shipped for the target.
std::optional<Schedules> read_schedules(const CompileOptions& options, const std::string& target, Sources& sources,
                                        const FileSystem& files, Diagnostics& diag) {
    std::string path = options.schedules;
    if (path.empty()) {
        const SpecPath spec = split_spec(options.spec);
        path = join_path(folder_of(spec.file), stem_of(spec.file) + ".hcs");
        if (!files.exists(path)) path.clear();
    }
    Schedules schedules;
    if (!path.empty()) {
        const auto file = read_source(path, sources, files, diag);
        if (!file) return std::nullopt;
        schedules = Schedules::parse(sources, *file, diag);
        if (diag.has_errors()) return std::nullopt;
    }
    if (const auto text = shipped_schedules(target)) {
        const std::uint32_t file = sources.add(fmt::format("schedules/{}.hcs", target), std::string(*text));
        Schedules shipped = Schedules::parse(sources, file, diag);
        shipped.mark_shipped();
        schedules.append(std::move(shipped));
    }
    return schedules;
}

std::string tasks_text(const Program& program) {
    std::string text;
    for (const Kernel& kernel : program.kernels) text += to_text(kernel.task) + "\n";
    return text;
}

}  // namespace

double weights_growth_of(const CompileOptions& options) {
    return options.weights_growth.value_or(options.optimize == "size" ? weights_growth_for_size
                                                                      : weights_growth_for_speed);
}

SpecPath split_spec(const std::string& spec) {
    const auto colon = spec.rfind(':');
    if (colon == std::string::npos || spec.find('/', colon) != std::string::npos) return {spec, ""};
    return {spec.substr(0, colon), spec.substr(colon + 1)};
}

std::optional<std::vector<Graph>> elaborate_spec(const CompileOptions& options, Sources& sources,
                                                 const FileSystem& files, Diagnostics& diag) {
    Stages stage(options);
    const SpecPath spec = split_spec(options.spec);
    const auto file = read_source(spec.file, sources, files, diag);
    if (!file) return std::nullopt;

    const std::optional<ast::Module> ast = parse(sources, *file, diag);
    if (!ast) return std::nullopt;
    stage.finish("ast");
    if (options.emit == "ast") Stages::emit(to_text(*ast, sources));

    std::vector<Graph> graphs = elaborate(*ast, sources, files, spec.model, diag);
    if (diag.has_errors()) return std::nullopt;
    // From here on every node has a layer, a type and a span.
    for (Graph& graph : graphs) graph = stage("graph", std::move(graph));
    return graphs;
}

std::optional<CompiledModel> plan_model(Graph layers, const CompileOptions& options, Sources& sources,
                                        const FileSystem& files, Diagnostics& diag, const PackedForms& packed_forms) {
    std::string why;
    const std::optional<TargetInfo> target = find_target(options.target, why);
    if (!target) {
        diag.error(Code::unknown_target, {}, "{}", why);
        return std::nullopt;
    }
    const std::optional<Schedules> schedules = read_schedules(options, target->name, sources, files, diag);
    if (!schedules) return std::nullopt;
    const NetworkPlan whole =
        network_plan(*schedules, network_task(layers.name, options.batch, options.threads), target->name, diag);

    Stages stage(options);
    Graph graph = stage("lower layers", lower_layers(layers));  // From here on nodes are operations, channels last.
    graph = stage("cancel views", cancel_views(std::move(graph)));
    graph = stage("absorb padding", absorb_padding(std::move(graph)));
    graph = stage("fold affine", fold_affine(std::move(graph)));
    if (whole.order_pooling) graph = stage("order pooling", order_pooling(std::move(graph)));
    graph = stage("fuse epilogues", fuse_epilogues(std::move(graph)));
    if (whole.fuse_pooling) graph = stage("fuse pooling", fuse_pooling(std::move(graph)));
    if (whole.fuse_prologues) graph = stage("fuse prologues", fuse_prologues(std::move(graph)));
    // Threads that share a band wait for each other at its end, longer than the next level of cache would let them wait.
    const bool on_one_thread = options.threads == 1 || items_in_parallel(options.batch, options.threads);
    if (whole.cut_bands && on_one_thread) graph = stage("cut bands", cut_bands(std::move(graph), target->l2_bytes));

    const double max_error = options.exact ? 0.0 : options.max_error;
    // From here on every value has its place.
    Plan planned = plan(graph,
                        {*target, options.batch, options.threads, max_error, weights_growth_of(options), packed_forms,
                         whole.spread_pixels},
                        *schedules, diag);
    if (diag.has_errors()) return std::nullopt;
    stage.finish("program");
    if (options.emit == "tasks") Stages::emit(tasks_text(planned.program));
    if (options.emit == "program") Stages::emit(to_text(planned.program));
    return CompiledModel{std::move(layers), std::move(graph), std::move(planned.program), std::move(planned.choices),
                         whole};
}

}  // namespace halcyon
