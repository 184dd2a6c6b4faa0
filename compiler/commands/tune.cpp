#include <unistd.h>

#include <chrono>
#include <ctime>
#include <memory>

#include "backend/build_id.h"
#include "backend/host_cpu.h"
#include "commands/common/fma_peak.h"
#include "commands/common/load_model.h"
#include "commands/common/stop_signals.h"
#include "commands/common/table.h"
#include "commands/common/tuned_network.h"
#include "commands/common/tuning_options.h"
#include "commands/common/tuning_progress.h"
#include "commands/common/whole_decisions.h"
#include "commands/common/write_files.h"
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
            fmt::print("shard {}: {} of {} tasks; their trials are in '{}'\n", options_.shard, network_->tasks().size(),
                       all_tasks_, options_.records);
            return 0;
        }
        if (options_.effort != "low" && network_->has_chosen() && !is_stopped() && !is_out_of_time()) {
            // Written already here, so that it is there whatever becomes of the rest.
            if (!write_file_of(updated())) return 1;
            times_ = decide_by_the_whole(*network_, machine(), whole_timing(), context_);
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
                rank_worker_->work(network_->tasks(), diligence_of(limits().effort), measuring, identity(), trouble);
            } else {
                rank_worker_->leave(render(context_.diag, context_.sources));
            }
        } catch (const std::exception& error) {
            rank_worker_->leave(error.what());
        }
        context_.diag = {};
        return 0;
    }

    bool is_out_of_time() const {
        const std::optional<double> budget = parse_duration(options_.budget);
        return budget && now() >= *budget;
    }
    double now() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

    RankIdentity identity() const { return {hash_of(network_->tasks()), machine_.name}; }

    bool load() {
        if (options_.records.empty()) options_.records = default_records_file();
        if (options_.records.empty()) {
            context_.diag
                .error(Code::unusable_records, {}, "no place for records: neither HOME nor XDG_STATE_HOME is set")
                .hint = "--records names one";
            return false;
        }
        network_ = TunedNetwork::load(options_.compile, context_);
        if (!network_ || !find_machine(network_->program().target)) return false;
        all_tasks_ = network_->tasks().size();
        if (const std::optional<Shard> shard = parse_shard(options_.shard))
            network_->keep(tasks_of(*shard, network_->tasks()));
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
        machine_ = {runner_->cpu(), runner_->cpu_kind(), 0.0};
        if (!rank_worker_) fmt::print(stderr, "measuring on {}\n", machine_.name);
        return true;
    }

    bool is_stopped() const {
        return stop_requested() || (runner_ && runner_->trouble()) || (rank_worker_ && rank_worker_->is_over());
    }

    WholeTiming whole_timing() {
        const bool is_patient = options_.effort == "high";
        return {.time =
                    [this](std::span<const BuiltNetwork> networks, double seconds) {
                        return runner_ ? runner_->time_networks(networks, seconds) : time_networks(networks, seconds);
                    },
                .stop = [this] { return is_stopped() || is_out_of_time(); },
                .seconds = is_patient ? 5.0 : 1.0,
                .most_alternatives = is_patient ? 32U : 6U};
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
        const TargetInfo& target = network_->program().target;
        return {.compile =
                    [=](const std::vector<Kernel>& kernels) {
                        return try_compile_kernels(kernels, target, compile, most_compile_seconds, is_late);
                    },
                .prepare =
                    [=](const TuningTask& task) {
                        return make_problem(task.task, task.layouts, target, task.weights_between);
                    },
                .measure =
                    [this](const Problem& problem, std::span<const Contestant> contestants, double seconds) {
                        return runner_ ? runner_->try_contestants(problem, contestants, seconds)
                                       : try_contestants(problem, contestants, seconds);
                    },
                .now = [this] { return now(); },
                .stop = is_late};
    }

    void search(Records& records) {
        const Program& program = network_->program();
        const RecordLabels labels{program.target.name, machine_.name,
                                  fmt::format("Halcyon {}", halcyon_build_id().substr(0, 12)), program.model,
                                  run_name()};
        TuningProgress progress(progress_on_stderr(), parse_duration(options_.budget));
        if (fleet_) fleet_->accept(identity());
        network_->choose_best(tune(
            network_->tasks(), limits(), laboratory(), &records, labels,
            [&](const TuningNews& news) { progress(news); }, fleet_ ? &*fleet_ : nullptr));
    }

    static std::string run_name() {
        char host[64] = "";
        gethostname(host, sizeof host - 1);
        return fmt::format("{}-{}-{}", host, getpid(), std::time(nullptr));
    }

    UpdatedSchedules updated() { return network_->updated(machine()); }

    /// What measures; the peak of another machine is not known.
    const TunedNetwork::Machine& machine() {
        if (!runner_ && machine_.peak_gflops == 0.0) {
            const TargetInfo& target = network_->program().target;
            const bool fused = target.cpu_features.find("+fma") != std::string::npos || target.vector_lanes >= 16;
            machine_.peak_gflops = measure_peak_gflops(target.vector_lanes, fused, options_.compile.threads);
        }
        return machine_;
    }

    bool write_file_of(const UpdatedSchedules& update) {
        if (update.added + update.replaced + update.kept == 0 || update.text == network_->text()) return true;
        return write_file(network_->file(), update.text, context_.files, context_.diag);
    }

    bool finish() {
        const UpdatedSchedules update = updated();
        if (!write_file_of(update)) return false;
        if (network_->has_chosen()) print_tasks();
        for (const std::string& place : update.replaced_by_hand)
            fmt::print(stderr, "{}: what was written here by hand is slower; it stays as a comment\n", place);
        if (update.added + update.replaced + update.kept == 0)
            fmt::print("nothing was tuned; '{}' is as it was\n", network_->file());
        else
            fmt::print("'{}': {} tasks new, {} changed, {} as before\n", network_->file(), update.added,
                       update.replaced, update.kept);
        return true;
    }

    void print_tasks() const {
        Table table({"task", ">calls", ">trials", ">ms", ">before", "candidate"});
        for (const std::size_t i : network_->scores().numbers) {
            const TuningTask& task = network_->tasks()[i];
            const TunedTask& tuned = network_->tuned()[i];
            const std::size_t chosen = *network_->chosen()[i];
            const auto& usual = task.usual ? tuned.scores[*task.usual] : std::nullopt;
            const bool is_known = usual && usual->status == TrialStatus::ok;
            table.add({task.name, std::to_string(task.calls), std::to_string(tuned.trials),
                       fmt::format("{:.4f}", tuned.scores[chosen]->seconds * 1e3),
                       is_known ? fmt::format("{:.4f}", usual->seconds * 1e3) : "",
                       to_text(task.options[chosen].candidate, task.task)});
        }
        fmt::print("{}", table.text());
        if (times_ && times_->now.status == TrialStatus::ok && times_->before.status == TrialStatus::ok)
            fmt::print("\nthe whole network: {:.4f} ms before, {:.4f} ms now, {:.3f} x\n", times_->before.seconds * 1e3,
                       times_->now.seconds * 1e3, times_->before.seconds / times_->now.seconds);
    }

    TuningOptions options_;
    CommandContext& context_;
    std::unique_ptr<Ranks> ranks_;  ///< where mpirun has started several: as one of them
    std::optional<RankFleet> fleet_;
    std::optional<RankWorker> rank_worker_;
    std::optional<Runner> runner_;
    TunedNetwork::Machine machine_{.name = cpu_name(), .kind = cpu_kind()};
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::optional<TunedNetwork> network_;
    std::size_t all_tasks_ = 0;  ///< in all shards
    std::optional<WholeTimes> times_;
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
