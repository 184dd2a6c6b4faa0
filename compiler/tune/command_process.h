#pragma once

#include <string>
#include <vector>

namespace halcyon {

/// How a command of the user's ended.
struct CommandEnd {
    enum class Ending { done, failed, too_slow };
    Ending ending = Ending::done;
    std::string output, errors;  ///< what it wrote to standard output and standard error
    std::string how;             ///< "exit status 255: ...", "no end within 120 s"; empty when done
};

/// Runs `COMMAND WORD...` by the shell and waits for its end: with nothing on standard input, and as a group of processes of
/// its own that Ctrl-C on our terminal does not reach and that is killed as a whole after `most_seconds`, or when it
/// writes megabytes to standard output.
[[nodiscard]] CommandEnd run_command(const std::string& command, const std::vector<std::string>& words,
                                     double most_seconds);

}  // namespace halcyon
