#include "tune/trial_answer.h"

#include <doctest/doctest.h>

namespace halcyon::testing {
namespace {

const std::string arm = R"({"halcyon-trial":1,"machine":{"architecture":"aarch64","implementer":65,"part":3336})";
const std::string intel = R"({"halcyon-trial":1,"machine":{"architecture":"x86-64","name":"Intel(R) Core(TM) i7"})";

}  // namespace

TEST_CASE("a program of trials says what it found, and an ARM CPU is called as LLVM calls it") {
    const auto answer = trial_answer_in(arm + R"(,"timings":[{"seconds":0.5,"noise":0.01,"error":1e-7},)"
                                              R"({"seconds":0,"noise":0,"error":0.3}]})"
                                              "\n");
    REQUIRE(answer);
    CHECK(answer->cpu_kind == "cortex-a72");
    CHECK(answer->cpu == "cortex-a72, implementer 0x41, part 0xd08");
    CHECK(answer->status == 0);
    REQUIRE(answer->timings.size() == 2);
    CHECK(answer->timings[0].seconds == 0.5);
    CHECK(answer->timings[0].noise == 0.01);
    CHECK(answer->timings[0].right);
    CHECK(answer->timings[1].error == 0.3);
    CHECK_FALSE(answer->timings[1].right);
}

TEST_CASE("a CPU with a name is called by it, in schedule files as one word") {
    const auto answer = trial_answer_in(intel + R"(,"timings":[]})");
    REQUIRE(answer);
    CHECK(answer->cpu == "x86-64, Intel(R) Core(TM) i7");
    CHECK(answer->cpu_kind == "Intel-R--Core-TM--i7");
}

TEST_CASE("a CPU that LLVM does not know keeps its numbers") {
    const auto answer = trial_answer_in(
        R"({"halcyon-trial":1,"machine":{"architecture":"aarch64","implementer":0,"part":81},"timings":[]})");
    REQUIRE(answer);
    CHECK(answer->cpu == "aarch64, implementer 0x00, part 0x051");
}

TEST_CASE("what a login shell or adb writes around the answer does no harm") {
    const auto answer = trial_answer_in("Welcome to board 7\n\n" + intel + ",\"timings\":[]}\r\nlogout\n");
    REQUIRE(answer);
    CHECK(answer->cpu == "x86-64, Intel(R) Core(TM) i7");
}

TEST_CASE("a run that failed says with which status") {
    const auto answer = trial_answer_in(intel + R"(,"status":4})");
    REQUIRE(answer);
    CHECK(answer->status == 4);
    CHECK(answer->timings.empty());
}

TEST_CASE("what is no answer is none") {
    CHECK_FALSE(trial_answer_in(""));
    CHECK_FALSE(trial_answer_in("hello\n"));
    CHECK_FALSE(trial_answer_in(R"({"halcyon-trial":2,"machine":{},"timings":[]})"));
    CHECK_FALSE(trial_answer_in(intel));
    CHECK_FALSE(trial_answer_in(intel + "}"));
    CHECK_FALSE(trial_answer_in(intel + R"(,"timings":7})"));
    CHECK_FALSE(trial_answer_in(intel + R"(,"timings":[{"seconds":"x","noise":0,"error":0}]})"));
    CHECK_FALSE(trial_answer_in(intel + R"(,"timings":[{"seconds":-1,"noise":0,"error":0}]})"));
    CHECK_FALSE(trial_answer_in(intel + R"(,"timings":[{"seconds":1,"noise":-0.1,"error":0}]})"));
    CHECK_FALSE(trial_answer_in(intel + R"(,"timings":[{"seconds":1e999,"noise":0,"error":0}]})"));
    CHECK_FALSE(trial_answer_in(R"({"halcyon-trial":1,"machine":"mine","timings":[]})"));
}

}  // namespace halcyon::testing
