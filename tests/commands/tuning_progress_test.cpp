#include "commands/common/tuning_progress.h"

#include <doctest/doctest.h>

namespace halcyon::testing {
namespace {

TuningTask task() {
    TuningTask result;
    result.name = "conv2d_1";
    return result;
}

TuningNews news(const TuningTask& of, std::size_t trials) {
    return {.task = of,
            .trials = trials,
            .task_trials = 12,
            .best = 54e-6,
            .network_seconds = 4.3216e-3,
            .gain = 1.084,
            .seconds_passed = 413.4,
            .tasks_finished = 3,
            .tasks = 25};
}

struct Screen {
    std::string text;
    Progress::Clock::time_point now;
    Progress::Output output(bool terminal) {
        return {.terminal = terminal,
                .columns = 20,
                .write = [this](std::string_view written) { text += written; },
                .now = [this] { return now; }};
    }
};

}  // namespace

TEST_CASE("the line of progress tells task, best, network, gain and the time left") {
    const TuningTask of = task();
    CHECK(tuning_line(news(of, 31), 600.0) ==
          "trial 31, conv2d_1: 0.0540 ms (12 trials); network 4.322 ms, 1.08 x; 3 of 25 tasks done; 3:07 left");
    CHECK(tuning_line(news(of, 31), 10'000.0).ends_with("2:39:47 left"));
}

TEST_CASE("without a budget the line tells the time passed, and without a right result no time of the task") {
    const TuningTask of = task();
    TuningNews first = news(of, 1);
    first.best.reset();
    CHECK(
        tuning_line(first, std::nullopt) ==
        "trial 1, conv2d_1: nothing right yet (12 trials); network 4.322 ms, 1.08 x; 3 of 25 tasks done; 6:53 passed");
}

TEST_CASE("on a terminal the line is written anew, as wide as fits, and taken off at the end") {
    const TuningTask of = task();
    Screen screen;
    {
        TuningProgress progress(screen.output(true), 600.0);
        progress(news(of, 31));
        progress(news(of, 32));
    }
    CHECK(screen.text == "\r\x1b[Ktrial 31, conv2d_1:\r\x1b[Ktrial 32, conv2d_1:\r\x1b[K");
}

TEST_CASE("elsewhere a line comes every five seconds") {
    const TuningTask of = task();
    Screen screen;
    TuningProgress progress(screen.output(false), 600.0);
    for (std::size_t i = 1; i <= 12; ++i) {
        screen.now += std::chrono::seconds(1);
        progress(news(of, i));
    }
    CHECK(screen.text == tuning_line(news(of, 5), 600.0) + "\n" + tuning_line(news(of, 10), 600.0) + "\n");
}

TEST_CASE("durations have a unit or are seconds") {
    CHECK(parse_duration("90s") == 90.0);
    CHECK(parse_duration("10m") == 600.0);
    CHECK(parse_duration("1.5h") == 5400.0);
    CHECK(parse_duration("600") == 600.0);
    for (const char* text : {"", "m", "10x", "-1m", "0", "nan", "inf", "1e99h", "10 m"})
        CHECK_FALSE(parse_duration(text).has_value());
}

}  // namespace halcyon::testing
