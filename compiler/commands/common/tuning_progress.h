#pragma once

#include <optional>
#include <string>

#include "commands/common/progress.h"
#include "tune/tuner.h"

namespace halcyon {

/// Shows how far tuning is: on a terminal as one line that is written anew, otherwise as a line every few seconds.
class TuningProgress {
public:
    TuningProgress(Progress::Output output, std::optional<double> budget_seconds)
        : output_(std::move(output)), budget_(budget_seconds), last_line_(output_.now()) {}
    ~TuningProgress() { erase(); }
    TuningProgress(const TuningProgress&) = delete;
    TuningProgress& operator=(const TuningProgress&) = delete;

    void operator()(const TuningNews& news);
    /// Takes the line off the terminal.
    void erase();

private:
    Progress::Output output_;
    std::optional<double> budget_;
    Progress::Clock::time_point last_line_;
    bool has_line_ = false;
};

/// "trial 31, conv2d_1: 0.0540 ms (12 trials); network 4.32 ms, 1.08 x; 3 of 25 tasks done; 3:07 left".
[[nodiscard]] std::string tuning_line(const TuningNews& news, std::optional<double> budget_seconds);

/// "10m", "90s", "2h", "600": seconds. Nothing from another text, or from more than a year.
[[nodiscard]] std::optional<double> parse_duration(const std::string& text);

}  // namespace halcyon
