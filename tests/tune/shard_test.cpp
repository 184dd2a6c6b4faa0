#include "tune/shard.h"

#include <doctest/doctest.h>

namespace halcyon::testing {
namespace {

std::vector<TuningTask> numbered_tasks(int count) {
    std::vector<TuningTask> tasks(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) tasks[static_cast<std::size_t>(i)].name = std::to_string(i + 1);
    return tasks;
}

std::string names_of(const std::vector<TuningTask>& tasks) {
    std::string names;
    for (const TuningTask& task : tasks) names += (names.empty() ? "" : " ") + task.name;
    return names;
}

}  // namespace

TEST_CASE("a shard is one of several, numbered from 1") {
    CHECK(parse_shard("1/1") == Shard{1, 1});
    CHECK(parse_shard("12/16") == Shard{12, 16});
    for (const char* text : {"", "1", "/", "1/", "/2", "0/2", "3/2", "0/0", "-1/2", "1/-2", "1/2/3", "1 / 2", "a/b",
                             "1.5/2", "1/99999999999999999999999"})
        CHECK_FALSE_MESSAGE(parse_shard(text), text);
}

TEST_CASE("shards take turns, so that neighbours, which are often alike, go to different ones") {
    CHECK(names_of(tasks_of({1, 3}, numbered_tasks(8))) == "1 4 7");
    CHECK(names_of(tasks_of({2, 3}, numbered_tasks(8))) == "2 5 8");
    CHECK(names_of(tasks_of({3, 3}, numbered_tasks(8))) == "3 6");
}

TEST_CASE("a shard beyond the last task has none") {
    CHECK(tasks_of({4, 4}, numbered_tasks(3)).empty());
}

}  // namespace halcyon::testing
