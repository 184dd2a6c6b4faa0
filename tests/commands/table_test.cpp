#include <doctest/doctest.h>

#include "commands/common/latency.h"
#include "commands/common/table.h"

using namespace halcyon;

TEST_CASE("a table's columns are as wide as their longest cell, numbers to the right") {
    Table table({"name", ">count", "note"});
    table.add({"a", "1,000", ""});
    table.add({"größe", "7", "x"});
    CHECK(table.text() == "name   count  note\n"
                          "a      1,000\n"
                          "größe      7  x\n");
}

TEST_CASE("digits are grouped by three") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(-123456) == "-123,456");
    CHECK(grouped(25583592) == "25,583,592");
}

TEST_CASE("a quantile is a measured time that the share of runs did not exceed") {
    Latencies latencies;
    for (int i = 10; i >= 1; --i) latencies.add(i);
    CHECK(latencies.min() == 1.0);
    CHECK(latencies.median() == 5.0);
    CHECK(latencies.quantile(0.9) == 9.0);
    CHECK(latencies.quantile(0.999) == 10.0);
}
