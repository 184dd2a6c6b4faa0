#include "tune/runner.h"

#include <cstdlib>

#include <doctest/doctest.h>

#include "backend/kernel_worker.h"
#include "kernels/kernel_family.h"

namespace halcyon::testing {
namespace {

TargetInfo host() {
    std::string why;
    return *find_target("host", why);
}

Runner started(const std::string& command) {
    std::string why;
    constexpr double patience = 60.0;
    std::optional<Runner> runner = Runner::start(host(), {command, "", patience}, why);
    REQUIRE_MESSAGE(runner, why);
    return *std::move(runner);
}

/// An addition with a constant, of whatever lies backwards or has gaps.
struct Sum {
    Task task;
    Candidate candidate;

    Sum() {
        task.operation.op = Op::elementwise;
        task.inputs = {{ElementType::uint8, {1, 6, 7, 3}}, {ElementType::float16, {1, 6, 7, 3}}};
        task.operand_count = 2;
        task.output = {ElementType::float32, {1, 6, 7, 3}};
        task.constants = {{3}};
        task.epilogue = ScalarExpr::input(0) - ScalarExpr::input(1) + ScalarExpr::constant(0);
        Candidate layouts;
        for (const TensorType& input : task.inputs) layouts.inputs.push_back(dense_layout(input.shape));
        layouts.inputs[0].strides = {126, 21, 3, -1};
        layouts.output.strides = {210, 35, 5, 1};
        for (const KernelFamily* family : kernel_family_table()) {
            if (!family->matches(task, host()) || !family->accepts(task, layouts)) continue;
            for (Candidate& each : candidates(*family, task, layouts, host())) candidate = std::move(each);
        }
        REQUIRE(!candidate.family.empty());
    }
    [[nodiscard]] Problem problem() const { return make_problem(task, candidate, host()); }
    [[nodiscard]] Contestant contestant(double max_error = 1e-5) const {
        return {candidate, compile_here(task, candidate, host()), max_error};
    }
};

}  // namespace

TEST_CASE("a runner's program finds what is measured here: right kernels, their time and their error") {
    const Sum sum;
    const std::vector<Contestant> both{sum.contestant(), sum.contestant()};
    Runner runner = started("env");
    const TrialResult there = runner.try_contestants(sum.problem(), both, 0.001);
    REQUIRE_MESSAGE(there.status == TrialStatus::ok, there.how);
    const TrialResult here = try_contestants(sum.problem(), both, 0.001);
    REQUIRE(there.timings.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(there.timings[i].right);
        CHECK(there.timings[i].seconds > 0.0);
        CHECK(there.timings[i].error == doctest::Approx(here.timings[i].error).epsilon(0.01));
    }
    CHECK_FALSE(runner.trouble());
}

TEST_CASE("a wrong result is found where it is computed, and takes no time") {
    const Sum sum;
    Sum other;
    other.task.epilogue = ScalarExpr::input(0) + ScalarExpr::input(1) + ScalarExpr::constant(0);
    const std::vector<Contestant> both{sum.contestant(), other.contestant()};
    const TrialResult result = started("env").try_contestants(sum.problem(), both, 0.001);
    REQUIRE_MESSAGE(result.status == TrialStatus::ok, result.how);
    CHECK(result.timings[0].right);
    CHECK_FALSE(result.timings[1].right);
    CHECK(result.timings[1].error > 1e-3);
    CHECK(result.timings[1].seconds == 0.0);
}

TEST_CASE("the CPU that the program names is that of no record made here") {
    const Runner runner = started("env");
    CHECK(!runner.cpu().empty());
    CHECK(runner.cpu_kind().find_first_of(" ,") == std::string::npos);
}

TEST_CASE("why a runner cannot be used is said at once") {
    std::string why;
    constexpr double patience = 60.0;
    CHECK_FALSE(Runner::start(host(), {"false", "", patience}, why));
    CHECK(why == "the runner 'false' does not run programs: exit status 1");
    CHECK_FALSE(Runner::start(host(), {"true", "", patience}, why));
    CHECK(why == "the runner 'true' does not run programs: the program's line of JSON is not in its output");
    CHECK_FALSE(Runner::start(host(), {"env", "false", patience}, why));
    CHECK(why == "the C compiler 'false' does not work: exit status 1");
    std::string unused;
    CHECK_FALSE(Runner::start(*find_target("wasm-32", unused), {"env", "", patience}, why));
    CHECK(why == "WebAssembly has no programs that a command could run");
}

TEST_CASE("programs are gone with the runner") {
    const std::string note = HALCYON_TEST_SCRATCH "/runner_test.path";
    const auto shell = [](const std::string& command) { return std::system(command.c_str()) == 0; };
    {
        const Runner runner = started("sh -c 'echo \"$1\" > " + note + "; \"$1\"' sh");
        CHECK(shell("test -x \"$(cat " + note + ")\""));
    }
    CHECK_FALSE(shell("test -e \"$(dirname $(cat " + note + "))\""));
}

}  // namespace halcyon::testing
