#include "tune/trial.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include <nlohmann/json.hpp>

#include "backend/loaded_program.h"
#include "support/check.h"
#include "tune/pinning.h"
#include "tune/trial_memory.h"
#include "tune/watched.h"

namespace halcyon {
namespace {

using Clock = std::chrono::steady_clock;

/// A run is timed as part of a block that takes at least this long, so that reading the clock does not count.
constexpr double least_block_seconds = 20e-6;
constexpr std::size_t least_blocks = 4;
/// What a trial may take beyond its measurement: loading, checking, and runs that are far slower than expected.
constexpr double grace_seconds = 30.0;

/// Memory as a library's workspace is aligned.
class Aligned {
public:
    explicit Aligned(std::string_view bytes) : Aligned(bytes.size()) {
        std::memcpy(data(), bytes.data(), bytes.size());
    }
    explicit Aligned(std::size_t count) : bytes_(count + alignment, gap) {}
    [[nodiscard]] char* data() {
        const auto address = reinterpret_cast<std::uintptr_t>(bytes_.data());
        return bytes_.data() + (alignment - address % alignment) % alignment;
    }

private:
    std::string bytes_;
};

/// All contestants as kernels of one program, each called with every copy of its constants.
class Course {
public:
    Course(const Problem& problem, std::span<const Contestant> contestants) : problem_(problem) {
        program_.model = "trial";
        program_.target = problem.target;
        program_.threads = problem.task.threads;
        for (std::size_t i = 0; i < problem.task.inputs.size(); ++i) {
            program_.inputs.push_back({fmt::format("x{}", i), problem.task.inputs[i]});
            memory_.emplace_back(problem.input_bytes[i]);
            inputs_.push_back(memory_.back().data());
        }
        std::vector<CompiledKernel> kernels;
        std::vector<std::vector<std::string>> constants;
        std::int64_t bytes = 0;
        for (const Contestant& contestant : contestants) {
            kernels.push_back(contestant.kernel);
            constants.push_back(packed_constants(contestant.candidate));
            for (const std::string& one : constants.back()) bytes += aligned(static_cast<std::int64_t>(one.size()));
        }
        copies_ = static_cast<std::size_t>(copies_of_constants(problem, bytes));
        for (std::size_t k = 0; k < contestants.size(); ++k)
            add(contestants[k].candidate, static_cast<int>(k), constants[k]);
        program_.constant_bytes = static_cast<std::int64_t>(blob_.size());
        loaded_ = std::make_unique<LoadedProgram>(program_, kernels, blob_);
        loaded_->bind(inputs_, outputs_);
    }

    /// One run, with the next copy of the constants.
    void run(std::size_t contestant) {
        std::size_t& next = next_[contestant];
        CHECK_INTERNAL(loaded_->run_call(static_cast<int>(first_call_[contestant] + next)) == 0);
        if (++next == copies_) next = 0;
    }

    [[nodiscard]] double error(std::size_t contestant) const {
        double worst = 0.0;
        double largest = std::numeric_limits<double>::min();
        const auto* const result = static_cast<const char*>(outputs_[contestant]);
        for_each_place(problem_.layouts.output, problem_.task.output.shape, [&](std::int64_t flat, std::size_t place) {
            float value = 0.0F;
            std::memcpy(&value, result + place * sizeof value, sizeof value);
            const double wanted = problem_.expected[flat];
            largest = std::max(largest, std::abs(wanted));
            const double difference = std::abs(static_cast<double>(value) - wanted);
            worst = std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(worst, difference);
        });
        return worst / largest;
    }

private:
    [[nodiscard]] std::vector<std::string> packed_constants(const Candidate& candidate) const {
        std::vector<std::string> constants;
        for (std::size_t k = 0; k < problem_.task.constants.size(); ++k)
            constants.push_back(packed_bytes(problem_, candidate, k));
        return constants;
    }

    void add(const Candidate& candidate, int number, const std::vector<std::string>& constants) {
        const Extent extent = extent_of(problem_.layouts.output, problem_.task.output.shape);
        program_.outputs.push_back({fmt::format("y{}", number), problem_.task.output});
        memory_.emplace_back(static_cast<std::size_t>(extent.count) * sizeof(float));
        outputs_.push_back(memory_.back().data());
        program_.kernels.push_back({problem_.task, candidate, fmt::format("kernel_{}", number)});
        first_call_.push_back(program_.calls.size());
        next_.push_back(0);
        for (std::size_t copy = 0; copy < copies_; ++copy) add_call(number, constants);
    }

    void add_call(int number, const std::vector<std::string>& constants) {
        KernelCall call;
        call.kernel = number;
        call.layer = program_.kernels.back().name;
        for (std::size_t i = 0; i < problem_.task.inputs.size(); ++i) {
            const TensorType& type = problem_.task.inputs[i];
            const std::int64_t first = extent_of(problem_.layouts.inputs[i], type.shape).first;
            call.arguments.push_back({Place::Kind::input, static_cast<int>(i), first * bytes_of(type.element)});
        }
        for (const std::string& bytes : constants) {
            call.arguments.push_back({Place::Kind::constant, 0, static_cast<std::int64_t>(blob_.size())});
            blob_ += bytes;
            blob_.resize(static_cast<std::size_t>(aligned(static_cast<std::int64_t>(blob_.size()))));
        }
        const std::int64_t first = extent_of(problem_.layouts.output, problem_.task.output.shape).first;
        call.arguments.push_back({Place::Kind::output, number, first * static_cast<std::int64_t>(sizeof(float))});
        program_.calls.push_back(std::move(call));
    }

    const Problem& problem_;
    Program program_;
    std::string blob_;
    std::vector<Aligned> memory_;
    std::vector<const void*> inputs_;
    std::vector<void*> outputs_;
    std::size_t copies_ = 1;                      ///< of each contestant's constants
    std::vector<std::size_t> first_call_, next_;  ///< by contestant
    std::unique_ptr<LoadedProgram> loaded_;
};

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Seconds of a run, by a block of them.
double timed_block(Course& course, std::size_t contestant, std::size_t runs) {
    const Clock::time_point start = Clock::now();
    for (std::size_t run = 0; run < runs; ++run) course.run(contestant);
    return seconds_since(start) / static_cast<double>(runs);
}

/// How many runs make a block; warms the code.
std::size_t runs_per_block(Course& course, std::size_t contestant) {
    constexpr std::size_t enough_to_warm = 3;
    const double once = timed_block(course, contestant, enough_to_warm);
    constexpr double most_runs = 10'000.0;
    return static_cast<std::size_t>(std::clamp(std::ceil(least_block_seconds / std::max(once, 1e-9)), 1.0, most_runs));
}

std::string to_text(const std::vector<Timing>& timings) {
    nlohmann::json list = nlohmann::json::array();
    for (const Timing& timing : timings)
        list.push_back(
            {timing.seconds, timing.noise, std::min(timing.error, std::numeric_limits<double>::max()), timing.right});
    return list.dump();
}

std::vector<Timing> timings_from(const std::string& text) {
    std::vector<Timing> timings;
    for (const nlohmann::json& one : nlohmann::json::parse(text))
        timings.push_back({one.at(0), one.at(1), one.at(2), one.at(3)});
    return timings;
}

}  // namespace

Problem make_problem(const Task& task, const Candidate& layouts, const TargetInfo& target,
                     std::int64_t weights_between) {
    constexpr std::uint64_t seed = 1;
    Problem problem{task, layouts, target, random_operands(task, seed), {}, {}, weights_between};
    problem.expected = task_reference(task, problem.operands);
    for (std::size_t i = 0; i < task.inputs.size(); ++i)
        problem.input_bytes.push_back(
            bytes_in_layout(problem.operands.inputs[i], task.inputs[i].element, layouts.inputs[i]));
    return problem;
}

Timing timing_of(std::span<const double> seconds) {
    CHECK_INTERNAL(!seconds.empty());
    Timing timing;
    timing.right = true;
    timing.seconds = *std::min_element(seconds.begin(), seconds.end());
    const std::size_t quarters = std::min<std::size_t>(4, seconds.size());
    double slowest = timing.seconds;
    for (std::size_t i = 0; i < quarters; ++i) {
        const auto begin = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() * i / quarters);
        const auto end = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() * (i + 1) / quarters);
        slowest = std::max(slowest, *std::min_element(begin, end));
    }
    timing.noise = slowest / timing.seconds - 1.0;
    return timing;
}

std::vector<Timing> time_contestants(const Problem& problem, std::span<const Contestant> contestants, double seconds) {
    pin_to_cpus(problem.task.threads);
    Course course(problem, contestants);
    std::vector<Timing> timings(contestants.size());
    std::vector<std::size_t> racing;
    for (std::size_t i = 0; i < contestants.size(); ++i) {
        course.run(i);
        timings[i].error = course.error(i);
        timings[i].right = timings[i].error <= contestants[i].max_error;
        if (timings[i].right) racing.push_back(i);
    }
    std::vector<std::size_t> runs(contestants.size());
    for (std::size_t i : racing) runs[i] = runs_per_block(course, i);
    std::vector<std::vector<double>> blocks(contestants.size());
    const Clock::time_point begin = Clock::now();
    const double whole = seconds * static_cast<double>(racing.size());
    for (std::size_t round = 0; !racing.empty() && (round < least_blocks || seconds_since(begin) < whole); ++round)
        for (std::size_t i : racing) blocks[i].push_back(timed_block(course, i, runs[i]));
    for (std::size_t i : racing) {
        const double error = timings[i].error;
        timings[i] = timing_of(blocks[i]);
        timings[i].error = error;
    }
    return timings;
}

TrialResult try_contestants(const Problem& problem, std::span<const Contestant> contestants, double seconds) {
    const Watched watched = run_watched([&] { return to_text(time_contestants(problem, contestants, seconds)); },
                                        seconds * static_cast<double>(contestants.size()) + grace_seconds);
    switch (watched.ending) {
    case Watched::Ending::done: return {TrialStatus::ok, timings_from(watched.output), ""};
    case Watched::Ending::crashed: return {TrialStatus::crashed, {}, watched.how};
    case Watched::Ending::hung: return {TrialStatus::hung, {}, watched.how};
    }
    internal_error(__FILE__, __LINE__, "an unknown ending");
}

}  // namespace halcyon
