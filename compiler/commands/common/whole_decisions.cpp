#include "commands/common/whole_decisions.h"

#include <utility>

#include "backend/weights_blob.h"
#include "commands/common/load_model.h"

namespace halcyon {
namespace {

/// A network with its kernels and weights.
struct Built {
    CompiledModel model;
    std::vector<CompiledKernel> kernels;
    std::string blob;
    [[nodiscard]] BuiltNetwork network() const { return {model.program, kernels, blob}; }
    [[nodiscard]] bool computes_as(const CompiledModel& other) const {
        return to_text(model.program) == to_text(other.program);
    }
};

class WholeDecisions {
public:
    WholeDecisions(TunedNetwork& network, const TunedNetwork::Machine& machine, const WholeTiming& timing,
                   CommandContext& context)
        : network_(network), machine_(machine), timing_(timing), context_(context) {}

    std::optional<WholeTimes> decide() {
        const CompileOptions& options = network_.options();
        const std::optional<ModelWeights> weights =
            load_weights(network_.layers(), split_spec(options.spec).file, options.weights, context_.diag);
        if (!weights) return std::nullopt;
        weights_ = weights->source;
        std::optional<Built> before = build(network_.text());
        best_ = build(text());
        if (!before || !best_) return std::nullopt;
        const std::vector<BuiltNetwork> both{before->network(), best_->network()};
        const std::vector<Score> first = timing_.time(both, timing_.seconds);
        const bool is_same = best_->computes_as(before->model);
        before.reset();
        if (!is_same && beats(first[0], first[1])) {
            network_.choose_usual();
            fmt::print(stderr, "the whole network is slower with what is faster task by task: it stays as it was\n");
            return WholeTimes{first[0], first[0]};
        }
        now_ = first[1];
        decide_plan();
        decide_tasks();
        return WholeTimes{first[0], now_};
    }

private:
    std::string text() const { return network_.updated(machine_).text; }

    std::optional<Built> build(const std::string& schedules) {
        std::optional<CompiledModel> model = network_.plan_with(schedules);
        return model ? std::optional(build(*std::move(model))) : std::nullopt;
    }

    Built build(CompiledModel model) {
        KernelCompileOptions compile = kernel_options(context_);
        compile.report = nullptr;
        std::vector<CompiledKernel> kernels = compile_kernels(model.program, compile, context_.diag);
        std::string blob = pack_weights(model.program, weights_);
        return {std::move(model), std::move(kernels), std::move(blob)};
    }

    bool replace_if_faster(std::optional<Built> other) {
        if (!other) return false;
        const std::vector<BuiltNetwork> pair{best_->network(), other->network()};
        const std::vector<Score> times = timing_.time(pair, timing_.seconds);
        if (!beats(times[1], times[0])) return false;
        best_.reset();
        best_ = std::move(other);
        now_.seconds *= times[1].seconds / times[0].seconds;
        return true;
    }

    /// Each choice of the network's plan the other way round. Tasks that only the other plan has are not tuned yet: they take what
    /// is near, or estimated.
    void decide_plan() {
        TunedNetwork::Plan& plan = network_.plan;
        for (const NetworkChoice& choice : network_choices) {
            if (timing_.stop()) return;
            const TunedNetwork::Plan usual = plan;
            plan.choices.*choice.value = !(plan.choices.*choice.value);
            plan.seconds = now_.seconds;
            std::optional<CompiledModel> model = network_.plan_with(text());
            const bool differs = model && !best_->computes_as(*model);
            if (!differs || !replace_if_faster(build(*std::move(model)))) {
                plan.choices = usual.choices;
            } else {
                plan.seconds = now_.seconds;
                fmt::print(stderr,
                           "the whole network is faster with {} {:d}; tuned once more, tasks that are new may gain\n",
                           choice.name, plan.choices.*choice.value);
            }
            plan.trials = usual.trials + (differs ? 1 : 0);
        }
    }

    /// Kernels of another family, or with fewer bytes of weights, that were nearly as fast alone.
    void decide_tasks() {
        const TunedNetwork::Scores scores = network_.scores();
        std::size_t looked_at = 0;
        for (const Alternative& alternative : alternatives_of(scores.tasks)) {
            if (timing_.stop() || ++looked_at > timing_.most_alternatives) return;
            const std::size_t number = scores.numbers[alternative.task];
            const TuningTask& task = network_.tasks()[number];
            const std::size_t usual = *network_.chosen()[number];
            network_.choose(number, alternative.option);
            if (!replace_if_faster(build(text()))) {
                network_.choose(number, usual);
                continue;
            }
            fmt::print(stderr, "{}: {} makes the whole network faster than {}, which is faster alone\n", task.name,
                       task.options[alternative.option].candidate.family, task.options[usual].candidate.family);
        }
    }

    TunedNetwork& network_;
    const TunedNetwork::Machine& machine_;
    const WholeTiming& timing_;
    CommandContext& context_;
    WeightSource weights_;
    std::optional<Built> best_;
    Score now_;
};

}  // namespace

std::optional<WholeTimes> decide_by_the_whole(TunedNetwork& network, const TunedNetwork::Machine& machine,
                                              const WholeTiming& timing, CommandContext& context) {
    return WholeDecisions(network, machine, timing, context).decide();
}

}  // namespace halcyon
