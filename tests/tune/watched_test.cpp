#include "tune/watched.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include <doctest/doctest.h>

namespace halcyon::testing {

TEST_CASE("what the work gives comes back") {
    const Watched watched = run_watched([] { return std::string(100'000, 'x'); }, 60.0);
    CHECK(watched.ending == Watched::Ending::done);
    CHECK(watched.output == std::string(100'000, 'x'));
}

TEST_CASE("a crash ends the work and nothing else") {
    const Watched watched = run_watched(
        []() -> std::string {
            signal(SIGSEGV, SIG_DFL);  // doctest and sanitizers would report it
            raise(SIGSEGV);
            return "";
        },
        60.0);
    CHECK(watched.ending == Watched::Ending::crashed);
    CHECK(watched.how == "signal 11");
}

TEST_CASE("an exception is a crash that says why") {
    const Watched watched = run_watched([]() -> std::string { throw std::runtime_error("no memory"); }, 60.0);
    CHECK(watched.ending == Watched::Ending::crashed);
    CHECK(watched.how == "exit status 1: no memory");
}

TEST_CASE("work that does not end is killed") {
    const Watched watched = run_watched(
        []() -> std::string {
            while (true) pause();
        },
        0.05);
    CHECK(watched.ending == Watched::Ending::hung);
    CHECK(watched.how == "no end within 0.05 s");
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1);  // nobody is left
}

TEST_CASE("the work dies with the process that waits for it") {
    void* const shared =
        mmap(nullptr, sizeof(std::atomic<pid_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(shared != MAP_FAILED);
    auto* const worker = new (shared) std::atomic<pid_t>(0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const Watched watched = run_watched(
            [&]() -> std::string {
                *worker = getpid();
                while (true) pause();
            },
            600.0);
        _exit(static_cast<int>(watched.ending));
    }
    while (*worker == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    // Whoever adopts it may take a moment to bury it: a zombie answers too.
    bool gone = false;
    for (int i = 0; i < 10'000 && !gone; ++i) {
        gone = kill(*worker, 0) != 0;
        const std::string stat = "/proc/" + std::to_string(*worker) + "/stat";
        if (FILE* file = gone ? nullptr : std::fopen(stat.c_str(), "r")) {
            char state = 0;
            gone = std::fscanf(file, "%*d %*s %c", &state) == 1 && state == 'Z';
            std::fclose(file);
        }
        if (!gone) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    CHECK(gone);
    munmap(shared, sizeof(std::atomic<pid_t>));
}

}  // namespace halcyon::testing
