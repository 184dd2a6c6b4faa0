#include "tune/tuner.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include <doctest/doctest.h>

#include "kernels/family_revision.h"

namespace halcyon::testing {
namespace {

namespace fs = std::filesystem;

std::string fresh_path(const std::string& name) {
    const fs::path folder = fs::path(HALCYON_TEST_SCRATCH) / "tuner" / name;
    fs::remove_all(folder);
    fs::create_directories(folder);
    return (folder / "records.db").string();
}

/// A task of its own name with candidates 0, 1, 2, ... of which analysis thinks the less the smaller they are.
TuningTask task_of(std::int64_t channels, int candidates, int runs = 1) {
    TuningTask task;
    task.task.operation.op = Op::max_pool;
    task.task.operation.window = {{2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}};
    task.task.inputs = {{ElementType::float32, {1, 8, 8, channels}}};
    task.task.output = {ElementType::float32, {1, 4, 4, channels}};
    task.layouts.inputs = {dense_layout(task.task.inputs[0].shape)};
    task.layouts.output = dense_layout(task.task.output.shape);
    for (int i = 0; i < candidates; ++i) {
        Option option;
        option.candidate = task.layouts;
        option.candidate.family = "pool";
        option.candidate.parameters = {{"tile", {i}}};
        option.cost = 1.0 + i;
        task.options.push_back(option);
    }
    task.name = "pool_" + std::to_string(channels);
    task.calls = runs;
    task.runs = runs;
    return task;
}

int number_of(const Contestant& contestant) {
    return contestant.candidate.value("tile");
}

/// A machine that exists in the test only: candidates take what `truth` says, unless something is wrong with them.
struct FakeMachine {
    std::function<double(int)> truth = [](int number) { return 1.0 + 0.1 * std::abs(number - 6); };
    std::set<int> does_not_compile, compiles_forever, crashes, hangs, wrong;
    double noise = 0.0;
    double drift = 0.0;  ///< by which share all get slower with each trial
    double luck = 0.0;   ///< by which share a short trial finds a challenger faster than it is
    std::size_t stop_after = SIZE_MAX;

    std::atomic<double> clock = 0.0;  // read while another thread compiles
    std::size_t trials = 0;
    std::map<int, int> measured;

    Laboratory laboratory() {
        return {.compile = [this](const std::vector<Kernel>& kernels) { return compile(kernels); },
                .prepare = [](const TuningTask& task) { return Problem{task.task, task.layouts, {}, {}, {}, {}, 0}; },
                .measure = [this](const Problem&, std::span<const Contestant> contestants,
                                  double seconds) { return measure(contestants, seconds); },
                .now = [this] { return clock.load(); },
                .stop = [this] { return trials >= stop_after; }};
    }

    std::vector<CompiledTrial> compile(const std::vector<Kernel>& kernels) {
        std::vector<CompiledTrial> compiled;
        for (const Kernel& kernel : kernels) {
            const int number = kernel.candidate.value("tile");
            clock += 1.0;
            if (does_not_compile.count(number) != 0)
                compiled.push_back({std::nullopt, false, "signal 6"});
            else if (compiles_forever.count(number) != 0)
                compiled.push_back({std::nullopt, true, "no end"});
            else
                compiled.push_back({CompiledKernel{}, false, ""});
        }
        return compiled;
    }

    TrialResult measure(std::span<const Contestant> contestants, double seconds) {
        ++trials;
        clock += seconds * static_cast<double>(contestants.size());
        const int last = number_of(contestants.back());
        ++measured[last];
        if (crashes.count(last) != 0) return {TrialStatus::crashed, {}, "signal 11"};
        if (hangs.count(last) != 0) return {TrialStatus::hung, {}, "no end"};
        TrialResult result;
        for (const Contestant& contestant : contestants) {
            const int number = number_of(contestant);
            const bool is_lucky = contestants.size() > 1 && number == last && seconds < 0.05;
            const double slower = (1.0 + drift * static_cast<double>(trials)) * (is_lucky ? 1.0 - luck : 1.0);
            result.timings.push_back({truth(number) * slower, noise, 0.0, wrong.count(number) == 0});
        }
        return result;
    }
};

/// Workers that do their rounds at once, on a machine of their own, and tell of it when they are asked.
class FakeFleet final : public Fleet {
public:
    FakeFleet(FakeMachine& machine, const std::vector<TuningTask>& tasks, Effort effort, int workers)
        : laboratory_(machine.laboratory()), worker_(tasks, diligence_of(effort), laboratory_) {
        for (int worker = 1; worker <= workers; ++worker) news_.emplace_back(Joined{worker});
    }
    /// The worker leaves after so many trials.
    void let_leave(int worker, int trials) { leaves_[worker] = trials; }

    void send(int worker, const RoundOrder& order) override {
        ++rounds[worker];
        const auto leaves = [&, this] { return leaves_.count(worker) != 0 && leaves_[worker] == 0; };
        const auto tell = [&, this](std::size_t option, const Score& score) {
            if (leaves()) return;
            news_.emplace_back(Trial{worker, option, score});
            if (leaves_.count(worker) != 0) --leaves_[worker];
        };
        worker_.perform(order, leaves, tell);
        if (leaves())
            news_.emplace_back(Left{worker});
        else
            news_.emplace_back(Done{worker});
    }
    std::vector<News> news() override { return std::exchange(news_, {}); }
    std::vector<News> end() override { return std::exchange(news_, {}); }

    std::map<int, int> rounds;

private:
    Laboratory laboratory_;
    RoundWorker worker_;
    std::vector<News> news_;
    std::map<int, int> leaves_;
};

struct Run {
    std::vector<TunedTask> tuned;
    std::vector<TuningNews> news;
};

Run tune_on(FakeMachine& machine, const std::vector<TuningTask>& tasks, const TuningLimits& limits = {},
            Records* records = nullptr, const std::string& cpu = "this one", Fleet* fleet = nullptr) {
    Run run;
    run.tuned = tune(
        tasks, limits, machine.laboratory(), records, {"x86-64-v4", cpu, "0", "net", "run"},
        [&](const TuningNews& news) { run.news.push_back(news); }, fleet);
    return run;
}

/// Each candidate with its last score, whoever measured it.
std::set<std::tuple<std::string, std::string, TrialStatus, double>> findings(const Records& records) {
    std::set<std::tuple<std::string, std::string, TrialStatus, double>> found;
    for (const TrialRecord& record : records.all())
        found.emplace(record.task, record.candidate, record.status, record.nanoseconds);
    return found;
}

Records opened(const std::string& path) {
    Diagnostics diag;
    std::optional<Records> records = Records::open(path, diag);
    REQUIRE(records);
    return *std::move(records);
}

}  // namespace

TEST_CASE("the fastest candidate is found, wherever analysis puts it") {
    FakeMachine machine;
    const std::vector<TuningTask> tasks{task_of(8, 12)};
    const Run run = tune_on(machine, tasks);
    CHECK(run.tuned[0].best == 6);
    CHECK(run.tuned[0].trials <= 12);
}

TEST_CASE("candidates that fail cost themselves alone, and are recorded as what they are") {
    FakeMachine machine;
    machine.does_not_compile = {0};
    machine.compiles_forever = {1};
    machine.crashes = {2};
    machine.hangs = {3};
    machine.wrong = {6};
    machine.truth = [](int number) { return number == 6 ? 0.1 : 1.0 + 0.1 * std::abs(number - 7); };
    Records records = opened(fresh_path("failures"));
    const std::vector<TuningTask> tasks{task_of(8, 12)};
    const Run run = tune_on(machine, tasks, {}, &records);
    CHECK(run.tuned[0].best == 7);
    std::map<std::string, TrialStatus> statuses;
    for (const TrialRecord& record : records.all())
        statuses[record.candidate.substr(record.candidate.find("tile"))] = record.status;
    CHECK(statuses["tile 0"] == TrialStatus::crashed);
    CHECK(statuses["tile 1"] == TrialStatus::hung);
    CHECK(statuses["tile 2"] == TrialStatus::crashed);
    CHECK(statuses["tile 3"] == TrialStatus::hung);
    CHECK(statuses["tile 6"] == TrialStatus::wrong_answer);
    CHECK(statuses["tile 7"] == TrialStatus::ok);
}

TEST_CASE("a task of which nothing is right has no best") {
    FakeMachine machine;
    for (int i = 0; i < 12; ++i) machine.crashes.insert(i);
    const std::vector<TuningTask> tasks{task_of(8, 12)};
    CHECK_FALSE(tune_on(machine, tasks).tuned[0].best.has_value());
}

TEST_CASE("a machine that gets slower all the time does not make the first candidate the best") {
    FakeMachine machine;
    machine.drift = 0.05;
    const std::vector<TuningTask> tasks{task_of(8, 12)};
    const Run run = tune_on(machine, tasks);
    REQUIRE(run.tuned[0].best == 6);
    // In the terms of the first trial, not of the slow end.
    CHECK(run.tuned[0].scores[6]->seconds == doctest::Approx(machine.truth(6) * 1.05));
}

TEST_CASE("a time does not sink from one lucky winner to the next") {
    FakeMachine machine;
    machine.truth = [](int) { return 1.0; };
    machine.luck = 0.1;
    const Run run = tune_on(machine, {task_of(8, 40)});
    REQUIRE(run.tuned[0].best.has_value());
    CHECK(run.tuned[0].scores[*run.tuned[0].best]->seconds > 0.85);
    CHECK(run.tuned[0].trials > 16);
}

TEST_CASE("where the noise is larger than all differences the first candidate stays") {
    FakeMachine machine;
    machine.noise = 2.0;
    const std::vector<TuningTask> tasks{task_of(8, 12)};
    CHECK(tune_on(machine, tasks).tuned[0].best == 0);
}

TEST_CASE("what the program has stays unless it is beaten by more than the noise") {
    FakeMachine machine;
    machine.truth = [](int number) { return number == 4 ? 1.0 : 0.995; };
    std::vector<TuningTask> tasks{task_of(8, 12)};
    tasks[0].usual = 4;
    CHECK(tune_on(machine, tasks).tuned[0].best == 4);
    machine.truth = [](int number) { return number == 4 ? 1.0 : number == 5 ? 0.5 : 0.995; };
    CHECK(tune_on(machine, tasks).tuned[0].best == 5);
}

TEST_CASE("a limit of trials holds for all tasks together") {
    FakeMachine machine;
    const std::vector<TuningTask> tasks{task_of(8, 12), task_of(16, 12)};
    const Run run = tune_on(machine, tasks, {.trials = 10});
    CHECK(run.tuned[0].trials + run.tuned[1].trials == 10);
    CHECK(run.tuned[0].best.has_value());
    CHECK(run.tuned[1].best.has_value());
}

TEST_CASE("when time is over the best so far is kept") {
    FakeMachine machine;
    machine.truth = [](int number) { return 1.0 - 0.01 * number; };
    const std::vector<TuningTask> tasks{task_of(8, 500)};
    const Run run = tune_on(machine, tasks, {.seconds = 20.0});
    CHECK(run.tuned[0].best.has_value());
    CHECK(run.tuned[0].trials < 30);
    CHECK(machine.clock.load() < 30.0);
}

TEST_CASE("the user's wish to stop is obeyed after the running trial") {
    FakeMachine machine;
    machine.stop_after = 3;
    const std::vector<TuningTask> tasks{task_of(8, 500)};
    const Run run = tune_on(machine, tasks);
    CHECK(machine.trials == 3);
    CHECK(run.tuned[0].trials == 3);
    CHECK(run.tuned[0].best.has_value());
}

TEST_CASE("what records know is not measured again, and a second run goes on where the first ended") {
    Records records = opened(fresh_path("resumed"));
    const std::vector<TuningTask> tasks{task_of(8, 40)};
    FakeMachine first;
    tune_on(first, tasks, {.trials = 8}, &records);
    FakeMachine second;
    const Run run = tune_on(second, tasks, {.trials = 8}, &records);
    for (const auto& [number, times] : first.measured) CHECK(second.measured.count(number) == 0);
    CHECK(run.tuned[0].trials == 16);
    FakeMachine third;
    const Run again = tune_on(third, tasks, {.trials = 0}, &records);
    CHECK(third.trials == 0);
    CHECK(again.tuned[0].best == run.tuned[0].best);
}

TEST_CASE("times from records are those of the run that wrote them, to the last bit") {
    Records records = opened(fresh_path("last_bit"));
    const std::vector<TuningTask> tasks{task_of(8, 40)};
    FakeMachine machine;
    machine.truth = [](int number) { return (520.75 + number / 7.0) * 1e-9; };
    const Run run = tune_on(machine, tasks, {.effort = Effort::high}, &records);
    const Run again = tune_on(machine, tasks, {.trials = 0}, &records);
    std::size_t compared = 0;
    for (std::size_t option = 0; option < run.tuned[0].scores.size(); ++option) {
        const auto &before = run.tuned[0].scores[option], &after = again.tuned[0].scores[option];
        REQUIRE(before.has_value() == after.has_value());
        if (!before) continue;
        CHECK(before->seconds == after->seconds);
        ++compared;
    }
    CHECK(compared > 20);
}

TEST_CASE("records of another CPU say nothing") {
    Records records = opened(fresh_path("other_cpu"));
    const std::vector<TuningTask> tasks{task_of(8, 12)};
    FakeMachine first, second;
    tune_on(first, tasks, {}, &records);
    const Run run = tune_on(second, tasks, {}, &records, "that one");
    CHECK(second.measured.count(0) == 1);
    CHECK(run.tuned[0].best == 6);
}

TEST_CASE("the low effort measures a few candidates and the high one many") {
    const std::vector<TuningTask> tasks{task_of(8, 300)};
    std::vector<std::size_t> trials;
    for (const Effort effort : {Effort::low, Effort::medium, Effort::high}) {
        FakeMachine machine;
        trials.push_back(tune_on(machine, tasks, {.effort = effort}).tuned[0].trials);
    }
    CHECK(trials[0] <= 8);
    CHECK(trials[1] > trials[0]);
    CHECK(trials[2] > trials[1]);
    CHECK(trials[1] <= 64);
}

TEST_CASE("the news tell the estimated time of the network and the gain so far") {
    FakeMachine machine;
    const std::vector<TuningTask> tasks{task_of(8, 12, 3)};
    const Run run = tune_on(machine, tasks);
    REQUIRE(!run.news.empty());
    CHECK(run.news.back().network_seconds == doctest::Approx(3 * machine.truth(6)));
    CHECK(run.news.back().gain == doctest::Approx(machine.truth(0) / machine.truth(6)));
    for (std::size_t i = 1; i < run.news.size(); ++i) CHECK(run.news[i].gain >= run.news[i - 1].gain);
}

TEST_CASE("a fleet ends with the records that one machine would have, and the same best") {
    const std::vector<TuningTask> tasks{task_of(8, 40), task_of(16, 40), task_of(24, 40), task_of(32, 12)};
    Records alone = opened(fresh_path("alone")), together = opened(fresh_path("together"));
    FakeMachine one, here, there;
    for (FakeMachine* machine : {&one, &here, &there}) {
        machine->crashes = {3, 11};
        machine->wrong = {8};
    }
    const Run expected = tune_on(one, tasks, {}, &alone);
    FakeFleet fleet(there, tasks, Effort::medium, 3);
    const Run run = tune_on(here, tasks, {}, &together, "this one", &fleet);
    CHECK(there.trials > 0);
    CHECK(findings(together) == findings(alone));
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        CHECK(run.tuned[i].best == expected.tuned[i].best);
        CHECK(run.tuned[i].trials == expected.tuned[i].trials);
    }
}

TEST_CASE("what a worker that leaves had begun is done by the others") {
    const std::vector<TuningTask> tasks{task_of(8, 12), task_of(16, 12)};
    FakeMachine here, there;
    FakeFleet fleet(there, tasks, Effort::medium, 2);
    fleet.let_leave(1, 2);
    fleet.let_leave(2, 0);
    const Run run = tune_on(here, tasks, {}, nullptr, "this one", &fleet);
    CHECK(fleet.rounds == std::map<int, int>{{1, 1}, {2, 1}});
    for (const TunedTask& task : run.tuned) CHECK(task.best == 6);
}

TEST_CASE("a limit of trials holds for a fleet and this machine together") {
    const std::vector<TuningTask> tasks{task_of(8, 40), task_of(16, 40), task_of(24, 40)};
    FakeMachine here, there;
    FakeFleet fleet(there, tasks, Effort::medium, 2);
    const Run run = tune_on(here, tasks, {.trials = 19}, nullptr, "this one", &fleet);
    std::size_t trials = 0;
    for (const TunedTask& task : run.tuned) trials += task.trials;
    CHECK(trials == 19);
}

TEST_CASE("a laboratory that is gone costs no candidate anything") {
    FakeMachine machine;
    const std::vector<TuningTask> tasks{task_of(8, 12)};
    Laboratory laboratory = machine.laboratory();
    bool is_gone = false;
    const auto measure = laboratory.measure;
    laboratory.measure = [&](const Problem& problem, std::span<const Contestant> contestants, double seconds) {
        is_gone = machine.trials >= 3;
        TrialResult result = measure(problem, contestants, seconds);
        result.lost = is_gone;
        return result;
    };
    laboratory.stop = [&] { return is_gone; };
    Records records = opened(fresh_path("gone"));
    const std::vector<TunedTask> tuned = tune(tasks, {}, laboratory, &records, {}, {});
    CHECK(records.all().size() == 3);
    CHECK(tuned[0].trials == 3);
    CHECK(tuned[0].best.has_value());
}

TEST_CASE("a task with one candidate is not tuned") {
    FakeMachine machine;
    const std::vector<TuningTask> tasks{task_of(8, 1)};
    CHECK(tune_on(machine, tasks).tuned[0].trials == 0);
    CHECK(machine.trials == 0);
}

}  // namespace halcyon::testing
