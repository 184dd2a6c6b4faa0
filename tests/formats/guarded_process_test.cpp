#include "formats/common/guarded_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <csignal>
#include <cstring>
#include <new>

using namespace halcyon;

namespace {

constexpr ProcessLimits small{.memory_bytes = 64 << 20, .answer_bytes = 1 << 20, .seconds = 1};

/// The answer, or why there is none.
std::string outcome(const std::function<void(const AnswerMemory&)>& work, const ProcessLimits& limits = small) {
    const auto result = run_guarded(limits, work);
    const auto* failure = std::get_if<ProcessFailure>(&result);
    return failure != nullptr ? "it " + failure->message : std::string(std::get<ProcessAnswer>(result).bytes());
}

void say(const AnswerMemory& answer, std::string_view text) {
    std::memcpy(answer(text.size()), text.data(), text.size());
}

}  // namespace

TEST_CASE("a guarded process hands back its last answer") {
    CHECK(outcome([](const AnswerMemory& answer) {
              say(answer, "a long first answer");
              say(answer, "second");
          }) == "second");
    CHECK(outcome([](const AnswerMemory&) {}) == "it gave no answer");
}

TEST_CASE("a guarded process that crashes is a failure, not the end") {
    CHECK(outcome([](const AnswerMemory&) {
              std::signal(SIGSEGV, SIG_DFL);
              std::raise(SIGSEGV);
          }) == "it crashed (signal 11)");
}

TEST_CASE("a guarded process cannot answer more than it may") {
    CHECK(outcome([](const AnswerMemory& answer) {
              say(answer, answer((1 << 20) + 1) == nullptr ? "too much" : "room for it");
          }) == "too much");
}

// AddressSanitizer opens pipes, and ends the process itself, with a status of its own, where memory is short.
#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("a guarded process opens no file and no connection") {
    CHECK(outcome([](const AnswerMemory& answer) {
              const bool shut = open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 &&
                                open("/dev/null", O_WRONLY | O_CLOEXEC) < 0 && socket(AF_UNIX, SOCK_STREAM, 0) < 0;
              say(answer, shut ? "shut" : "open");
          }) == "shut");
}

TEST_CASE("a guarded process has the memory that it is given") {
    CHECK(outcome([](const AnswerMemory& answer) {
              const std::string much(std::size_t{1} << 30, 'x');
              say(answer, much.substr(0, 1));
          }) == "it needed too much memory");
}
#endif

TEST_CASE("a guarded process that computes for ever is stopped") {
    CHECK(outcome([](const AnswerMemory&) {
              volatile bool forever = true;
              while (forever) {
              }
          }) == "it took too long");
}
