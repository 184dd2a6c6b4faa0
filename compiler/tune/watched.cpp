#include "tune/watched.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <exception>

#include <fmt/format.h>

#include "backend/memory_file.h"
#include "support/check.h"

namespace halcyon {
namespace {

constexpr int failed_status = 1;

[[noreturn]] void work_here(const std::function<std::string()>& work, pid_t parent, const MemoryFile& output) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(failed_status);
    // A crash is an answer: it leaves no core dump, and what the C library says of it is no news for the user.
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (const int null = open("/dev/null", O_WRONLY | O_CLOEXEC); null >= 0) dup2(null, STDERR_FILENO);
    int status = 0;
    std::string text;
    try {
        text = work();
    } catch (const std::exception& error) {
        text = error.what();
        status = failed_status;
    }
    output.write(text);
    _exit(status);
}

/// Whether the other end of the pipe was closed in time, as it is when the process ends in any way. What is counted are waits
/// that were in vain, so that time does not pass while both processes are stopped (Ctrl-Z, a computer asleep).
bool ends_within(int pipe, double seconds) {
    constexpr int most_slice_ms = 100;
    for (double left_ms = seconds * 1e3; left_ms > 0.0; left_ms -= most_slice_ms) {
        pollfd watched{pipe, POLLIN, 0};
        if (poll(&watched, 1, static_cast<int>(std::ceil(std::min<double>(left_ms, most_slice_ms)))) > 0) return true;
    }
    return false;
}

}  // namespace

Watched run_watched(const std::function<std::string()>& work, double seconds) {
    const MemoryFile output;
    int alive[2];
    CHECK_INTERNAL(pipe2(alive, O_CLOEXEC) == 0);
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0) {
        close(alive[0]);
        work_here(work, parent, output);
    }
    close(alive[1]);
    if (child < 0) {
        close(alive[0]);
        return {Watched::Ending::crashed, "", "no process could be started"};
    }
    const bool ended = ends_within(alive[0], seconds);
    close(alive[0]);
    if (!ended) kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0) CHECK_INTERNAL(errno == EINTR);
    if (!ended) return {Watched::Ending::hung, "", fmt::format("no end within {:g} s", seconds)};
    if (WIFSIGNALED(status)) return {Watched::Ending::crashed, "", fmt::format("signal {}", WTERMSIG(status))};
    if (WEXITSTATUS(status) != 0)
        return {Watched::Ending::crashed, "",
                fmt::format("exit status {}: {}", WEXITSTATUS(status), output.contents())};
    return {Watched::Ending::done, output.contents(), ""};
}

}  // namespace halcyon
