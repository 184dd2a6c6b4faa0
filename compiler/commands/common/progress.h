#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/kernel_compiler.h"

namespace halcyon {

/// Shows how far the compiling of kernels is: on a terminal as one line that is written anew, with a bar and the kernels in
/// work; otherwise as a plain line every few seconds, so that what takes less than that says nothing.
class Progress {
public:
    using Clock = std::chrono::steady_clock;
    struct Output {
        bool terminal = false;
        std::size_t columns = 80;
        std::function<void(std::string_view)> write;
        std::function<Clock::time_point()> now = &Clock::now;
    };
    explicit Progress(Output output) : output_(std::move(output)), last_line_(output_.now()) {}
    ~Progress() { erase_bar(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void operator()(const KernelProgress& progress);

private:
    [[nodiscard]] std::string bar(const KernelProgress& progress) const;
    [[nodiscard]] std::string names_in_work(std::size_t columns) const;
    void erase_bar();

    Output output_;
    Clock::time_point last_line_;
    std::vector<std::string> in_work_;  ///< the one that has taken longest first
    bool has_bar_ = false;              ///< on the terminal
};

/// Standard error, as a terminal if it is one that can move its cursor.
[[nodiscard]] Progress::Output progress_on_stderr();

}  // namespace halcyon
