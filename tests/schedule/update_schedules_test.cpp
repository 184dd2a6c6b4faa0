#include "schedule/update_schedules.h"

#include <doctest/doctest.h>

namespace halcyon::testing {
namespace {

constexpr const char* task = "max_pool float32 1x8x8x32 -> 1x4x4x32 kernel 2x2 stride 2";

Candidate pool(int tile) {
    Candidate candidate;
    candidate.family = "pool";
    candidate.parameters = {{"tile", {tile}}};
    return candidate;
}

TunedEntry tuned(int tile, const std::string& of = task) {
    return {of, pool(tile), fmt::format("pool  layout nhwc -> nhwc  tile {}", tile), "tuned: 0.5 ms, 7 trials",
            "net: pool_1"};
}

UpdatedSchedules update(const std::string& text, const std::vector<TunedEntry>& entries) {
    Sources sources;
    Diagnostics diag;
    Schedules before;
    if (!text.empty()) before = Schedules::parse(sources, sources.add("net.hcs", text), diag);
    REQUIRE_MESSAGE(!diag.has_errors(), render(diag, sources));
    UpdatedSchedules updated = update_schedules(text, before, entries, "x86-64-v4", "znver4");
    const Schedules after = Schedules::parse(sources, sources.add("after.hcs", updated.text), diag);
    REQUIRE_MESSAGE(!diag.has_errors(), render(diag, sources));
    for (const TunedEntry& entry : entries) {
        REQUIRE(after.find(entry.task, "x86-64-v4") != nullptr);
        CHECK(after.find(entry.task, "x86-64-v4")->names(entry.candidate));
    }
    return updated;
}

std::string file_with(const std::string& line) {
    return fmt::format("halcyon-schedules 1\n# mine\ntarget x86-64-v4\n\n{} {{  # pools\n    {}\n}}\n# end\n", task,
                       line);
}

}  // namespace

TEST_CASE("a new file has the format's line, the target and each task under what it computes") {
    const UpdatedSchedules updated = update("", {tuned(3)});
    CHECK(updated.text == fmt::format("halcyon-schedules 1\n"
                                      "target x86-64-v4 tuned-on znver4\n"
                                      "\n"
                                      "# net: pool_1\n"
                                      "{} {{\n"
                                      "    pool  layout nhwc -> nhwc  tile 3  # tuned: 0.5 ms, 7 trials\n"
                                      "}}\n",
                                      task));
    CHECK(updated.added == 1);
}

TEST_CASE("a hand-written entry that is still the best stays byte by byte") {
    const std::string text = file_with("pool tile 3   # I like it");
    const UpdatedSchedules updated = update(text, {tuned(3)});
    CHECK(updated.text == text);
    CHECK(updated.kept == 1);
    CHECK(updated.replaced_by_hand.empty());
}

TEST_CASE("a hand-written entry that was beaten stays above the new one as a comment, and is told of") {
    const UpdatedSchedules updated = update(file_with("pool tile 2   # I like it"), {tuned(3)});
    CHECK(updated.text == file_with("# by hand: pool tile 2   # I like it\n"
                                    "    pool  layout nhwc -> nhwc  tile 3  # tuned: 0.5 ms, 7 trials"));
    CHECK(updated.replaced_by_hand == std::vector<std::string>{"net.hcs:6"});
    CHECK(updated.replaced == 1);
}

TEST_CASE("an entry of an earlier tuning is replaced without a trace, and gets new figures") {
    const std::string now = file_with("pool  layout nhwc -> nhwc  tile 3  # tuned: 0.5 ms, 7 trials");
    CHECK(update(file_with("pool tile 2  # tuned: 0.9 ms, 1 trial"), {tuned(3)}).text == now);
    CHECK(update(file_with("pool tile 3  # tuned: 0.9 ms, 1 trial"), {tuned(3)}).text == now);
}

TEST_CASE("the peak measured anew, without a trial, changes no line") {
    TunedEntry entry = tuned(3);
    entry.comment = to_text(TunedFigures{0.5e-3, 2e8, 0.85, 7});
    const std::string text =
        file_with("pool  layout nhwc -> nhwc  tile 3  # " + to_text(TunedFigures{0.5e-3, 2e8, 0.87, 7}));
    CHECK(update(text, {entry}).text == text);
    entry.comment = to_text(TunedFigures{0.5e-3, 2e8, 0.85, 8});
    CHECK(update(text, {entry}).text ==
          file_with("pool  layout nhwc -> nhwc  tile 3  # tuned: 0.5 ms, 400.0 GFLOP/s, 85 % of the peak, 8 trials"));
}

TEST_CASE("entries for other tasks and targets stay, and new tasks come behind them") {
    const std::string text = file_with("pool tile 2") + "target x86-64-v3\nother {\n    pool tile 9\n}\n";
    const std::string further = "max_pool float32 1x6x6x32 -> 1x3x3x32 kernel 2x2 stride 2";
    const UpdatedSchedules updated = update(text, {tuned(4, further)});
    CHECK(updated.text == text + fmt::format("target x86-64-v4 tuned-on znver4\n"
                                             "\n"
                                             "# net: pool_1\n"
                                             "{} {{\n"
                                             "    pool  layout nhwc -> nhwc  tile 4  # tuned: 0.5 ms, 7 trials\n"
                                             "}}\n",
                                             further));
}

TEST_CASE("what tuning says of an entry can be read again") {
    const std::string text = to_text(TunedFigures{0.00054, 2.3e8, 0.873, 31});
    CHECK(text == "tuned: 0.54 ms, 425.9 GFLOP/s, 87 % of the peak, 31 trials");
    const std::optional<WrittenFigures> figures = figures_of(text);
    REQUIRE(figures);
    CHECK(figures->peak_share == 0.87);
    CHECK(figures->trials == 31);
}

TEST_CASE("a machine whose peak is not known gives no share of it") {
    CHECK(to_text(TunedFigures{0.54e-3, 230e6, 0.0, 2}) == "tuned: 0.54 ms, 425.9 GFLOP/s, 2 trials");
}

TEST_CASE("a task without arithmetic has no share of the peak, and other comments say nothing") {
    const std::string text = to_text(TunedFigures{0.001, 0.0, 0.0, 1});
    CHECK(text == "tuned: 1 ms, 1 trial");
    REQUIRE(figures_of(text));
    CHECK_FALSE(figures_of(text)->peak_share.has_value());
    CHECK(figures_of(text)->trials == 1);
    CHECK_FALSE(figures_of("I like it: 87 % of the peak").has_value());
    REQUIRE(figures_of("tuned: by me"));
    CHECK(figures_of("tuned: by me")->trials == 0);
}

}  // namespace halcyon::testing
