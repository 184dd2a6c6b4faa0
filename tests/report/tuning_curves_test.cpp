#include "report/tuning_curves.h"

#include <doctest/doctest.h>

#include "kernels/family_revision.h"

namespace halcyon::testing {
namespace {

TrialRecord trial(const std::string& task, double nanoseconds, std::int64_t when) {
    return {.task = task,
            .candidate = "pool  layout nhwc -> nhwc  tile 4x1",
            .family = "pool",
            .revision = std::string(family_revision("pool")),
            .target = "x86-64-v4",
            .cpu = "here",
            .nanoseconds = nanoseconds,
            .when = when};
}

TuningCurves curves_of(const std::vector<TrialRecord>& records) {
    return tuning_curves(records, "x86-64-v4", "here", {{"a", 1}, {"b", 3}});
}

std::vector<double> seconds(const TuningCurves& curves, const std::string& task) {
    std::vector<double> result;
    for (const CurvePoint& point : curves.tasks.at(task)) result.push_back(point.seconds);
    return result;
}

}  // namespace

TEST_CASE("a task's curve has its trials in the order in which they were made") {
    const TuningCurves curves = curves_of({trial("a", 3e9, 2), trial("a", 5e9, 1), trial("a", 4e9, 3)});
    CHECK(seconds(curves, "a") == std::vector<double>{5.0, 3.0, 4.0});
    CHECK(curves.cpu == "here");
}

TEST_CASE("the network's curve sums the best of each task as often as it runs, its first time before its turn") {
    const TuningCurves curves = curves_of(
        {trial("a", 10e9, 1), trial("b", 2e9, 2), trial("b", 3e9, 3), trial("a", 8e9, 4), trial("b", 1e9, 5)});
    CHECK(curves.network == std::vector<double>{16.0, 16.0, 16.0, 14.0, 11.0});
}

TEST_CASE("a failure is a point without a time, and a task of failures does not hold the network up") {
    TrialRecord failure = trial("b", 0.0, 1);
    failure.status = TrialStatus::wrong_answer;
    const TuningCurves curves = curves_of({failure, trial("a", 2e9, 2)});
    REQUIRE(curves.tasks.at("b").size() == 1);
    CHECK(curves.tasks.at("b")[0].status == TrialStatus::wrong_answer);
    CHECK(curves.tasks.at("b")[0].seconds == 0.0);
    CHECK(curves.network == std::vector<double>{2.0, 2.0});
}

TEST_CASE("trials of other tasks, other targets and kernels that have changed are not shown") {
    TrialRecord other_target = trial("a", 1e9, 1), old = trial("a", 1e9, 2);
    other_target.target = "x86-64-v3";
    old.revision = "before";
    const TuningCurves curves = curves_of({other_target, old, trial("c", 1e9, 3), trial("a", 4e9, 4)});
    CHECK(curves.tasks.size() == 1);
    CHECK(seconds(curves, "a") == std::vector<double>{4.0});
    CHECK(curves.outdated == 1);
}

TEST_CASE("where this CPU made no trials the one with most is shown, and named; never two together") {
    TrialRecord there = trial("a", 4e9, 1), elsewhere = trial("a", 1e9, 2);
    there.cpu = "there";
    elsewhere.cpu = "elsewhere";
    TuningCurves curves = curves_of({there, elsewhere, there});
    CHECK(curves.cpu == "there");
    CHECK(seconds(curves, "a") == std::vector<double>{4.0, 4.0});
    curves = curves_of({there, there, trial("a", 2e9, 3)});
    CHECK(curves.cpu == "here");
    CHECK(seconds(curves, "a") == std::vector<double>{2.0});
}

TEST_CASE("without trials there are no curves") {
    const TuningCurves curves = curves_of({});
    CHECK(curves.tasks.empty());
    CHECK(curves.network.empty());
}

}  // namespace halcyon::testing
