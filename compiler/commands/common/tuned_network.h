#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/command.h"
#include "compile.h"
#include "schedule/update_schedules.h"
#include "tune/tuner.h"
#include "tune/whole.h"

namespace halcyon {

/// A network on its way to faster schedules: what its schedule file says, what trials have found, and what is chosen of that.
class TunedNetwork {
public:
    /// The network as the schedule file has it now, and its tasks; nothing after a mistake, which is reported.
    [[nodiscard]] static std::optional<TunedNetwork> load(CompileOptions options, CommandContext& context);

    [[nodiscard]] const CompileOptions& options() const { return options_; }
    /// Where the schedule file is, or will be.
    [[nodiscard]] const std::string& file() const { return options_.schedules; }
    /// Its text as it was; empty where there was none.
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const Graph& layers() const { return layers_; }
    [[nodiscard]] const Program& program() const { return before_.program; }

    [[nodiscard]] const std::vector<TuningTask>& tasks() const { return tasks_; }
    /// From now on these alone.
    void keep(std::vector<TuningTask> tasks) { tasks_ = std::move(tasks); }
    /// One a task.
    [[nodiscard]] const std::vector<TunedTask>& tuned() const { return tuned_; }
    /// What trials have found, of which the best is chosen. Packed constants keep to their budget: entries of a schedule file are
    /// taken as they are, so that it is kept here.
    void choose_best(std::vector<TunedTask> tuned);

    /// An option a task, nothing for tasks of which none was right.
    [[nodiscard]] const std::vector<std::optional<std::size_t>>& chosen() const { return chosen_; }
    [[nodiscard]] bool has_chosen() const;
    void choose(std::size_t task, std::size_t option) { chosen_.at(task) = option; }
    /// What was in use before, where it was measured.
    void choose_usual();
    /// Tasks that have a best, by what is chosen, and their numbers.
    struct Scores {
        std::vector<TaskScores> tasks;
        std::vector<std::size_t> numbers;
    };
    [[nodiscard]] Scores scores() const;

    /// What is fused and how values lie, and how long the whole network takes so.
    struct Plan {
        NetworkPlan choices;
        double seconds = 0.0;
        std::size_t trials = 0;
    };
    Plan plan;

    /// The network under a schedule file of this text; nothing after a mistake, which is reported.
    [[nodiscard]] std::optional<CompiledModel> plan_with(const std::string& text) const;
    /// The file's text with what is chosen now. `cpu_kind` has measured, and `peak_gflops` is what it can do in multiply-adds; 0
    /// where that is not known.
    struct Machine {
        std::string name, kind;
        double peak_gflops = 0.0;
    };
    [[nodiscard]] UpdatedSchedules updated(const Machine& machine) const;

private:
    TunedNetwork(CompileOptions options, CommandContext& context) : options_(std::move(options)), context_(&context) {}

    CompileOptions options_;
    CommandContext* context_;
    std::string text_;
    Graph layers_;
    Schedules schedules_;
    CompiledModel before_;
    std::vector<TuningTask> tasks_;
    std::vector<TunedTask> tuned_;
    std::vector<std::optional<std::size_t>> chosen_;
};

}  // namespace halcyon
