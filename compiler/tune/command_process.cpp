#include "tune/command_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "backend/memory_file.h"
#include "support/check.h"

namespace halcyon {
namespace {

constexpr off_t most_output = 4 << 20;
constexpr std::size_t most_quoted = 400;

pid_t start(const std::string& command, const std::vector<std::string>& words, const MemoryFile& output,
            const MemoryFile& errors) {
    posix_spawn_file_actions_t actions;
    CHECK_INTERNAL(posix_spawn_file_actions_init(&actions) == 0);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output.descriptor(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors.descriptor(), STDERR_FILENO);
    posix_spawnattr_t attributes;
    CHECK_INTERNAL(posix_spawnattr_init(&attributes) == 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t none;
    sigemptyset(&none);  // we may hold signals back; the user's command must get its own
    posix_spawnattr_setsigmask(&attributes, &none);

    std::vector<std::string> all{"sh", "-c", command + " \"$@\"", "sh"};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    for (std::string& word : all) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t process = -1;
    if (posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments.data(), environ) != 0) process = -1;
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return process;
}

off_t size_of(const MemoryFile& file) {
    struct stat status{};
    return fstat(file.descriptor(), &status) == 0 ? status.st_size : 0;
}

/// The end of what it said, on one line.
std::string quoted(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (text.size() > most_quoted) text = "..." + text.substr(text.size() - most_quoted);
    for (char& letter : text)
        if (static_cast<unsigned char>(letter) < ' ') letter = ' ';
    return text.empty() ? "" : ": " + text;
}

}  // namespace

CommandEnd run_command(const std::string& command, const std::vector<std::string>& words, double most_seconds) {
    const MemoryFile output;
    const MemoryFile errors;
    const pid_t process = start(command, words, output, errors);
    if (process < 0) return {CommandEnd::Ending::failed, "", "", "no process could be started"};

    // What is counted are waits, so that time does not pass while all are stopped (Ctrl-Z, a computer asleep).
    constexpr int between_looks_ms = 5;
    int status = 0;
    bool ended = false;
    double left_ms = most_seconds * 1e3;
    for (; !ended && left_ms > 0.0 && size_of(output) <= most_output; left_ms -= between_looks_ms) {
        const pid_t found = waitpid(process, &status, WNOHANG);
        CHECK_INTERNAL(found >= 0 || errno == EINTR);
        ended = found == process;
        if (!ended) poll(nullptr, 0, between_looks_ms);
    }
    // Also where it has ended: what it has left running would disturb the next.
    kill(-process, SIGKILL);
    while (!ended && waitpid(process, &status, 0) < 0) CHECK_INTERNAL(errno == EINTR);

    CommandEnd end;
    if (size_of(output) > most_output) return {CommandEnd::Ending::failed, "", "", "it wrote too much"};
    end.output = output.contents();
    end.errors = errors.contents();
    if (!ended) {
        end.ending = CommandEnd::Ending::too_slow;
        end.how = fmt::format("no end within {:g} s", most_seconds);
    } else if (WIFSIGNALED(status)) {
        end.ending = CommandEnd::Ending::failed;
        end.how = fmt::format("signal {}{}", WTERMSIG(status), quoted(end.errors));
    } else if (WEXITSTATUS(status) != 0) {
        end.ending = CommandEnd::Ending::failed;
        end.how = fmt::format("exit status {}{}", WEXITSTATUS(status), quoted(end.errors));
    }
    return end;
}

}  // namespace halcyon
