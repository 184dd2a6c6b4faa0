// Measures every legal candidate of a network's hottest tasks, to judge the choices of the estimate and of the tuner. Called by
// exhaustive.py:
//
//     exhaustive HALCYON SPEC TASKS WITHIN MOST SECONDS
//
// HALCYON compiles kernels. TASKS tasks are taken, those that take most of the network's time by estimate. Of each, all candidates
// that are estimated at up to WITHIN times the least are measured, the MOST cheapest if there are more; and the tuner searches for
// SECONDS. Prints one line of JSON a task.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>

#include <nlohmann/json.hpp>

#include "backend/kernel_compiler.h"
#include "compile.h"
#include "tune/tuner.h"

namespace halcyon {
namespace {

/// First all candidates each against the least estimated, then the best of them longer, at last the few best in turns.
constexpr double first_seconds = 0.01;
constexpr double second_seconds = 0.1;
constexpr double last_seconds = 1.0;
constexpr std::size_t second_round = 16;
constexpr std::size_t last_round = 4;
constexpr std::size_t compiled_at_once = 32;
constexpr double most_compile_seconds = 60.0;

struct Options {
    std::string halcyon, spec;
    std::size_t tasks = 0;
    double within = 0.0;
    std::size_t most = 0;
    double seconds = 0.0;
};

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Judge {
public:
    Judge(const Options& options, const TuningTask& task, const TargetInfo& target)
        : options_(options), task_(task), target_(target),
          problem_(make_problem(task.task, task.layouts, target, task.weights_between)) {}

    nlohmann::ordered_json run() {
        const double begin = now();
        const std::size_t tuned = tune_alone();
        const double tuning_seconds = now() - begin;

        const std::vector<std::size_t> near = near_options();
        const std::vector<std::size_t> chosen = sample(near, options_.most);
        contestants_.insert_or_assign(0, compile({0}).at(0));
        std::vector<std::size_t> best = fastest(chosen, first_seconds, second_round);
        const std::size_t right = right_;
        best = fastest(best, second_seconds, last_round);

        // The estimate's choice, the tuner's, and the best.
        std::vector<std::size_t> last{0, tuned};
        last.insert(last.end(), best.begin(), best.end());
        std::sort(last.begin(), last.end());
        last.erase(std::unique(last.begin(), last.end()), last.end());
        const std::map<std::size_t, double> times = race(last);
        const auto is_faster = [](const auto& a, const auto& b) { return a.second < b.second; };
        const std::size_t winner = std::min_element(times.begin(), times.end(), is_faster)->first;
        return {{"task", to_text(task_.task)},
                {"name", task_.name},
                {"legal", task_.options.size()},
                {"near", near.size()},
                {"measured", chosen.size()},
                {"right", right},
                {"seconds", now() - begin - tuning_seconds},
                {"estimated", result(0, times)},
                {"tuned", result(tuned, times)},
                {"tuner_trials", tuner_trials_},
                {"tuner_seconds", tuning_seconds},
                {"best", result(winner, times)},
                {"best_rank", winner + 1}};
    }

private:
    /// By cost: the first is what the estimate chooses.
    [[nodiscard]] std::vector<std::size_t> near_options() const {
        std::vector<std::size_t> near;
        for (std::size_t i = 0; i < task_.options.size(); ++i)
            if (task_.options[i].cost <= options_.within * task_.options.front().cost) near.push_back(i);
        return near;
    }

    static std::vector<std::size_t> sample(const std::vector<std::size_t>& all, std::size_t most) {
        if (all.size() <= most) return all;
        const std::size_t cheapest = most / 2;
        const std::size_t others = most - cheapest;
        std::vector<std::size_t> some(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(cheapest));
        for (std::size_t i = 0; i < others; ++i) some.push_back(all[cheapest + (all.size() - cheapest) * i / others]);
        return some;
    }

    [[nodiscard]] nlohmann::ordered_json result(std::size_t option, const std::map<std::size_t, double>& times) const {
        return {{"candidate", to_text(task_.options[option].candidate, task_.task)}, {"ms", times.at(option) * 1e3}};
    }

    [[nodiscard]] KernelCompileOptions compiler() const {
        KernelCompileOptions options;
        options.program_path = options_.halcyon;
        return options;
    }

    /// What could be compiled.
    std::map<std::size_t, Contestant> compile(const std::vector<std::size_t>& numbers) {
        std::vector<Kernel> kernels;
        for (std::size_t number : numbers) kernels.push_back({task_.task, task_.options[number].candidate, task_.name});
        const std::vector<CompiledTrial> compiled =
            try_compile_kernels(kernels, target_, compiler(), most_compile_seconds, [] { return false; });
        std::map<std::size_t, Contestant> contestants;
        for (std::size_t i = 0; i < compiled.size(); ++i) {
            const Option& option = task_.options[numbers[i]];
            if (compiled[i].kernel)
                contestants.insert_or_assign(numbers[i],
                                             Contestant{option.candidate, *compiled[i].kernel, option.max_error});
        }
        return contestants;
    }

    /// The fastest of these, each timed in turns with the least estimated; those that are wrong or crash are left out.
    std::vector<std::size_t> fastest(const std::vector<std::size_t>& numbers, double seconds, std::size_t count) {
        std::vector<std::pair<double, std::size_t>> ratios;
        for (std::size_t begin = 0; begin < numbers.size(); begin += compiled_at_once) {
            const auto first = numbers.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto end =
                numbers.begin() + static_cast<std::ptrdiff_t>(std::min(begin + compiled_at_once, numbers.size()));
            for (auto& [number, contestant] : compile({first, end})) {
                const std::vector<Contestant> both{contestants_.at(0), contestant};
                const TrialResult result = try_contestants(problem_, both, seconds);
                if (result.status != TrialStatus::ok || !result.timings[1].right) continue;
                ratios.emplace_back(result.timings[1].seconds / result.timings[0].seconds, number);
            }
        }
        right_ = ratios.size();
        std::sort(ratios.begin(), ratios.end());
        ratios.resize(std::min(count, ratios.size()));
        std::vector<std::size_t> best;
        for (const auto& [ratio, number] : ratios) best.push_back(number);
        return best;
    }

    std::map<std::size_t, double> race(const std::vector<std::size_t>& numbers) {
        std::map<std::size_t, Contestant> compiled = compile(numbers);
        std::vector<Contestant> all;
        for (std::size_t number : numbers) all.push_back(compiled.at(number));
        const TrialResult result = try_contestants(problem_, all, last_seconds);
        std::map<std::size_t, double> times;
        for (std::size_t i = 0; i < result.timings.size(); ++i)
            if (result.timings[i].right) times[numbers[i]] = result.timings[i].seconds;
        return times;
    }

    /// What `halcyon tune` finds for this task alone, which knows of no records.
    std::size_t tune_alone() {
        std::vector<TuningTask> alone{task_};
        alone.front().usual.reset();
        const double begin = now();
        const Laboratory laboratory{.compile =
                                        [&](const std::vector<Kernel>& kernels) {
                                            return try_compile_kernels(
                                                kernels, target_, compiler(), most_compile_seconds,
                                                [&] { return now() - begin > options_.seconds; });
                                        },
                                    .prepare = [&](const TuningTask&) { return problem_; },
                                    .measure = try_contestants,
                                    .now = now,
                                    .stop = [] { return false; }};
        const std::vector<TunedTask> tuned = tune(
            alone, {.effort = Effort::medium, .trials = {}, .seconds = options_.seconds}, laboratory, nullptr, {}, {});
        tuner_trials_ = tuned.front().trials;
        return tuned.front().best.value_or(0);
    }

    const Options& options_;
    const TuningTask& task_;
    const TargetInfo& target_;
    const Problem problem_;
    std::map<std::size_t, Contestant> contestants_;
    std::size_t right_ = 0, tuner_trials_ = 0;
};

int judge(const Options& options) {
    Sources sources;
    const DiskFiles files;
    Diagnostics diag;
    CompileOptions compile;
    compile.spec = options.spec;
    compile.program_path = options.halcyon;
    std::optional<std::vector<Graph>> graphs = elaborate_spec(compile, sources, files, diag);
    std::optional<CompiledModel> model;
    if (graphs) model = plan_model(std::move(graphs->front()), compile, sources, files, diag);
    if (!model) {
        fmt::print(stderr, "{}", render(diag, sources));
        return 1;
    }
    std::vector<TuningTask> tasks = tuning_tasks(model->program, compile.max_error);
    std::stable_sort(tasks.begin(), tasks.end(), [](const TuningTask& a, const TuningTask& b) {
        const auto share = [](const TuningTask& task) {
            return static_cast<double>(task.runs) * task.options.front().cost;
        };
        return share(a) > share(b);
    });
    tasks.resize(std::min(options.tasks, tasks.size()));
    for (const TuningTask& task : tasks) {
        fmt::print("{}\n", Judge(options, task, model->program.target).run().dump());
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace
}  // namespace halcyon

int main(int count, char** words) {
    if (count != 7) {
        fmt::print(stderr, "usage: exhaustive HALCYON SPEC TASKS WITHIN MOST SECONDS\n");
        return 2;
    }
    return halcyon::judge({words[1], words[2], std::strtoul(words[3], nullptr, 10), std::strtod(words[4], nullptr),
                           std::strtoul(words[5], nullptr, 10), std::strtod(words[6], nullptr)});
}
