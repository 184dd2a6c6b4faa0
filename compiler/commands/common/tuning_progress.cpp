#include "commands/common/tuning_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace halcyon {
namespace {

constexpr std::chrono::seconds between_lines{5};
constexpr std::string_view erase_line = "\r\x1b[K";
constexpr int minute = 60;
constexpr int hour = 60 * minute;

std::string clock_text(double seconds) {
    const auto whole = static_cast<int>(std::lround(std::max(seconds, 0.0)));
    if (whole >= hour) return fmt::format("{}:{:02}:{:02}", whole / hour, whole % hour / minute, whole % minute);
    return fmt::format("{}:{:02}", whole / minute, whole % minute);
}

}  // namespace

std::string tuning_line(const TuningNews& news, std::optional<double> budget_seconds) {
    std::string text = fmt::format("trial {}, {}: ", news.trials, news.task.name);
    text += news.best ? fmt::format("{:.4f} ms", *news.best * 1e3) : std::string("nothing right yet");
    text += fmt::format(" ({} trials); network {:.3f} ms, {:.2f} x; {} of {} tasks done; ", news.task_trials,
                        news.network_seconds * 1e3, news.gain, news.tasks_finished, news.tasks);
    text += budget_seconds ? clock_text(*budget_seconds - news.seconds_passed) + " left"
                           : clock_text(news.seconds_passed) + " passed";
    return text;
}

void TuningProgress::operator()(const TuningNews& news) {
    const std::string line = tuning_line(news, budget_);
    if (output_.terminal) {
        // The last column stays free, since some terminals begin a new line there.
        output_.write(std::string(erase_line) + line.substr(0, output_.columns - 1));
        has_line_ = true;
        return;
    }
    const Progress::Clock::time_point now = output_.now();
    if (now - last_line_ < between_lines) return;
    last_line_ = now;
    output_.write(line + "\n");
}

void TuningProgress::erase() {
    if (has_line_) output_.write(erase_line);
    has_line_ = false;
}

std::optional<double> parse_duration(const std::string& text) {
    double number = 0.0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
    if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
    const double seconds = unit == "h"                   ? number * hour
                           : unit == "m"                 ? number * minute
                           : unit == "s" || unit.empty() ? number
                                                         : 0.0;
    constexpr double year = 365.0 * 24.0 * hour;
    if (seconds <= 0.0 || seconds > year) return std::nullopt;
    return seconds;
}

}  // namespace halcyon
