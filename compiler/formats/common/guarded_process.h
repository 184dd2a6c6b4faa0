#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace halcyon {

struct ProcessLimits {
    std::int64_t memory_bytes = 0;  ///< beyond what this process has mapped already
    std::int64_t answer_bytes = 0;
    int seconds = 0;  ///< of computation; ten times that long altogether
};

/// What a child process has handed back: bytes in memory that nobody else can change any more.
class ProcessAnswer {
public:
    explicit ProcessAnswer(std::shared_ptr<const void> memory, std::string_view bytes)
        : memory_(std::move(memory)), bytes_(bytes) {}
    [[nodiscard]] std::string_view bytes() const { return bytes_; }

private:
    std::shared_ptr<const void> memory_;
    std::string_view bytes_;
};

/// Gives `work` memory of that size for its answer; asked again, a new answer replaces the last. Null beyond the limit.
using AnswerMemory = std::function<char*(std::size_t)>;

/// Why there is no answer, in words: "took too long", "needed too much memory", "crashed (signal 11)".
struct ProcessFailure {
    std::string message;
};

/// Runs `work` in a child process that sees this one's memory as it is now, can open no file and no connection, holds only
/// its answer's memory open, and leaves no core dump: for foreign code that hostile input may take over. Nothing but
/// the answer comes back, and that has to be checked like any other foreign input.
[[nodiscard]] std::variant<ProcessAnswer, ProcessFailure>
run_guarded(const ProcessLimits& limits, const std::function<void(const AnswerMemory&)>& work);

}  // namespace halcyon
