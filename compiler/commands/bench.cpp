#include <cstdio>
#include <map>
#include <memory>

#include "commands/common/bandwidth.h"
#include "commands/common/load_model.h"
#include "commands/common/model_options.h"
#include "commands/common/table.h"
#include "commands/common/time_program.h"

#include <nlohmann/json.hpp>

namespace halcyon::commands {
namespace {

struct Options {
    CompileOptions compile;
    bool json = false;
    bool why = false;
};

nlohmann::ordered_json to_json(const Program& program, const ProgramTimes& measured, int threads) {
    const auto rates = [&](nlohmann::ordered_json& json, double work, double seconds) {
        json["gflops"] = work / seconds * 1e-9;
        json["peak_share"] = work / seconds * 1e-9 / measured.peak_gflops;
    };
    nlohmann::ordered_json total{{"min_ms", measured.total.min() * 1e3},
                                 {"median_ms", measured.total.median() * 1e3},
                                 {"p90_ms", measured.total.quantile(0.9) * 1e3}};
    rates(total, model_flops(program), measured.total.min());
    nlohmann::ordered_json kernels = nlohmann::ordered_json::array();
    for (std::size_t call = 0; call < program.calls.size(); ++call) {
        const Kernel& kernel = program.kernels[static_cast<std::size_t>(program.calls[call].kernel)];
        const double seconds = measured.calls[call].min();
        nlohmann::ordered_json row{{"task", to_text(kernel.task)},
                                   {"layer", program.calls[call].layer},
                                   {"candidate", to_text(kernel.candidate, kernel.task)},
                                   {"min_ms", seconds * 1e3}};
        rates(row, call_flops(program, call), seconds);
        kernels.push_back(std::move(row));
    }
    return {{"model", program.model}, {"target", program.target.name},
            {"threads", threads},     {"batch", program.batch},
            {"total", total},         {"kernels", kernels}};
}

void print_total(const Program& program, const ProgramTimes& measured, const ModelWeights& weights, int threads) {
    const Latencies& total = measured.total;
    const double gflops = model_flops(program) / total.min() * 1e-9;
    fmt::print("{}: target {}, {} thread{}, batch {}, weights {}\n", program.model, program.target.name, threads,
               threads == 1 ? "" : "s", program.batch, weights.description);
    fmt::print("min {:.4f} ms, median {:.4f}, p90 {:.4f}, p99.9 {:.4f} of {} calls; the first took {:.4f} ms\n",
               total.min() * 1e3, total.median() * 1e3, total.quantile(0.9) * 1e3, total.quantile(0.999) * 1e3,
               total.count(), measured.first_call * 1e3);
    fmt::print(
        "{:.1f} GFLOP/s, {:.0f} % of the {:.1f} GFLOP/s of multiply-adds that this machine reached in the same run\n\n",
        gflops, 100.0 * gflops / measured.peak_gflops, measured.peak_gflops);
}

/// One call, or those that compute the bands of one layer, with the copies of rows between them.
struct Line {
    std::string layer, kernel;
    std::vector<std::size_t> calls;
    double seconds = 0.0, work = 0.0;
};

/// In order of the first calls.
std::vector<Line> lines_of(const Program& program, const ProgramTimes& measured) {
    std::vector<Line> lines;
    std::map<std::string, std::size_t> line_of_bands;
    for (std::size_t call = 0; call < program.calls.size(); ++call) {
        const KernelCall& step = program.calls[call];
        const std::string& kernel = program.kernels[static_cast<std::size_t>(step.kernel)].name;
        std::size_t number = lines.size();
        if (step.origin.is_band()) number = line_of_bands.try_emplace(step.layer, number).first->second;
        if (number == lines.size()) lines.push_back({step.layer, kernel, {}, 0.0, 0.0});
        Line& line = lines[number];
        line.calls.push_back(call);
        line.seconds += measured.calls[call].min();
        line.work += call_flops(program, call);
        if (step.origin.node >= 0 && step.origin.first_row > 0) line.kernel = fmt::format("{}, in bands", kernel);
    }
    return lines;
}

/// The kernels at their fastest; with `why`, which roof is over each and how near it comes.
void print_kernels(const Program& program, const ProgramTimes& measured, bool why) {
    double sum = 0.0;
    for (const Latencies& call : measured.calls) sum += call.min();
    std::vector<std::string_view> titles{"layer", "kernel", ">min ms", ">share", ">GFLOP/s", ">of peak"};
    if (why) titles.insert(titles.end(), {">MFLOP", ">KiB moved", ">GB/s", "bound by", ">roof ms", ">reached"});
    Table table(titles);
    Bandwidth bandwidth;
    for (const Line& line : lines_of(program, measured)) {
        const double seconds = line.seconds;
        const double gflops = line.work / seconds * 1e-9;
        std::vector<std::string> row{line.layer,
                                     line.kernel,
                                     fmt::format("{:.4f}", seconds * 1e3),
                                     fmt::format("{:.1f} %", 100.0 * seconds / sum),
                                     fmt::format("{:.1f}", gflops),
                                     fmt::format("{:.0f} %", 100.0 * gflops / measured.peak_gflops)};
        if (why) {
            const auto rate = [&](double bytes) { return bandwidth.gigabytes_per_second(bytes); };
            Roof roof = roof_of(program, line.calls.front(), measured.peak_gflops, rate);
            for (std::size_t i = 1; i < line.calls.size(); ++i) {
                const Roof further = roof_of(program, line.calls[i], measured.peak_gflops, rate);
                roof.bytes += further.bytes;
                roof.seconds += further.seconds;
            }
            row.insert(row.end(),
                       {fmt::format("{:.2f}", line.work * 1e-6), fmt::format("{:.1f}", roof.bytes / 1024),
                        fmt::format("{:.1f}", roof.memory_rate), roof.is_arithmetic ? "arithmetic" : "memory",
                        fmt::format("{:.4f}", roof.seconds * 1e3),
                        fmt::format("{:.0f} %", 100.0 * roof.seconds / seconds)});
        }
        table.add(std::move(row));
    }
    fmt::print("{}", table.text());
    if (why) {
        fmt::print("\nGB/s: what one thread reads from a working set of that size here. Roof: the longer of arithmetic "
                   "at the peak and\n"
                   "every operand and result moved once; reached: its share of the time taken.\n");
    }
}

int run(const Options& options, CommandContext& context) {
    std::optional<RunnableModel> runnable = load_runnable(context, options.compile);
    if (!runnable) return 1;
    const int threads = options.compile.threads;
    const ProgramTimes measured = time_program(*runnable, threads);
    const Program& program = runnable->model.program;
    if (options.json) {
        fmt::print("{}\n", to_json(program, measured, threads).dump(2));
        return 0;
    }
    print_total(program, measured, runnable->weights, threads);
    print_kernels(program, measured, options.why);
    return 0;
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    options->compile.weights.initialize_missing = true;
    add_model_options(app, options->compile);
    add_batch_option(app, options->compile);
    app.add_flag("--json", options->json, "for machines");
    app.add_flag("--why", options->why, "what bounds each kernel, and how near it comes");
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command bench_command;
const Command bench_command{"bench", "Times a model: in all, and kernel by kernel.", declare};

}  // namespace halcyon::commands
