#include <cstdio>
#include <filesystem>
#include <memory>

#include "backend/host_cpu.h"
#include "commands/common/model_options.h"
#include "commands/common/report_data.h"
#include "commands/common/table.h"
#include "commands/common/write_files.h"
#include "report/page.h"

namespace halcyon::commands {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t most_page_bytes = std::uint64_t{256} << 20;
constexpr int format_version = 1;

struct Options {
    CompileOptions compile;
    std::string path, records;
    std::string against, against_target, against_schedules;
    bool no_run = false;

    [[nodiscard]] bool compares() const {
        return !against.empty() || !against_target.empty() || !against_schedules.empty();
    }
    [[nodiscard]] bool against_page() const { return against.ends_with(".html"); }
};

/// Before minutes of measuring, not behind them.
bool can_write(const std::string& path, CommandContext& context) {
    std::error_code ignored;
    const std::string folder = folder_of(path);
    std::string why;
    if (!context.files.exists(folder))
        why = "No such file or directory";
    else if (!std::filesystem::is_directory(folder, ignored))
        why = "Not a directory";
    else if (std::filesystem::is_directory(path, ignored))
        why = "Is a directory";
    if (why.empty()) return true;
    Diagnostic& error = context.diag.error(Code::unwritable_file, {}, "cannot write '{}': {}", path, why);
    if (!context.files.exists(folder)) error.hint = fmt::format("there is no folder '{}'", folder);
    return false;
}

/// Trials of the network's tasks, from the file that was named or the usual one; nothing where there is none.
std::optional<TuningCurves> read_curves(const Options& options, const Program& program, CommandContext& context) {
    const std::string path = options.records.empty() ? default_records_file() : options.records;
    if (path.empty() || !context.files.exists(path)) {
        if (options.records.empty()) return TuningCurves{};
        context.diag.error(Code::unusable_records, {}, "there are no records: '{}' does not exist", path);
        return std::nullopt;
    }
    const std::optional<Records> records = Records::open(path, context.diag);
    if (!records) return std::nullopt;
    const TuningCurves curves = tuning_curves(records->all(), program.target.name, cpu_name(), runs_of_tasks(program));
    if (records->trouble())
        context.diag.warning(Code::unusable_records, {}, "the records cannot be used: {}", *records->trouble());
    return curves;
}

/// A build of which nothing but the times is missing.
struct Prepared {
    ReportedBuild build;
    std::optional<RunnableModel> runnable;  ///< where it is to be timed and can be
};

std::optional<Prepared> prepare(const CompileOptions& compile, const Options& options, CommandContext& context) {
    std::optional<Graph> graph = load_graph(context, compile);
    if (!graph) return std::nullopt;
    std::optional<CompiledModel> model =
        plan_model(std::move(*graph), compile, context.sources, context.files, context.diag);
    if (!model) return std::nullopt;
    std::optional<TuningCurves> curves = read_curves(options, model->program, context);
    if (!curves) return std::nullopt;

    Prepared prepared;
    ReportedBuild& build = prepared.build;
    build = {.model = std::move(*model), .spec = compile.spec, .curves = std::move(*curves)};
    if (options.no_run)
        build.why_estimated = "--no-run";
    else if (!runs_here(build.model.program.target))
        build.why_estimated = fmt::format("code for {} does not run on this machine", build.model.program.target.name);
    else if (build.model.program.calls.empty())
        build.why_estimated = "there is nothing to run";
    if (!build.why_estimated.empty()) return prepared;
    prepared.runnable = load_planned(context, compile, build.model);
    if (!prepared.runnable) return std::nullopt;
    build.weights = prepared.runnable->weights.description;
    return prepared;
}

/// Two builds take turns: a machine that gets slower meanwhile slows both.
void time_all(std::vector<Prepared>& all, int threads) {
    const int turns = all.size() > 1 ? 2 : 1;
    for (int turn = 0; turn < turns; ++turn) {
        for (Prepared& each : all) {
            if (!each.runnable) continue;
            const ProgramTimes times = time_program(*each.runnable, threads);
            if (each.build.times)
                each.build.times->add(times);
            else
                each.build.times = times;
        }
    }
}

/// What the second build is, on the command line's word.
CompileOptions other_options(const Options& options) {
    CompileOptions other = options.compile;
    if (!options.against.empty()) {
        other.spec = options.against;
        // Files beside the first spec or named for it are not the second one's.
        other.schedules.clear();
        other.weights.file.clear();
    }
    if (!options.against_target.empty()) other.target = options.against_target;
    if (!options.against_schedules.empty()) other.schedules = options.against_schedules;
    return other;
}

/// What tells one of two builds from the other.
std::string label_of(const CompileOptions& build, const CompileOptions& other, const std::string& target) {
    std::string label;
    const auto add = [&](const std::string& text, bool differs) {
        if (differs) label += (label.empty() ? "" : ", ") + text;
    };
    add(build.spec, build.spec != other.spec);
    add(target, build.target != other.target);
    const std::string schedules = build.schedules.empty() ? "usual schedules" : file_name_of(build.schedules);
    add(schedules, build.schedules != other.schedules && build.spec == other.spec);
    return label.empty() ? build.spec : label;
}

/// The first build of a report that was written before, perhaps elsewhere.
std::optional<Json> read_page(const std::string& path, CommandContext& context) {
    const FileResult<std::string> text = context.files.read(path, most_page_bytes);
    if (const auto* error = std::get_if<FileError>(&text)) {
        context.diag.error(Code::unreadable_file, {}, "cannot read '{}': {}", path, error->message);
        return std::nullopt;
    }
    Json data = data_of_page(std::get<std::string>(text));
    const bool ours = data.is_object() && data["report"] == format_version && data.contains("builds") &&
                      data["builds"].is_array() && !data["builds"].empty() && data["builds"][0].is_object();
    if (!ours) {
        context.diag.error(Code::unreadable_file, {}, "'{}' is not a report of this version of Halcyon", path).hint =
            "`halcyon report SPEC -o FILE.html` writes one; another SPEC may also be compared";
        return std::nullopt;
    }
    Json build = data["builds"][0];
    build["label"] = file_name_of(path);
    return build;
}

/// Labels for one or two builds that differ by these options.
std::vector<std::string> labels_of(const Options& options, const std::vector<Prepared>& builds) {
    if (options.against_page()) return {"this build"};
    if (builds.size() == 1) return {""};
    const CompileOptions other = other_options(options);
    return {label_of(options.compile, other, builds[0].build.model.program.target.name),
            label_of(other, options.compile, builds[1].build.model.program.target.name)};
}

/// The page with the model that it is about.
struct Report {
    std::string model;
    std::vector<std::string> summary;  ///< a sentence a build
    std::string page;
};

std::optional<Report> make_report(const Options& options, CommandContext& context) {
    std::optional<Json> kept;
    if (options.against_page()) {
        kept = read_page(options.against, context);
        if (!kept) return std::nullopt;
    }
    std::vector<Prepared> builds;
    std::vector<CompileOptions> wanted{options.compile};
    if (options.compares() && !kept) wanted.push_back(other_options(options));
    for (const CompileOptions& each : wanted) {
        std::optional<Prepared> prepared = prepare(each, options, context);
        if (!prepared) return std::nullopt;
        builds.push_back(std::move(*prepared));
    }
    time_all(builds, options.compile.threads);

    const Program& program = builds[0].build.model.program;
    const std::vector<std::string> labels = labels_of(options, builds);
    Report report{.model = program.model};
    Json data = Json::array();
    for (std::size_t i = 0; i < builds.size(); ++i) {
        data.push_back(to_json(builds[i].build, labels[i], context.sources));
        report.summary.push_back(summary_of(builds[i].build, labels[i]));
    }
    if (kept) {
        data.push_back(*kept);
        report.summary.push_back(fmt::format("{}: as it was written before", options.against));
    }
    report.page = report_page({fmt::format("{} - Halcyon", report.model), report.model, program.doc, report.summary},
                              {{"report", format_version}, {"builds", data}});
    return report;
}

int run(const Options& options, CommandContext& context) {
    if (options.against_page() && (!options.against_target.empty() || !options.against_schedules.empty())) {
        context.diag.error(Code::unknown_command_line_name, {},
                           "'{}' is a report that is as it is: it takes no --against-target or --against-schedules",
                           options.against);
        return 1;
    }
    if (!options.path.empty() && !can_write(options.path, context)) return 1;
    const std::optional<Report> report = make_report(options, context);
    if (!report) return 1;
    const std::string path = options.path.empty() ? report->model + ".html" : options.path;
    if (!can_write(path, context)) return 1;
    if (!write_file(path, report->page, context.files, context.diag)) return 1;
    for (const std::string& sentence : report->summary) fmt::print("{}\n", sentence);
    fmt::print("  {}  {} bytes\n", path, grouped(static_cast<std::int64_t>(report->page.size())));
    return 0;
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    options->compile.weights.initialize_missing = true;
    add_model_options(app, options->compile);
    add_batch_option(app, options->compile);
    app.add_option("-o,--output", options->path, "the file (default: MODEL.html in this folder)")->type_name("FILE");
    app.add_flag("--no-run", options->no_run, "run nothing: estimated times");
    app.add_option("--records", options->records,
                   "what `tune` has measured, for the tuning curves (default: halcyon/records.db in XDG_STATE_HOME or "
                   "~/.local/state)")
        ->type_name("DB");
    app.add_option("--against", options->against, "a second model beside the first, or a report that was kept (.html)")
        ->type_name("SPEC2");
    app.add_option("--against-target", options->against_target, "the second build is for this target")
        ->type_name("TARGET");
    app.add_option("--against-schedules", options->against_schedules, "the second build takes these schedules")
        ->type_name("FILE");
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command report_command;
const Command report_command{"report", "Writes a web page: graph, times, roofline, memory, tuning.", declare};

}  // namespace halcyon::commands
