#include "tune/whole.h"

#include <doctest/doctest.h>

namespace halcyon::testing {
namespace {

Option option(const std::string& family, std::int64_t bytes) {
    Option result;
    result.candidate.family = family;
    result.bytes = bytes;
    return result;
}

std::optional<Score> right(double seconds) {
    return Score{TrialStatus::ok, seconds, 0.0};
}

}  // namespace

TEST_CASE("alternatives are other families and smaller packings that are nearly as fast, the least loss first") {
    const std::vector<Option> options{option("winograd", 400), option("winograd", 390), option("direct", 100),
                                      option("winograd", 200), option("other", 400)};
    const std::vector<std::optional<Score>> first{right(1.0), right(1.01), right(1.08), right(1.05), right(1.2)};
    const std::vector<std::optional<Score>> second{right(1.0), right(1.01), right(1.02), std::nullopt, right(0.5)};
    std::vector<std::optional<Score>> none(options.size());
    none[0] = right(1.0);
    const std::vector<TaskScores> tasks{{options, first, 0, 1}, {options, second, 0, 2, 2}, {options, none, 0, 1}};
    const std::vector<Alternative> all = alternatives_of(std::span(tasks));
    REQUIRE(all.size() == 2);
    // The second task's alternative is faster than its best by noise: that counts as a gain.
    CHECK(all[0].task == 1);
    CHECK(all[0].option == 4);
    CHECK(all[1].task == 0);
    CHECK(all[1].option == 3);
}

TEST_CASE("where packed constants take too much, those give way that gain least for their bytes") {
    const std::vector<Option> options{option("winograd", 400), option("direct", 100)};
    const std::vector<std::optional<Score>> much{right(1.0), right(3.0)};
    const std::vector<std::optional<Score>> little{right(1.0), right(1.1)};
    const std::vector<TaskScores> tasks{{options, much, 0, 1}, {options, little, 0, 1}};
    std::vector<std::size_t> chosen{0, 0};
    fit_bytes(tasks, chosen, 800);
    CHECK(chosen == std::vector<std::size_t>{0, 0});
    fit_bytes(tasks, chosen, 500);
    CHECK(chosen == std::vector<std::size_t>{0, 1});
    fit_bytes(tasks, chosen, 10);
    CHECK(chosen == std::vector<std::size_t>{1, 1});
}

TEST_CASE("options whose results were not right are no way to save bytes") {
    const std::vector<Option> options{option("winograd", 400), option("direct", 100)};
    const std::vector<std::optional<Score>> scores{right(1.0), Score{TrialStatus::wrong_answer, 0.0, 0.0}};
    const std::vector<TaskScores> tasks{{options, scores, 0, 1}};
    std::vector<std::size_t> chosen{0};
    fit_bytes(tasks, chosen, 10);
    CHECK(chosen == std::vector<std::size_t>{0});
}

}  // namespace halcyon::testing
