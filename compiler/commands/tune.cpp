#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>

#include "backend/build_id.h"
#include "backend/host_cpu.h"
#include "backend/weights_blob.h"
#include "commands/common/fma_peak.h"
#include "commands/common/load_model.h"
#include "commands/common/overlaid_file.h"
#include "commands/common/stop_signals.h"
#include "commands/common/table.h"
#include "commands/common/tuning_options.h"
#include "commands/common/tuning_progress.h"
#include "commands/common/write_files.h"
#include "plan/weight_budget.h"
#include "schedule/update_schedules.h"
#include "support/check.h"
#include "tune/ranks.h"
#include "tune/runner.h"
#include "tune/shard.h"
#include "tune/tuner.h"
#include "tune/whole.h"

namespace halcyon::commands {
namespace {

/// What the last decisions, by timing the whole network, may take of a budget.
constexpr double share_for_tasks = 0.85;
/// A kernel that takes longer to compile will not be worth it.
constexpr double most_compile_seconds = 120.0;

/// A network with its kernels and weights.
struct Built {
    CompiledModel model;
    std::vector<CompiledKernel> kernels;
    std::string blob;
    [[nodiscard]] BuiltNetwork network() const { return {model.program, kernels, blob}; }
};

class Tuning {
public:
    Tuning(TuningOptions options, CommandContext& context) : options_(std::move(options)), context_(context) {}

    int run() {
        hold_stop_signals();
        if (options_.shard.empty() && is_one_of_several_ranks() && !start_ranks()) return 2;
        // Hours later something else may stand under its name: an update, or nothing.
        context_.program_path = "/proc/self/exe";
        if (rank_worker_) return work_for_rank_0();
        std::optional<Records> records;
        if (load()) records = Records::open(options_.records, context_.diag);
        if (!records) {
            if (fleet_) (void)fleet_->end();  // they wait
            return 1;
        }
        search(*records);
        if (const auto& trouble = records->trouble())
            context_.diag.warning(Code::unusable_records, {}, "trials are missing in '{}': {}", options_.records,
                                  *trouble);
        if (runner_ && runner_->trouble())
            context_.diag.error(Code::cannot_run_here, {}, "{}", *runner_->trouble()).hint =
                "what was measured before is kept; the same command goes on from there";
        if (!options_.shard.empty()) {
            fmt::print("shard {}: {} of {} tasks; their trials are in '{}'\n", options_.shard, tasks_.size(),
                       all_tasks_, options_.records);
            return 0;
        }
        decide_bytes();
        // Written already here, so that it is there whatever becomes of the rest.
        if (options_.effort != "low" && has_chosen() && !is_stopped() && !is_out_of_time()) {
            if (!write_file_of(updated())) return 1;
            decide_by_the_whole();
        }
        return finish() ? 0 : 1;
    }

private:
    bool start_ranks() {
        std::string why;
        ranks_ = Ranks::start(context_.program_path, why);
        if (!ranks_) {
            fmt::print(
                stderr,
                "halcyon: there are several of us, as by mpirun, and this Halcyon was built without MPI or cannot use "
                "it: {}\n`--shard I/N` divides the work without.\n",
                why);
            return false;
        }
        if (ranks_->rank() == 0)
            fleet_.emplace(*ranks_);
        else
            rank_worker_.emplace(*ranks_);
        return true;
    }

    /// Neither records nor schedules: rank 0 keeps both. A mistake is rank 0's to tell, and a status other than 0 would make
    /// mpirun end everybody.
    int work_for_rank_0() {
        try {
            if (load()) {
                const Laboratory measuring = laboratory();
                const auto trouble = [this] { return runner_ ? runner_->trouble() : std::nullopt; };
                rank_worker_->work(tasks_, diligence_of(limits().effort), measuring, {hash_of(tasks_), machine_.name},
                                   trouble);
            } else {
                rank_worker_->leave(render(context_.diag, context_.sources));
            }
        } catch (const std::exception& error) {
            rank_worker_->leave(error.what());
        }
        context_.diag = {};
        return 0;
    }

    bool has_chosen() const {
        return std::any_of(chosen_.begin(), chosen_.end(), [](const auto& option) { return option.has_value(); });
    }
    bool is_out_of_time() const {
        const std::optional<double> budget = parse_duration(options_.budget);
        return budget && now() >= *budget;
    }
    double now() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

    /// The network as the schedule file has it now, and its tasks.
    bool load() {
        if (options_.records.empty()) options_.records = default_records_file();
        if (options_.records.empty()) {
            context_.diag
                .error(Code::unusable_records, {}, "no place for records: neither HOME nor XDG_STATE_HOME is set")
                .hint = "--records names one";
            return false;
        }
        const SpecPath spec = split_spec(options_.compile.spec);
        path_ = options_.compile.schedules;
        if (path_.empty()) path_ = join_path(folder_of(spec.file), stem_of(spec.file) + ".hcs");
        if (folder_of(spec.file) == "." && path_.starts_with("./")) path_ = path_.substr(2);
        if (context_.files.exists(path_)) {
            FileResult<std::string> read = context_.files.read(path_, most_schedule_bytes);
            if (const auto* error = std::get_if<FileError>(&read)) {
                context_.diag.error(Code::unreadable_file, {}, "cannot read '{}': {}", path_, error->message);
                return false;
            }
            text_ = std::get<std::string>(std::move(read));
        }
        const std::optional<Graph> graph = load_graph(context_, options_.compile);
        if (!graph) return false;
        layers_ = *graph;
        std::optional<CompiledModel> model = plan_with(text_);
        if (!model) return false;
        if (!find_machine(model->program.target)) return false;
        before_ = std::move(model);
        if (!text_.empty()) {
            Diagnostics known;  // planning has reported what is wrong
            schedules_ = Schedules::parse(context_.sources, context_.sources.add(path_, text_), known);
        }
        const double max_error = options_.compile.exact ? 0.0 : options_.compile.max_error;
        tasks_ = tuning_tasks(before_->program, max_error);
        all_tasks_ = tasks_.size();
        plan_ = before_->whole;
        if (const std::optional<Shard> shard = parse_shard(options_.shard))
            tasks_ = tasks_of(*shard, std::move(tasks_));
        return true;
    }

    /// What measures: this machine, or what the runner reaches.
    bool find_machine(const TargetInfo& target) {
        if (options_.runner.command.empty()) {
            if (!runs_here(target))
                context_.diag
                    .error(Code::cannot_run_here, {}, "code for '{}' does not run on this machine",
                           options_.compile.target)
                    .hint = "--runner names a command that runs programs where it does";
            return runs_here(target);
        }
        std::string why;
        runner_ = Runner::start(target, options_.runner, why);
        if (!runner_) {
            context_.diag.error(Code::cannot_run_here, {}, "cannot measure for '{}': {}", target.name, why).hint =
                "--runner gets the path of a static program and passes on what it prints; --cc names the C compiler "
                "that "
                "links it";
            return false;
        }
        machine_ = {runner_->cpu(), runner_->cpu_kind()};
        if (!rank_worker_) fmt::print(stderr, "measuring on {}\n", machine_.name);
        return true;
    }

    bool is_stopped() const {
        return stop_requested() || (runner_ && runner_->trouble()) || (rank_worker_ && rank_worker_->is_over());
    }

    std::vector<Score> time_whole(std::span<const BuiltNetwork> networks, double seconds) {
        return runner_ ? runner_->time_networks(networks, seconds) : time_networks(networks, seconds);
    }

    /// The network under a schedule file of this text.
    std::optional<CompiledModel> plan_with(const std::string& text) {
        CompileOptions compile = options_.compile;
        compile.schedules = path_;
        const OverlaidFile files(context_.files, path_, text.empty() ? "halcyon-schedules 1\n" : text);
        return plan_model(layers_, compile, context_.sources, files, context_.diag);
    }

    TuningLimits limits() const {
        TuningLimits limits{options_.effort == "low"    ? Effort::low
                            : options_.effort == "high" ? Effort::high
                                                        : Effort::medium,
                            options_.trials, parse_duration(options_.budget)};
        if (limits.seconds && options_.effort != "low" && options_.shard.empty()) *limits.seconds *= share_for_tasks;
        return limits;
    }

    Laboratory laboratory() {
        KernelCompileOptions compile = kernel_options(context_);
        compile.report = nullptr;
        const auto is_late = [this, seconds = limits().seconds] {
            return is_stopped() || (seconds && now() > *seconds);
        };
        const TargetInfo& target = before_->program.target;
        return {.compile =
                    [=](const std::vector<Kernel>& kernels) {
                        return try_compile_kernels(kernels, target, compile, most_compile_seconds, is_late);
                    },
                .prepare = [=](const TuningTask& task) { return make_problem(task.task, task.layouts, target); },
                .measure =
                    [this](const Problem& problem, std::span<const Contestant> contestants, double seconds) {
                        return runner_ ? runner_->try_contestants(problem, contestants, seconds)
                                       : try_contestants(problem, contestants, seconds);
                    },
                .now = [this] { return now(); },
                .stop = is_late};
    }

    void search(Records& records) {
        const RecordLabels labels{before_->program.target.name, machine_.name,
                                  fmt::format("Halcyon {}", halcyon_build_id().substr(0, 12)), before_->program.model,
                                  run_name()};
        TuningProgress progress(progress_on_stderr(), parse_duration(options_.budget));
        if (fleet_) fleet_->accept({hash_of(tasks_), machine_.name});
        tuned_ = tune(
            tasks_, limits(), laboratory(), &records, labels, [&](const TuningNews& news) { progress(news); },
            fleet_ ? &*fleet_ : nullptr);
        for (const TunedTask& task : tuned_) chosen_.push_back(task.best);
    }

    static std::string run_name() {
        char host[64] = "";
        gethostname(host, sizeof host - 1);
        return fmt::format("{}-{}-{}", host, getpid(), std::time(nullptr));
    }

    /// Tasks that have a best.
    std::vector<TaskScores> scores(std::vector<std::size_t>& numbers) const {
        std::vector<TaskScores> all;
        for (std::size_t i = 0; i < tuned_.size(); ++i) {
            if (!chosen_[i]) continue;
            all.push_back({tasks_[i].options, tuned_[i].scores, *chosen_[i], tasks_[i].calls, tasks_[i].runs});
            numbers.push_back(i);
        }
        return all;
    }

    /// Entries of a schedule file are taken as they are: what constants may take is kept here.
    void decide_bytes() {
        std::vector<std::size_t> numbers;
        const std::vector<TaskScores> tasks = scores(numbers);
        std::vector<std::size_t> options;
        for (const TaskScores& task : tasks) options.push_back(task.best);
        const double growth = weights_growth_of(options_.compile);
        fit_bytes(tasks, options,
                  static_cast<std::int64_t>(growth * static_cast<double>(plain_constant_bytes(before_->program))));
        for (std::size_t i = 0; i < numbers.size(); ++i) chosen_[numbers[i]] = options[i];
    }

    /// The file's text with the options that are chosen now.
    UpdatedSchedules updated() const {
        std::vector<TunedEntry> entries;
        for (std::size_t i = 0; i < tasks_.size(); ++i) {
            if (!chosen_[i]) continue;
            const TuningTask& task = tasks_[i];
            const Candidate& candidate = task.options[*chosen_[i]].candidate;
            const std::string calls = task.calls > 1 ? fmt::format(" and {} more", task.calls - 1) : "";
            entries.push_back({to_text(task.task), candidate, to_text(candidate, task.task), figures(i),
                               fmt::format("{}: {}{}", before_->program.model, task.name, calls)});
        }
        if (plan_ != before_->whole) {
            entries.push_back({network_task(layers_.name, options_.compile.batch, options_.compile.threads),
                               to_candidate(plan_), to_text(plan_),
                               to_text(TunedFigures{whole_->seconds, 0.0, 0.0, plans_timed_}),
                               fmt::format("{}: what is fused, and how values lie", layers_.name)});
        }
        return update_schedules(text_, schedules_, entries, before_->program.target.name, machine_.kind);
    }

    std::string figures(std::size_t number) const {
        const double seconds = tuned_[number].scores[*chosen_[number]]->seconds;
        const double work = flops(tasks_[number].task);
        // The peak of another machine is not known.
        const double share = work > 0.0 && !runner_ ? work / seconds * 1e-9 / peak() : 0.0;
        return to_text(TunedFigures{seconds, work, share, tuned_[number].trials});
    }

    double peak() const {
        if (!peak_) {
            const TargetInfo& target = before_->program.target;
            const bool fused = target.cpu_features.find("+fma") != std::string::npos || target.vector_lanes >= 16;
            peak_ = measure_peak_gflops(target.vector_lanes, fused, options_.compile.threads);
        }
        return *peak_;
    }

    std::optional<Built> build(const std::string& text, const WeightSource& weights) {
        std::optional<CompiledModel> model = plan_with(text);
        if (!model) return std::nullopt;
        KernelCompileOptions compile = kernel_options(context_);
        compile.report = nullptr;
        std::vector<CompiledKernel> kernels = compile_kernels(model->program, compile, context_.diag);
        std::string blob = pack_weights(model->program, weights);
        return Built{*std::move(model), std::move(kernels), std::move(blob)};
    }

    /// The tuned network against what it was, and against itself with one task computed in another way.
    void decide_by_the_whole() {
        const std::optional<ModelWeights> weights =
            load_weights(layers_, split_spec(options_.compile.spec).file, options_.compile.weights, context_.diag);
        if (!weights) return;
        std::optional<Built> before = build(text_, weights->source);
        std::optional<Built> best = build(updated().text, weights->source);
        if (!before || !best) return;
        const std::vector<BuiltNetwork> both{before->network(), best->network()};
        const double seconds = options_.effort == "high" ? 5.0 : 1.0;
        const std::vector<Score> first = time_whole(both, seconds);
        whole_before_ = first[0];
        whole_ = first[1];
        const bool is_same = to_text(before->model.program) == to_text(best->model.program);
        before.reset();
        if (!is_same && beats(first[0], first[1])) {
            for (std::size_t i = 0; i < tasks_.size(); ++i) {
                const std::optional<std::size_t> usual = tasks_[i].usual;
                if (chosen_[i] && usual && tuned_[i].scores[*usual]) chosen_[i] = usual;
            }
            whole_ = whole_before_;
            fmt::print(stderr, "the whole network is slower with what is faster task by task: it stays as it was\n");
            return;
        }
        decide_plan(best, weights->source, seconds);
        std::vector<std::size_t> numbers;
        const std::vector<TaskScores> tasks = scores(numbers);
        const std::size_t most = options_.effort == "high" ? 32 : 6;
        std::size_t looked_at = 0;
        for (const Alternative& alternative : alternatives_of(tasks)) {
            if (is_stopped() || ++looked_at > most || is_out_of_time()) break;
            const std::size_t number = numbers[alternative.task];
            const std::size_t usual = *std::exchange(chosen_[number], alternative.option);
            if (replace_if_faster(best, build(updated().text, weights->source), seconds)) {
                fmt::print(stderr, "{}: {} makes the whole network faster than {}, which is faster alone\n",
                           tasks_[number].name, tasks_[number].options[alternative.option].candidate.family,
                           tasks_[number].options[usual].candidate.family);
            } else {
                chosen_[number] = usual;
            }
        }
    }

    bool replace_if_faster(std::optional<Built>& best, std::optional<Built> other, double seconds) {
        const std::vector<BuiltNetwork> pair{best->network(), other->network()};
        const std::vector<Score> times = time_whole(pair, seconds);
        if (!beats(times[1], times[0])) return false;
        best.reset();
        best = std::move(other);
        whole_->seconds *= times[1].seconds / times[0].seconds;
        return true;
    }

    /// Each choice of the network's plan the other way round. Tasks that only the other plan has are not tuned yet: they take what
    /// is near, or estimated.
    void decide_plan(std::optional<Built>& best, const WeightSource& weights, double seconds) {
        for (const NetworkChoice& choice : network_choices) {
            if (is_stopped() || is_out_of_time()) return;
            const NetworkPlan usual = plan_;
            plan_.*choice.value = !(plan_.*choice.value);
            const std::string text = updated().text;
            const std::optional<CompiledModel> model = plan_with(text);
            const bool differs = model && to_text(model->program) != to_text(best->model.program);
            if (differs) ++plans_timed_;
            if (!differs || !replace_if_faster(best, build(text, weights), seconds)) {
                plan_ = usual;
                continue;
            }
            fmt::print(stderr,
                       "the whole network is faster with {} {:d}; tuned once more, tasks that are new may gain\n",
                       choice.name, plan_.*choice.value);
        }
    }

    bool write_file_of(const UpdatedSchedules& update) {
        if (update.added + update.replaced + update.kept == 0 || update.text == text_) return true;
        return write_file(path_, update.text, context_.files, context_.diag);
    }

    bool finish() {
        const UpdatedSchedules update = updated();
        if (!write_file_of(update)) return false;
        if (has_chosen()) print_tasks();
        for (const std::string& place : update.replaced_by_hand)
            fmt::print(stderr, "{}: what was written here by hand is slower; it stays as a comment\n", place);
        if (update.added + update.replaced + update.kept == 0)
            fmt::print("nothing was tuned; '{}' is as it was\n", path_);
        else
            fmt::print("'{}': {} tasks new, {} changed, {} as before\n", path_, update.added, update.replaced,
                       update.kept);
        return true;
    }

    void print_tasks() const {
        Table table({"task", ">calls", ">trials", ">ms", ">before", "candidate"});
        for (std::size_t i = 0; i < tasks_.size(); ++i) {
            if (!chosen_[i]) continue;
            const auto& scores = tuned_[i].scores;
            const auto& usual = tasks_[i].usual ? scores[*tasks_[i].usual] : std::nullopt;
            const bool is_known = usual && usual->status == TrialStatus::ok;
            table.add({tasks_[i].name, std::to_string(tasks_[i].calls), std::to_string(tuned_[i].trials),
                       fmt::format("{:.4f}", scores[*chosen_[i]]->seconds * 1e3),
                       is_known ? fmt::format("{:.4f}", usual->seconds * 1e3) : "",
                       to_text(tasks_[i].options[*chosen_[i]].candidate, tasks_[i].task)});
        }
        fmt::print("{}", table.text());
        if (whole_ && whole_->status == TrialStatus::ok && whole_before_->status == TrialStatus::ok)
            fmt::print("\nthe whole network: {:.4f} ms before, {:.4f} ms now, {:.3f} x\n", whole_before_->seconds * 1e3,
                       whole_->seconds * 1e3, whole_before_->seconds / whole_->seconds);
    }

    static constexpr std::uint64_t most_schedule_bytes = 16u << 20;

    TuningOptions options_;
    CommandContext& context_;
    std::unique_ptr<Ranks> ranks_;  ///< where mpirun has started several: as one of them
    std::optional<RankFleet> fleet_;
    std::optional<RankWorker> rank_worker_;
    std::optional<Runner> runner_;
    struct {
        std::string name = cpu_name(), kind = cpu_kind();
    } machine_;
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::string path_, text_;  ///< of the schedule file, as it was
    Graph layers_;
    Schedules schedules_;
    std::optional<CompiledModel> before_;
    std::vector<TuningTask> tasks_;
    std::size_t all_tasks_ = 0;  ///< in all shards
    std::vector<TunedTask> tuned_;
    std::vector<std::optional<std::size_t>> chosen_;  ///< an option for each task
    std::optional<Score> whole_before_, whole_;
    NetworkPlan plan_;  ///< chosen
    std::size_t plans_timed_ = 0;
    mutable std::optional<double> peak_;
};

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<TuningOptions>();
    add_tuning_options(app, *options);
    return [options](CommandContext& context) {
        options->runner.seconds = *parse_duration(options->runner_timeout);
        return Tuning(*options, context).run();
    };
}

}  // namespace

extern const Command tune_command;
const Command tune_command{"tune", "Searches the fastest schedules for a model on this machine.", declare};

}  // namespace halcyon::commands
