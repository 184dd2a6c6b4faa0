#include "tune/trial.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <doctest/doctest.h>

#include "backend/kernel_worker.h"
#include "kernels/kernel_family.h"

namespace halcyon::testing {
namespace {

TargetInfo host() {
    std::string why;
    return *find_target("host", why);
}

/// 3x3, stride 2, a bias, an addition and a ReLU.
Task convolution() {
    Task task;
    task.operation = {.op = Op::convolution, .window = {{3, 3}, {2, 2}, {1, 1}, {1, 0}, {1, 1}}};
    task.inputs = {{ElementType::float32, {1, 9, 11, 5}}, {ElementType::float32, {1, 5, 6, 12}}};
    task.output = {ElementType::float32, {1, 5, 6, 12}};
    task.constants = {{3, 3, 5, 12}, {12}};
    task.epilogue = max(ScalarExpr::input(0) + ScalarExpr::input(1) + ScalarExpr::constant(1), 0.0);
    return task;
}

Candidate dense_layouts(const Task& task) {
    Candidate layouts;
    for (const TensorType& input : task.inputs) layouts.inputs.push_back(dense_layout(input.shape));
    layouts.output = dense_layout(task.output.shape);
    return layouts;
}

/// The legal candidates of all families.
std::vector<Candidate> all_candidates(const Task& task, const Candidate& layouts) {
    std::vector<Candidate> all;
    for (const KernelFamily* family : kernel_family_table()) {
        if (!family->matches(task, host()) || !family->accepts(task, layouts)) continue;
        for (Candidate& candidate : candidates(*family, task, layouts, host())) all.push_back(std::move(candidate));
    }
    return all;
}

Contestant compiled(const Task& task, const Candidate& candidate, double max_error = 1e-5) {
    return {candidate, compile_here(task, candidate, host()), max_error};
}

}  // namespace

TEST_CASE("the time of a kernel is the least of its blocks, the noise what its quarters differ by") {
    const std::array blocks{1.5, 1.0, 1.2, 1.1, 1.3, 1.05, 9.0, 1.25};
    const Timing timing = timing_of(blocks);
    CHECK(timing.seconds == 1.0);
    CHECK(timing.noise == doctest::Approx(0.25));
    const std::array steady{1.0, 3.0, 1.0, 2.0, 1.0, 5.0, 1.0, 1.0};
    CHECK(timing_of(steady).noise == 0.0);
}

TEST_CASE("a right kernel is timed, against a second one too") {
    const Task task = convolution();
    const Candidate layouts = dense_layouts(task);
    const std::vector<Candidate> all = all_candidates(task, layouts);
    REQUIRE(all.size() >= 2);
    const std::vector<Contestant> both{compiled(task, all.front()), compiled(task, all.back())};
    const TrialResult result = try_contestants(make_problem(task, layouts, host()), both, 0.001);
    REQUIRE_MESSAGE(result.status == TrialStatus::ok, result.how);
    REQUIRE(result.timings.size() == 2);
    for (const Timing& timing : result.timings) {
        CHECK(timing.right);
        CHECK(timing.error < 1e-5);
        CHECK(timing.seconds > 0.0);
        CHECK(timing.noise >= 0.0);
    }
}

TEST_CASE("a prologue has constants of its own, as a normalization before the first convolution does") {
    Task task = convolution();
    task.constants = {{3, 3, 5, 12}, {12}, {1, 1, 5}, {1, 1, 5}};
    task.prologue = (ScalarExpr::input(0) * (1.0 / 255) - ScalarExpr::constant(2)) * ScalarExpr::constant(3);
    const Candidate layouts = dense_layouts(task);
    const std::vector<Candidate> all = all_candidates(task, layouts);
    REQUIRE(!all.empty());
    const std::vector<Contestant> one{compiled(task, all.front())};
    const TrialResult result = try_contestants(make_problem(task, layouts, host()), one, 0.001);
    REQUIRE_MESSAGE(result.status == TrialStatus::ok, result.how);
    CHECK(result.timings[0].right);
}

TEST_CASE("padded strides, backward axes and other element types are laid out as the kernel reads them") {
    Task task;
    task.operation.op = Op::elementwise;
    task.inputs = {{ElementType::uint8, {1, 6, 7, 3}},
                   {ElementType::bfloat16, {1, 6, 7, 3}},
                   {ElementType::float16, {1, 6, 7, 3}}};
    task.operand_count = 3;
    task.output = {ElementType::float32, {1, 6, 7, 3}};
    task.epilogue = ScalarExpr::input(0) + ScalarExpr::input(1) * 2.0 - ScalarExpr::input(2);
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0].strides = {126, 21, 3, -1};
    layouts.output.strides = {210, 35, 5, 1};
    const std::vector<Candidate> all = all_candidates(task, layouts);
    REQUIRE(!all.empty());
    const std::vector<Contestant> one{compiled(task, all.front())};
    const TrialResult result = try_contestants(make_problem(task, layouts, host()), one, 0.001);
    REQUIRE_MESSAGE(result.status == TrialStatus::ok, result.how);
    CHECK(result.timings[0].right);
}

TEST_CASE("a kernel that computes something else is a wrong answer, and the other is timed all the same") {
    const Task task = convolution();
    Task other = task;
    other.epilogue = ScalarExpr::input(0) + ScalarExpr::input(1) - ScalarExpr::constant(1);
    const Candidate layouts = dense_layouts(task);
    const Candidate candidate = all_candidates(task, layouts).front();
    const std::vector<Contestant> both{compiled(task, candidate),
                                       {candidate, compile_here(other, candidate, host()), 1e-5}};
    const TrialResult result = try_contestants(make_problem(task, layouts, host()), both, 0.001);
    REQUIRE_MESSAGE(result.status == TrialStatus::ok, result.how);
    CHECK(result.timings[0].right);
    CHECK_FALSE(result.timings[1].right);
    CHECK(result.timings[1].error > 1e-3);
    CHECK(result.timings[1].seconds == 0.0);
}

TEST_CASE("an object that is none ends the trial, not the program") {
    const Task task = convolution();
    const Candidate layouts = dense_layouts(task);
    const std::vector<Contestant> one{{all_candidates(task, layouts).front(), {"no object", 0, 0}, 1e-5}};
    CHECK(try_contestants(make_problem(task, layouts, host()), one, 0.001).status == TrialStatus::crashed);
}

}  // namespace halcyon::testing
