#pragma once

#include <functional>
#include <string>

namespace halcyon {

/// How work in a watched process ended.
struct Watched {
    enum class Ending { done, crashed, hung };
    Ending ending = Ending::done;
    std::string output;  ///< what the work gave
    std::string how;     ///< "signal 11", "exit status 1: ...", "no end within 10 s"; empty when done
};

/// Does the work in a process of its own, a copy of this one, which can crash or hang without harm: it is killed after
/// `seconds`, or when this process dies. To be called while this process has one thread.
[[nodiscard]] Watched run_watched(const std::function<std::string()>& work, double seconds);

}  // namespace halcyon
