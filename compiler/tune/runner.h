#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tune/trial_answer.h"
#include "tune/trial_program.h"

namespace halcyon {

struct RunnerOptions {
    std::string command;   ///< of the shell; gets the path of a static executable and passes its standard output on
    std::string compiler;  ///< for C on the target; empty: TrialLinker::usual_compiler
    double seconds = 0.0;  ///< what a run may take besides the measurement itself
};

/// Measures on another machine, or under an emulator, through a command.
class Runner {
public:
    /// Runs a program without candidates, which says what CPU is there. Nothing where that fails, and `why`.
    [[nodiscard]] static std::optional<Runner> start(const TargetInfo& target, RunnerOptions options, std::string& why);

    /// One word, and what records say.
    [[nodiscard]] const std::string& cpu_kind() const { return here_.cpu_kind; }
    [[nodiscard]] const std::string& cpu() const { return here_.cpu; }

    /// As try_contestants and time_networks of this machine. What went wrong is a candidate's fault only as long as the program
    /// without candidates runs on the same CPU as at first: else it is trouble, and the result is lost.
    [[nodiscard]] TrialResult try_contestants(const Problem& problem, std::span<const Contestant> contestants,
                                              double seconds);
    [[nodiscard]] std::vector<Score> time_networks(std::span<const BuiltNetwork> networks, double seconds);

    /// Why nothing can be measured any more, if so.
    [[nodiscard]] const std::optional<std::string>& trouble() const { return trouble_; }

private:
    Runner(TrialLinker linker, RunnerOptions options) : linker_(std::move(linker)), options_(std::move(options)) {}
    [[nodiscard]] TrialResult measure(const TrialPlan& plan);
    [[nodiscard]] bool still_works();
    TrialResult lost(std::string trouble);

    TrialLinker linker_;
    RunnerOptions options_;
    TrialAnswer here_;
    std::optional<std::string> trouble_;
};

}  // namespace halcyon
