#include "commands/common/tuned_network.h"

#include <algorithm>

#include "commands/common/load_model.h"
#include "commands/common/overlaid_file.h"
#include "plan/weight_budget.h"

namespace halcyon {
namespace {

constexpr std::uint64_t most_schedule_bytes = 16u << 20;

/// SPEC.hcs where --schedules names no file.
std::string schedule_file(const CompileOptions& options) {
    if (!options.schedules.empty()) return options.schedules;
    const std::string spec = split_spec(options.spec).file;
    const std::string path = join_path(folder_of(spec), stem_of(spec) + ".hcs");
    return folder_of(spec) == "." && path.starts_with("./") ? path.substr(2) : path;
}

std::string figures(const TuningTask& task, const TunedTask& tuned, std::size_t option, double peak_gflops) {
    const double seconds = tuned.scores.at(option)->seconds;
    const double work = flops(task.task);
    const double share = work > 0.0 && peak_gflops > 0.0 ? work / seconds * 1e-9 / peak_gflops : 0.0;
    return to_text(TunedFigures{seconds, work, share, tuned.trials});
}

}  // namespace

std::optional<TunedNetwork> TunedNetwork::load(CompileOptions options, CommandContext& context) {
    options.schedules = schedule_file(options);
    TunedNetwork network(std::move(options), context);
    if (context.files.exists(network.file())) {
        FileResult<std::string> read = context.files.read(network.file(), most_schedule_bytes);
        if (const auto* error = std::get_if<FileError>(&read)) {
            context.diag.error(Code::unreadable_file, {}, "cannot read '{}': {}", network.file(), error->message);
            return std::nullopt;
        }
        network.text_ = std::get<std::string>(std::move(read));
    }
    std::optional<Graph> layers = load_graph(context, network.options_);
    if (!layers) return std::nullopt;
    network.layers_ = *std::move(layers);
    std::optional<CompiledModel> before = network.plan_with(network.text_);
    if (!before) return std::nullopt;
    network.before_ = *std::move(before);
    if (!network.text_.empty()) {
        Diagnostics known;  // planning has reported what is wrong
        network.schedules_ =
            Schedules::parse(context.sources, context.sources.add(network.file(), network.text_), known);
    }
    network.tasks_ = tuning_tasks(network.program(), network.options_.exact ? 0.0 : network.options_.max_error);
    network.plan.choices = network.before_.whole;
    return network;
}

std::optional<CompiledModel> TunedNetwork::plan_with(const std::string& text) const {
    const OverlaidFile files(context_->files, file(), text.empty() ? "halcyon-schedules 1\n" : text);
    return plan_model(layers_, options_, context_->sources, files, context_->diag);
}

void TunedNetwork::choose_best(std::vector<TunedTask> tuned) {
    tuned_ = std::move(tuned);
    chosen_.clear();
    for (const TunedTask& task : tuned_) chosen_.push_back(task.best);
    const Scores known = scores();
    std::vector<std::size_t> options;
    for (const TaskScores& task : known.tasks) options.push_back(task.best);
    const double plain_bytes = static_cast<double>(plain_constant_bytes(program()));
    fit_bytes(known.tasks, options, static_cast<std::int64_t>(weights_growth_of(options_) * plain_bytes));
    for (std::size_t i = 0; i < options.size(); ++i) chosen_[known.numbers[i]] = options[i];
}

bool TunedNetwork::has_chosen() const {
    return std::any_of(chosen_.begin(), chosen_.end(), [](const auto& option) { return option.has_value(); });
}

void TunedNetwork::choose_usual() {
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
        const std::optional<std::size_t> usual = tasks_[i].usual;
        if (chosen_[i] && usual && tuned_[i].scores[*usual]) chosen_[i] = usual;
    }
}

TunedNetwork::Scores TunedNetwork::scores() const {
    Scores all;
    for (std::size_t i = 0; i < tuned_.size(); ++i) {
        if (!chosen_[i]) continue;
        all.tasks.push_back({tasks_[i].options, tuned_[i].scores, *chosen_[i], tasks_[i].calls, tasks_[i].runs});
        all.numbers.push_back(i);
    }
    return all;
}

UpdatedSchedules TunedNetwork::updated(const Machine& machine) const {
    std::vector<TunedEntry> entries;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
        if (!chosen_[i]) continue;
        const TuningTask& task = tasks_[i];
        const Candidate& candidate = task.options[*chosen_[i]].candidate;
        const std::string calls = task.calls > 1 ? fmt::format(" and {} more", task.calls - 1) : "";
        entries.push_back({to_text(task.task), candidate, to_text(candidate, task.task),
                           figures(task, tuned_[i], *chosen_[i], machine.peak_gflops),
                           fmt::format("{}: {}{}", program().model, task.name, calls)});
    }
    if (plan.choices != before_.whole) {
        entries.push_back({network_task(layers_.name, options_.batch, options_.threads), to_candidate(plan.choices),
                           to_text(plan.choices), to_text(TunedFigures{plan.seconds, 0.0, 0.0, plan.trials}),
                           fmt::format("{}: what is fused, and how values lie", layers_.name)});
    }
    return update_schedules(text_, schedules_, entries, program().target.name, machine.kind);
}

}  // namespace halcyon
