#include "backend/worker_process.h"

#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "backend/memory_file.h"
#include "support/check.h"

namespace halcyon {
namespace {

std::vector<char*> worker_environment() {
    std::vector<char*> kept;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        if (!std::string_view(*variable).starts_with("HL_")) kept.push_back(*variable);
    }
    kept.push_back(nullptr);
    return kept;
}

std::string ending_of(int status) {
    return WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                               : fmt::format("exit status {}", WEXITSTATUS(status));
}

/// Whether the process ended in that time, looked at often enough that nobody waits for it noticeably longer. What is counted
/// are waits, so that time does not pass while all are stopped (Ctrl-Z, a computer asleep).
bool ends_within(pid_t process, double seconds, int& status) {
    constexpr int between_looks_ms = 5;
    for (double left_ms = seconds * 1e3; left_ms > 0.0; left_ms -= between_looks_ms) {
        const pid_t ended = waitpid(process, &status, WNOHANG);
        CHECK_INTERNAL(ended >= 0 || errno == EINTR);
        if (ended == process) return true;
        poll(nullptr, 0, between_looks_ms);
    }
    return false;
}

}  // namespace

// Files in memory instead of pipes: nothing can block on a reader that waits itself, and a worker that dies early raises no
// SIGPIPE here.
ProcessResult run_worker_process(const std::string& program, const std::string& argument, const std::string& input,
                                 double most_seconds) {
    MemoryFile in, out, errors;
    in.write(input);
    in.rewind();

    posix_spawn_file_actions_t actions;
    CHECK_INTERNAL(posix_spawn_file_actions_init(&actions) == 0);
    posix_spawn_file_actions_adddup2(&actions, in.descriptor(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.descriptor(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors.descriptor(), STDERR_FILENO);
    std::string program_copy = program;
    std::string argument_copy = argument;
    char* const arguments[] = {program_copy.data(), argument_copy.data(), nullptr};
    std::vector<char*> environment = worker_environment();
    pid_t process = 0;
    const int error = posix_spawn(&process, program.c_str(), &actions, nullptr, arguments, environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return {false, false, "", "", fmt::format("it could not be started: {}", std::strerror(error))};

    int status = 0;
    if (most_seconds > 0.0 && ends_within(process, most_seconds, status))
        return {WIFEXITED(status) && WEXITSTATUS(status) == 0, false, out.contents(), errors.contents(),
                ending_of(status)};
    if (most_seconds > 0.0) kill(process, SIGKILL);
    while (waitpid(process, &status, 0) < 0) CHECK_INTERNAL(errno == EINTR);
    const bool timed_out = most_seconds > 0.0;
    return {!timed_out && WIFEXITED(status) && WEXITSTATUS(status) == 0, timed_out, out.contents(), errors.contents(),
            ending_of(status)};
}

}  // namespace halcyon
