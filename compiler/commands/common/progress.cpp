#include "commands/common/progress.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace halcyon {
namespace {

constexpr std::chrono::seconds between_lines{5};
constexpr std::size_t bar_columns = 24;
constexpr std::string_view erase_line = "\r\x1b[K";

}  // namespace

std::string Progress::names_in_work(std::size_t columns) const {
    std::string names = fmt::format("{}", fmt::join(in_work_, ", "));
    constexpr std::string_view more = "...";
    if (names.size() > columns) names = names.substr(0, columns - std::min(columns, more.size())) + std::string(more);
    return names;
}

std::string Progress::bar(const KernelProgress& progress) const {
    const std::size_t full = bar_columns * progress.done / std::max<std::size_t>(progress.count, 1);
    const std::string text =
        fmt::format("[{:-<{}}] {}/{} kernels  ", std::string(full, '#'), bar_columns, progress.done, progress.count);
    // The last column stays free, since some terminals begin a new line there.
    constexpr std::size_t least_for_names = 10;
    const std::size_t rest = output_.columns > text.size() + 1 ? output_.columns - text.size() - 1 : 0;
    return rest < least_for_names ? text.substr(0, output_.columns - 1) : text + names_in_work(rest);
}

void Progress::operator()(const KernelProgress& progress) {
    if (progress.begins) {
        in_work_.push_back(progress.kernel.name);
    } else if (const auto ended = std::find(in_work_.begin(), in_work_.end(), progress.kernel.name);
               ended != in_work_.end()) {
        in_work_.erase(ended);
    }
    if (output_.terminal) {
        if (in_work_.empty()) {
            erase_bar();
        } else {
            output_.write(std::string(erase_line) + bar(progress));
            has_bar_ = true;
        }
        return;
    }
    const Clock::time_point now = output_.now();
    if (now - last_line_ < between_lines || progress.begins) return;
    last_line_ = now;
    output_.write(
        fmt::format("compiled {} of {} kernels, last {}\n", progress.done, progress.count, progress.kernel.name));
}

void Progress::erase_bar() {
    if (has_bar_) output_.write(erase_line);
    has_bar_ = false;
}

Progress::Output progress_on_stderr() {
    Progress::Output output;
    const char* const kind = std::getenv("TERM");
    output.terminal = isatty(STDERR_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) output.columns = size.ws_col;
    output.write = [](std::string_view text) {
        std::fwrite(text.data(), 1, text.size(), stderr);
        std::fflush(stderr);
    };
    return output;
}

}  // namespace halcyon
