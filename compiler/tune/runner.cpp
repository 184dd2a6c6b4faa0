#include "tune/runner.h"

#include <fmt/format.h>

#include "halcyon/interface.h"
#include "tune/command_process.h"

namespace halcyon {

std::optional<Runner> Runner::start(const TargetInfo& target, RunnerOptions options, std::string& why) {
    if (target.wasm) {
        why = "WebAssembly has no programs that a command could run";
        return std::nullopt;
    }
    if (options.compiler.empty()) options.compiler = TrialLinker::usual_compiler(target);
    if (options.compiler.empty()) {
        why = fmt::format("no C compiler is known for '{}'", target.name);
        return std::nullopt;
    }
    std::optional<TrialLinker> linker = TrialLinker::make(target, options.compiler, why);
    if (!linker) return std::nullopt;
    Runner runner(*std::move(linker), std::move(options));
    const std::optional<std::string> program = runner.linker_.link({}, why);
    if (!program) return std::nullopt;
    const CommandEnd end = run_command(runner.options_.command, {*program}, runner.options_.seconds);
    const std::optional<TrialAnswer> answer = trial_answer_in(end.output);
    if (end.ending != CommandEnd::Ending::done || !answer) {
        why = fmt::format("the runner '{}' does not run programs: {}", runner.options_.command,
                          end.how.empty() ? "the program's line of JSON is not in its output" : end.how);
        return std::nullopt;
    }
    runner.here_ = *answer;
    return runner;
}

TrialResult Runner::lost(std::string trouble) {
    trouble_ = std::move(trouble);
    TrialResult result{TrialStatus::crashed, {}, *trouble_};
    result.lost = true;
    return result;
}

bool Runner::still_works() {
    std::string why;
    const std::optional<std::string> program = linker_.link({}, why);
    if (!program) return false;
    const CommandEnd end = run_command(options_.command, {*program}, options_.seconds);
    const std::optional<TrialAnswer> answer = trial_answer_in(end.output);
    return end.ending == CommandEnd::Ending::done && answer && answer->cpu == here_.cpu;
}

TrialResult Runner::measure(const TrialPlan& plan) {
    if (trouble_) return lost(*trouble_);
    std::string why;
    const std::optional<std::string> program = linker_.link(plan, why);
    if (!program) return {TrialStatus::crashed, {}, why};
    const CommandEnd end = run_command(options_.command, {*program},
                                       options_.seconds + plan.seconds * static_cast<double>(plan.entrants.size()));
    const std::optional<TrialAnswer> answer =
        end.ending == CommandEnd::Ending::done ? trial_answer_in(end.output) : std::nullopt;
    if (answer && answer->cpu != here_.cpu)
        return lost(fmt::format("the runner runs on another CPU now: '{}', '{}' before", answer->cpu, here_.cpu));
    if (answer && answer->status == HALCYON_ERROR_CPU)
        return lost("the CPU behind the runner lacks instructions that the target has");
    if (answer && answer->status == 0 && answer->timings.size() == plan.entrants.size())
        return {TrialStatus::ok, answer->timings, ""};
    if (!still_works()) return lost(fmt::format("the runner '{}' does not run programs any more", options_.command));
    const bool hung = end.ending == CommandEnd::Ending::too_slow;
    return {hung ? TrialStatus::hung : TrialStatus::crashed, {}, end.how.empty() ? "no answer" : end.how};
}

TrialResult Runner::try_contestants(const Problem& problem, std::span<const Contestant> contestants, double seconds) {
    return measure(trial_plan(problem, contestants, seconds));
}

std::vector<Score> Runner::time_networks(std::span<const BuiltNetwork> networks, double seconds) {
    const TrialResult result = measure(trial_plan(networks, seconds));
    std::vector<Score> scores(networks.size(), {result.status});
    if (result.status != TrialStatus::ok) return scores;
    for (std::size_t i = 0; i < scores.size(); ++i)
        scores[i] = {TrialStatus::ok, result.timings[i].seconds, result.timings[i].noise};
    return scores;
}

}  // namespace halcyon
