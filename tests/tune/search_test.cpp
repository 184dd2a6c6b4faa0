#include "tune/search.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

namespace halcyon::testing {
namespace {

Option option(const std::string& family, int tile, int rows, double cost) {
    Option result;
    result.candidate.family = family;
    result.candidate.parameters = {{"tile", {tile}}, {"rows", {rows}}};
    result.cost = cost;
    return result;
}

/// Two families of 8 x 8 candidates. By analysis the first family's are better, and of each the small ones.
std::vector<Option> grid() {
    std::vector<Option> options;
    for (int tile = 1; tile <= 8; ++tile)
        for (int rows = 1; rows <= 8; ++rows) {
            options.push_back(option("direct", tile, rows, 1.0 + tile + rows));
            options.push_back(option("winograd", tile, rows, 1.5 + tile + rows));
        }
    return options;
}

/// What the machine takes: the least at tile 6, rows 3 of the second family.
double truth(const Option& each) {
    const int tile = each.candidate.value("tile");
    const int rows = each.candidate.value("rows");
    const double family = each.candidate.family == "winograd" ? 1.0 : 2.0;
    return family * (1.0 + 0.1 * (tile - 6) * (tile - 6) + 0.1 * (rows - 3) * (rows - 3));
}

Score right(double seconds, double noise = 0.0) {
    return {TrialStatus::ok, seconds, noise};
}

}  // namespace

TEST_CASE("a candidate wins only by more than the noise, and by one percent at least") {
    CHECK(beats(right(0.98), right(1.0)));
    CHECK_FALSE(beats(right(0.995), right(1.0)));
    CHECK_FALSE(beats(right(0.95, 0.1), right(1.0)));
    CHECK_FALSE(beats(right(0.95), right(1.0, 0.1)));
    CHECK(beats(right(0.8, 0.1), right(1.0, 0.1)));
}

TEST_CASE("what gave a wrong answer, crashed or hung beats nothing and is beaten by what is right") {
    for (const TrialStatus status : {TrialStatus::wrong_answer, TrialStatus::crashed, TrialStatus::hung}) {
        CHECK_FALSE(beats({status, 0.1, 0.0}, right(1.0)));
        CHECK(beats(right(1.0), {status, 0.1, 0.0}));
    }
}

TEST_CASE("halving measures the faster half again, three times as long") {
    std::vector<std::pair<std::vector<std::size_t>, double>> asked;
    const auto measure = [&](const std::vector<std::size_t>& options, double seconds) {
        asked.emplace_back(options, seconds);
        std::vector<Score> scores;
        for (std::size_t each : options) scores.push_back(right(static_cast<double>(10 - each), seconds));
        return scores;
    };
    const auto standing = successive_halving({0, 1, 2, 3}, 1.0, 3, measure);
    REQUIRE(asked.size() == 3);
    CHECK(asked[0] == std::pair{std::vector<std::size_t>{0, 1, 2, 3}, 1.0});
    CHECK(asked[1] == std::pair{std::vector<std::size_t>{3, 2}, 3.0});
    CHECK(asked[2] == std::pair{std::vector<std::size_t>{3}, 9.0});
    REQUIRE(standing.size() == 4);
    CHECK(standing[0].second == right(10.0, 1.0));
    CHECK(standing[3].second == right(7.0, 9.0));
}

TEST_CASE("halving keeps nobody who is not right, and stops when time is over") {
    std::size_t rounds = 0;
    const auto all_crash = [&](const std::vector<std::size_t>& options, double) {
        ++rounds;
        return std::vector<Score>(options.size(), {TrialStatus::crashed});
    };
    CHECK(successive_halving({0, 1, 2}, 1.0, 3, all_crash).size() == 3);
    CHECK(rounds == 1);
    const auto half_an_answer = [](const std::vector<std::size_t>&, double) { return std::vector<Score>{right(1.0)}; };
    CHECK(successive_halving({4, 5, 6}, 1.0, 3, half_an_answer) ==
          std::vector<std::pair<std::size_t, Score>>{{4, right(1.0)}});
}

TEST_CASE("the first to be tried are those of the schedule file, the cheapest, and the cheapest of each family") {
    std::vector<Option> options = grid();
    TaskSearch search(options, {100}, 1);
    const std::vector<std::size_t> first = search.next(4);
    REQUIRE(first.size() == 4);
    CHECK(first[0] == 100);
    CHECK(options[first[1]].candidate == option("direct", 1, 1, 0).candidate);
    CHECK(options[first[2]].candidate == option("winograd", 1, 1, 0).candidate);
}

TEST_CASE("no option is tried twice, and in the end every one has been tried") {
    TaskSearch search(grid(), {}, 1);
    std::set<std::size_t> tried;
    for (std::vector<std::size_t> batch = search.next(7); !batch.empty(); batch = search.next(7)) {
        for (std::size_t each : batch) {
            CHECK(tried.insert(each).second);
            search.tell(each, right(truth(search.options()[each])));
        }
    }
    CHECK(tried.size() == search.options().size());
    CHECK(search.known() == search.options().size());
}

TEST_CASE("the search finds the best of many where analysis is wrong about it, in a quarter of all trials") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        TaskSearch search(grid(), {}, seed);
        while (search.known() < search.options().size() / 4) {
            for (std::size_t each : search.next(4)) {
                search.tell(each, right(truth(search.options()[each])));
                search.challenge(each);
            }
        }
        REQUIRE(search.best());
        CAPTURE(seed);
        CHECK(truth(search.options()[*search.best()]) < 1.11);
    }
}

TEST_CASE("equal searches that are told the same try the same") {
    TaskSearch a(grid(), {}, 5), b(grid(), {}, 5);
    for (int round = 0; round < 5; ++round) {
        const std::vector<std::size_t> batch = a.next(6);
        CHECK(batch == b.next(6));
        for (std::size_t each : batch) {
            a.tell(each, right(truth(a.options()[each])));
            b.tell(each, right(truth(a.options()[each])));
        }
    }
}

TEST_CASE("a change within the noise is no progress") {
    TaskSearch search({option("direct", 1, 1, 1.0), option("direct", 2, 1, 2.0)}, {}, 1);
    search.tell(0, right(1.0, 0.05));
    search.tell(1, right(0.97, 0.05));
    CHECK(search.challenge(0));
    CHECK_FALSE(search.challenge(1));
    CHECK(search.best() == 0);
}

TEST_CASE("every task gets a round before any gets a second, those that take longest first") {
    std::vector<TaskStanding> tasks{{1.0, 0, 0, false}, {3.0, 0, 0, false}, {2.0, 8, 0, false}};
    CHECK(pick_task(tasks) == 1);
    tasks[1].trials = 8;
    CHECK(pick_task(tasks) == 0);
    tasks[0].trials = 8;
    CHECK(pick_task(tasks) == 1);
}

TEST_CASE("a task without gains gives way to one that takes less time, and finished ones are left alone") {
    std::vector<TaskStanding> tasks{{3.0, 8, 1, false}, {2.0, 8, 0, false}};
    CHECK(pick_task(tasks) == 1);
    tasks[1].finished = true;
    CHECK(pick_task(tasks) == 0);
    tasks[0].finished = true;
    CHECK_FALSE(pick_task(tasks).has_value());
}

}  // namespace halcyon::testing
