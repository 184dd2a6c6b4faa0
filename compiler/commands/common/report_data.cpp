#include "commands/common/report_data.h"

#include <algorithm>
#include <cmath>

#include "backend/host_cpu.h"
#include "commands/common/bandwidth.h"
#include "commands/common/list_layers.h"
#include "commands/common/list_program.h"
#include "commands/common/table.h"
#include "report/network_view.h"

namespace halcyon {
namespace {

using Json = nlohmann::ordered_json;

constexpr double thousand = 1e3;  // seconds to milliseconds, 1e9 cycles to 1e6

const Kernel& kernel_of(const Program& program, std::size_t call) {
    return program.kernels[static_cast<std::size_t>(program.calls[call].kernel)];
}

/// What limits a machine: multiply-adds, and how fast memory is read from working sets of some sizes.
struct Limits {
    double peak = 0.0;  ///< GFLOP/s or FLOP/cycle
    struct Rate {
        double bytes = 0.0;  ///< of the largest working set that is read so fast
        double rate = 0.0;   ///< GB/s or bytes/cycle
    };
    std::vector<Rate> rates;
};

Json to_json(const Limits& limits) {
    Json rates = Json::array();
    for (const Limits::Rate& each : limits.rates) rates.push_back({{"bytes", each.bytes}, {"rate", each.rate}});
    return {{"peak", limits.peak}, {"bandwidths", rates}};
}

Limits estimated_limits(const TargetInfo& target, int threads) {
    constexpr double beyond_caches = 256.0 * (1 << 20);
    return {2.0 * target.fma_per_cycle * target.vector_lanes * threads,
            {{static_cast<double>(target.l2_bytes), target.l2_bytes_per_cycle},
             {beyond_caches, target.memory_bytes_per_cycle}}};
}

Limits measured_limits(double peak_gflops, Bandwidth& bandwidth) {
    Limits limits{peak_gflops, {}};
    for (const double bytes : {16.0 * (1 << 10), 512.0 * (1 << 10), 256.0 * (1 << 20)})
        limits.rates.push_back({bytes, bandwidth.gigabytes_per_second(bytes)});
    return limits;
}

/// A call's time with its rates: `seconds` are 1e9 cycles in estimates.
Json timing_json(double seconds, double work, const Roof& roof) {
    return {{"time", seconds * thousand},
            {"rate", seconds > 0.0 ? work * 1e-9 / seconds : 0.0},
            {"roof", roof.seconds * thousand},
            {"bound", roof.is_arithmetic ? "arithmetic" : "memory"}};
}

/// Kernels for one item that are computed on several threads at once take turns less often than there are items.
double estimated_seconds(const CompiledModel& model, std::size_t call) {
    const Program& program = model.program;
    const double cost = model.choices[static_cast<std::size_t>(program.calls[call].kernel)].cost;
    const std::int64_t runs = program.repetitions(call);
    const bool shared = program.items_in_parallel && call < program.item_calls;
    return cost * static_cast<double>(shared ? (runs + program.threads - 1) / program.threads : runs);
}

double estimated_seconds(const CompiledModel& model) {
    double sum = 0.0;
    for (std::size_t call = 0; call < model.program.calls.size(); ++call) sum += estimated_seconds(model, call);
    return sum;
}

std::int64_t constant_bytes(const Program& program, const KernelCall& call) {
    std::int64_t bytes = 0;
    for (const Place& argument : call.arguments) {
        if (argument.kind != Place::Kind::constant) continue;
        const auto found = std::find_if(program.constants.begin(), program.constants.end(),
                                        [&](const Constant& each) { return each.offset == argument.offset; });
        if (found != program.constants.end()) bytes += found->bytes();
    }
    return bytes;
}

std::string text_of(const Program& program, const Place& place) {
    switch (place.kind) {
    case Place::Kind::output:
        return fmt::format("output {}", program.outputs[static_cast<std::size_t>(place.door)].name);
    case Place::Kind::item: return fmt::format("each item's workspace, from byte {}", grouped(place.offset));
    default: return fmt::format("workspace, from byte {}", grouped(place.offset));
    }
}

Json calls_json(const ReportedBuild& build, Bandwidth& bandwidth) {
    const Program& program = build.model.program;
    const Json layouts = list_layouts(program).json();
    const Limits estimated = estimated_limits(program.target, program.threads);
    Json calls = Json::array();
    for (std::size_t call = 0; call < program.calls.size(); ++call) {
        const KernelCall& made = program.calls[call];
        const Kernel& kernel = kernel_of(program, call);
        const double work = call_flops(program, call);
        const Roof roof = roof_of(program, call, estimated.peak, [&](double bytes) {
            return bytes <= estimated.rates[0].bytes ? estimated.rates[0].rate : estimated.rates[1].rate;
        });
        const double result_bytes = static_cast<double>(element_count(kernel.task.output.shape)) *
                                    static_cast<double>(bytes_of(kernel.task.output.element)) *
                                    static_cast<double>(program.repetitions(call));
        Json row{{"layer", made.layer},
                 {"kernel", made.kernel},
                 {"inputs", layouts[call]["inputs"]},
                 {"output", layouts[call]["output"]},
                 {"flops", work},
                 {"bytes", roof.bytes},
                 {"result_bytes", result_bytes},
                 {"weight_bytes", constant_bytes(program, made)},
                 {"runs", program.repetitions(call)},
                 {"place", text_of(program, made.arguments.back())},
                 {"in_place", kernel.candidate.in_place >= 0},
                 {"estimate", timing_json(estimated_seconds(build.model, call), work, roof)},
                 {"measured", nullptr}};
        if (build.times) {
            const Roof here = roof_of(program, call, build.times->peak_gflops,
                                      [&](double bytes) { return bandwidth.gigabytes_per_second(bytes); });
            row["measured"] = timing_json(build.times->calls[call].min(), work, here);
            row["measured"]["median"] = build.times->calls[call].median() * thousand;
        }
        calls.push_back(std::move(row));
    }
    return calls;
}

Json kernels_json(const CompiledModel& model) {
    Json kernels = list_schedules(model).json();
    for (std::size_t k = 0; k < kernels.size(); ++k) kernels[k]["family"] = model.program.kernels[k].candidate.family;
    return kernels;
}

/// Layers by their names; of those that share one, the first.
Json members_json(const Graph& layers, const std::vector<std::string>& names) {
    Json members = Json::array();
    for (const std::string& name : names) {
        const auto found =
            std::find_if(layers.nodes.begin(), layers.nodes.end(), [&](const Node& node) { return node.name == name; });
        const bool known = found != layers.nodes.end();
        members.push_back({{"name", name},
                           {"type", known ? std::string(found->layer->name) : ""},
                           {"value", known ? to_text(found->type) : ""}});
    }
    return members;
}

std::string_view kind_text(NetworkBox::Kind kind) {
    switch (kind) {
    case NetworkBox::Kind::input: return "input";
    case NetworkBox::Kind::kernel: return "kernel";
    case NetworkBox::Kind::view: return "view";
    case NetworkBox::Kind::output: return "output";
    }
    return "";
}

double rounded(double coordinate) {
    return std::round(coordinate * 10.0) / 10.0;
}

/// The size of a box: kernels say more than doors and views.
Sketch::Box size_of(const NetworkBox& box) {
    constexpr double width = 232.0, height = 76.0, low = 34.0;
    return {width, box.kind == NetworkBox::Kind::kernel ? height : low};
}

Json network_json(const ReportedBuild& build, const NetworkView& view, const Sources& sources) {
    Sketch sketch;
    for (const NetworkBox& box : view.boxes) sketch.boxes.push_back(size_of(box));
    sketch.arrows = view.arrows;
    const Drawing drawing = draw(sketch);
    Json boxes = Json::array(), arrows = Json::array();
    for (std::size_t i = 0; i < view.boxes.size(); ++i) {
        const NetworkBox& box = view.boxes[i];
        Json row{{"name", box.name},
                 {"type", box.type},
                 {"kind", kind_text(box.kind)},
                 {"value", box.value},
                 {"call", box.call < 0 ? Json() : Json(box.call)},
                 {"members", members_json(build.model.layers, box.members)},
                 {"line", ""},
                 {"source", ""},
                 {"x", rounded(drawing.centres[i].x)},
                 {"y", rounded(drawing.centres[i].y)},
                 {"width", sketch.boxes[i].width},
                 {"height", sketch.boxes[i].height}};
        if (box.span.known()) {
            const SourceFile& file = sources.file(box.span.file);
            const int line = sources.line_column(box.span).line;
            row["line"] = fmt::format("{}:{}", file_name_of(file.path()), line);
            row["source"] = std::string(file.line(line));
        }
        boxes.push_back(std::move(row));
    }
    for (std::size_t i = 0; i < view.arrows.size(); ++i) {
        Json path = Json::array();
        for (const Point& point : drawing.paths[i]) path.push_back({rounded(point.x), rounded(point.y)});
        arrows.push_back({{"from", view.arrows[i].from}, {"to", view.arrows[i].to}, {"path", path}});
    }
    return {
        {"width", rounded(drawing.width)}, {"height", rounded(drawing.height)}, {"boxes", boxes}, {"arrows", arrows}};
}

Json memory_json(const Program& program, const NetworkView& view) {
    Json values = Json::array();
    for (const WorkspaceValue& value : view.values) {
        values.push_back({{"layer", value.layer},
                          {"offset", value.offset},
                          {"bytes", value.bytes},
                          {"first", value.first},
                          {"last", value.last}});
    }
    return {{"bytes", program.buffer_bytes + program.item_buffer_bytes},
            {"bound", program.buffer_bytes_bound},
            {"values", values},
            {"in_use", bytes_in_use(view.values, program.calls.size())}};
}

/// Each trial; of those that were not the best so far without the candidate, which most files would be full of.
Json curves_json(const CompiledModel& model, const TuningCurves& curves) {
    Json tasks = Json::array();
    for (const auto& [task, points] : curves.tasks) {
        Json kernels = Json::array();
        for (std::size_t k = 0; k < model.program.kernels.size(); ++k)
            if (to_text(model.program.kernels[k].task) == task) kernels.push_back(k);
        Json trials = Json::array();
        double best = 0.0;
        for (const CurvePoint& point : points) {
            const bool ok = point.status == TrialStatus::ok;
            const bool is_best = ok && (best == 0.0 || point.seconds < best);
            if (is_best) best = point.seconds;
            trials.push_back({{"time", ok ? Json(point.seconds * thousand) : Json()},
                              {"status", to_text(point.status)},
                              {"candidate", is_best || !ok ? point.candidate : ""}});
        }
        tasks.push_back({{"task", task}, {"kernels", kernels}, {"trials", trials}});
    }
    Json network = Json::array();
    for (const double seconds : curves.network) network.push_back(seconds * thousand);
    return {{"cpu", curves.cpu}, {"outdated", curves.outdated}, {"network", network}, {"tasks", tasks}};
}

Json measured_json(const ReportedBuild& build, Bandwidth& bandwidth) {
    if (!build.times) return nullptr;
    const ProgramTimes& times = *build.times;
    Json json = to_json(measured_limits(times.peak_gflops, bandwidth));
    json["time"] = times.total.min() * thousand;
    json["median"] = times.total.median() * thousand;
    json["p90"] = times.total.quantile(0.9) * thousand;
    json["first"] = times.first_call * thousand;
    json["runs"] = times.total.count();
    return json;
}

}  // namespace

std::map<std::string, std::int64_t> runs_of_tasks(const Program& program) {
    std::map<std::string, std::int64_t> runs;
    for (std::size_t call = 0; call < program.calls.size(); ++call)
        runs[to_text(kernel_of(program, call).task)] += program.repetitions(call);
    return runs;
}

Json to_json(const ReportedBuild& build, const std::string& label, const Sources& sources) {
    const Program& program = build.model.program;
    const NetworkView view = view_network(build.model.graph, program);
    const LayerListing layers = list_layers(build.model.layers);
    Bandwidth bandwidth;
    Json estimate = to_json(estimated_limits(program.target, program.threads));
    estimate["time"] = estimated_seconds(build.model) * thousand;
    return {{"label", label},
            {"model", program.model},
            {"spec", build.spec},
            {"target", program.target.name},
            {"threads", program.threads},
            {"batch", program.batch},
            {"cpu", cpu_name()},
            {"weights", build.weights},
            {"why_estimated", build.why_estimated},
            {"parameters", layers.parameters},
            {"macs", layers.macs},
            {"flops", model_flops(program)},
            {"weight_bytes", program.constant_bytes},
            {"measured", measured_json(build, bandwidth)},
            {"estimate", estimate},
            {"calls", calls_json(build, bandwidth)},
            {"kernels", kernels_json(build.model)},
            {"network", network_json(build, view, sources)},
            {"memory", memory_json(program, view)},
            {"curves", curves_json(build.model, build.curves)}};
}

std::string summary_of(const ReportedBuild& build, const std::string& label) {
    const Program& program = build.model.program;
    std::string text = label.empty() ? "" : label + ": ";
    text += fmt::format("{} kernel calls for {}, batch {}, {} thread{}", program.calls.size(), program.target.name,
                        program.batch, program.threads, program.threads == 1 ? "" : "s");
    if (build.times)
        text += fmt::format("; {:.4g} ms, {:.1f} GFLOP/s, measured on {}", build.times->total.min() * thousand,
                            model_flops(program) / build.times->total.min() * 1e-9, cpu_name());
    else
        text += fmt::format("; {:.4g} million cycles by estimate ({})", estimated_seconds(build.model) * thousand,
                            build.why_estimated);
    return text;
}

}  // namespace halcyon
