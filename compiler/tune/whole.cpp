#include "tune/whole.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include <nlohmann/json.hpp>

#include "backend/loaded_program.h"
#include "support/check.h"
#include "tune/pinning.h"
#include "tune/trial.h"
#include "tune/watched.h"

namespace halcyon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double grace_seconds = 120.0;
constexpr std::size_t least_runs = 8;
constexpr double worth_a_look = 1.1;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<Timing> race(std::span<const BuiltNetwork> networks, double seconds) {
    const int threads = networks.front().program.threads;
    pin_to_cpus(threads);
    std::vector<std::unique_ptr<LoadedProgram>> loaded;
    for (const auto& [program, kernels, blob] : networks)
        loaded.push_back(std::make_unique<LoadedProgram>(program, kernels, blob));
    // Zeros are as fast as any numbers, and no door's type has a zero of other bytes.
    std::vector<std::string> memory;
    std::vector<const void*> inputs;
    std::vector<void*> outputs;
    const Program& first = networks.front().program;
    for (std::size_t door = 0; door < first.inputs.size(); ++door)
        memory.emplace_back(loaded.front()->input_bytes(static_cast<int>(door)), '\0');
    for (std::size_t door = 0; door < first.outputs.size(); ++door)
        memory.emplace_back(loaded.front()->output_bytes(static_cast<int>(door)), '\0');
    for (std::size_t door = 0; door < memory.size(); ++door) {
        if (door < first.inputs.size())
            inputs.push_back(memory[door].data());
        else
            outputs.push_back(memory[door].data());
    }
    std::vector<std::vector<double>> runs(networks.size());
    const Clock::time_point begin = Clock::now();
    const double whole = seconds * static_cast<double>(networks.size());
    for (std::size_t round = 0; round <= least_runs || seconds_since(begin) < whole; ++round) {
        for (std::size_t i = 0; i < networks.size(); ++i) {
            const Clock::time_point start = Clock::now();
            CHECK_INTERNAL(loaded[i]->run(inputs, outputs, threads) == 0);
            if (round > 0) runs[i].push_back(seconds_since(start));  // the first warms up
        }
    }
    std::vector<Timing> timings;
    for (const std::vector<double>& each : runs) timings.push_back(timing_of(each));
    return timings;
}

std::int64_t bytes_of(const TaskScores& task, std::size_t option) {
    return task.options[option].bytes * task.calls;
}

bool is_right(const TaskScores& task, std::size_t option) {
    return task.scores[option] && task.scores[option]->status == TrialStatus::ok;
}

}  // namespace

std::vector<Score> time_networks(std::span<const BuiltNetwork> networks, double seconds) {
    const Watched watched = run_watched(
        [&] {
            nlohmann::json list = nlohmann::json::array();
            for (const Timing& timing : race(networks, seconds)) list.push_back({timing.seconds, timing.noise});
            return list.dump();
        },
        seconds * static_cast<double>(networks.size()) + grace_seconds);
    std::vector<Score> scores;
    if (watched.ending != Watched::Ending::done) {
        const bool hung = watched.ending == Watched::Ending::hung;
        scores.resize(networks.size(), {hung ? TrialStatus::hung : TrialStatus::crashed});
        return scores;
    }
    for (const nlohmann::json& one : nlohmann::json::parse(watched.output))
        scores.push_back({TrialStatus::ok, one.at(0), one.at(1)});
    return scores;
}

std::vector<Alternative> alternatives_of(std::span<const TaskScores> tasks) {
    std::vector<Alternative> all;
    for (std::size_t number = 0; number < tasks.size(); ++number) {
        const TaskScores& task = tasks[number];
        const double best_seconds = task.scores[task.best]->seconds;
        std::optional<Alternative> nearest;
        for (std::size_t option = 0; option < task.options.size(); ++option) {
            if (option == task.best || !is_right(task, option)) continue;
            const bool other_family = task.options[option].candidate.family != task.options[task.best].candidate.family;
            const bool smaller = 10 * task.options[option].bytes < 9 * task.options[task.best].bytes;
            const double seconds = task.scores[option]->seconds;
            if ((!other_family && !smaller) || seconds > worth_a_look * best_seconds) continue;
            const double loss = static_cast<double>(task.runs) * (seconds - best_seconds);
            if (!nearest || loss < nearest->loss) nearest = {number, option, loss};
        }
        if (nearest) all.push_back(*nearest);
    }
    std::sort(all.begin(), all.end(), [](const Alternative& a, const Alternative& b) { return a.loss < b.loss; });
    return all;
}

void fit_bytes(std::span<const TaskScores> tasks, std::vector<std::size_t>& options, std::int64_t most_bytes) {
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < tasks.size(); ++i) bytes += bytes_of(tasks[i], options[i]);
    while (bytes > most_bytes) {
        double least_price = 0.0;
        std::optional<std::pair<std::size_t, std::size_t>> step;
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            for (std::size_t option = 0; option < tasks[i].options.size(); ++option) {
                const std::int64_t saved = bytes_of(tasks[i], options[i]) - bytes_of(tasks[i], option);
                if (!is_right(tasks[i], option) || saved <= 0) continue;
                const double lost = static_cast<double>(tasks[i].runs) *
                                    (tasks[i].scores[option]->seconds - tasks[i].scores[options[i]]->seconds);
                const double price = lost / static_cast<double>(saved);
                if (step && price >= least_price) continue;
                least_price = price;
                step = {i, option};
            }
        }
        if (!step) return;
        bytes -= bytes_of(tasks[step->first], options[step->first]) - bytes_of(tasks[step->first], step->second);
        options[step->first] = step->second;
    }
}

}  // namespace halcyon
