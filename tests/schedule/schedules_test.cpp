#include <doctest/doctest.h>

#include "schedule/choose.h"

namespace halcyon::testing {
namespace {

/// What is said about a schedule file.
struct Reading {
    explicit Reading(const std::string& text)
        : schedules(Schedules::parse(sources, sources.add("net.hcs", text), diag)) {}
    [[nodiscard]] std::string errors() const { return render(diag, sources); }

    Sources sources;
    Diagnostics diag;
    Schedules schedules;
};

}  // namespace

TEST_CASE("an entry is found by its task and target, and knows its place") {
    const Reading reading("halcyon-schedules 1\n"
                          "# found by hand\n"
                          "target x86-64-v4 tuned-on sapphirerapids\n"
                          "softmax float32 1x10 -> 1x10 axes 0 {\n"
                          "    softmax  layout nc -> nc  vectors 2  # 1 us\n"
                          "}\n");
    CHECK(reading.errors() == "");
    const Schedules::Entry* entry = reading.schedules.find("softmax float32 1x10 -> 1x10 axes 0", "x86-64-v4");
    REQUIRE(entry != nullptr);
    CHECK(entry->family == "softmax");
    CHECK(entry->parameters == std::vector<Parameter>{{"vectors", {2}}});
    CHECK(entry->place == "net.hcs:5");
    CHECK(reading.schedules.find("softmax float32 1x10 -> 1x10 axes 0", "x86-64-v3") == nullptr);
    CHECK(reading.schedules.find("softmax float32 1x11 -> 1x11 axes 0", "x86-64-v4") == nullptr);
}

TEST_CASE("a candidate may be written with its layouts and its place, as listings show it, or without") {
    const Reading reading("halcyon-schedules 1\r\n"
                          "target wasm-32\r\n"
                          "a {\r\n"
                          "\tdirect_conv  layout nhwc, nhwc -> nhwc  in_place 1  tile 14x2  rows 1\r\n"
                          "}\r\n"
                          "b {\r\n"
                          "direct_conv tile 14x2 rows 1\r\n"
                          "}\r\n"
                          "c {\r\n"
                          "pad\r\n"
                          "}");
    CHECK(reading.errors() == "");
    const std::vector<Parameter> parameters{{"tile", {14, 2}}, {"rows", {1}}};
    REQUIRE(reading.schedules.find("a", "wasm-32") != nullptr);
    CHECK(reading.schedules.find("a", "wasm-32")->parameters == parameters);
    REQUIRE(reading.schedules.find("b", "wasm-32") != nullptr);
    CHECK(reading.schedules.find("b", "wasm-32")->parameters == parameters);
    REQUIRE(reading.schedules.find("c", "wasm-32") != nullptr);
    CHECK(reading.schedules.find("c", "wasm-32")->parameters.empty());
}

TEST_CASE("of two entries for a task the first counts, also across files") {
    Reading first("halcyon-schedules 1\ntarget t\na {\n    one x 1\n}\na {\n    two x 1\n}\n");
    const Reading second("halcyon-schedules 1\ntarget t\na {\n    three x 1\n}\nb {\n    four x 1\n}\n");
    first.schedules.append(second.schedules);
    REQUIRE(first.schedules.find("b", "t") != nullptr);
    CHECK(first.schedules.find("a", "t")->family == "one");
    CHECK(first.schedules.find("b", "t")->family == "four");
}

TEST_CASE("a file of another kind, or an empty one, is no schedule file") {
    CHECK(Reading("def net(x: float32[3]):\n").errors() ==
          "net.hcs:1:1: error[E0601]: a schedule file begins with 'halcyon-schedules 1'\n"
          "    def net(x: float32[3]):\n"
          "    ^~~~~~~~~~~~~~~~~~~~~~~\n");
    CHECK(Reading("").errors() == "net.hcs:1:1: error[E0601]: a schedule file begins with 'halcyon-schedules 1'\n");
    CHECK(Reading("halcyon-schedules 2\n").errors() ==
          "net.hcs:1:1: error[E0601]: a schedule file begins with 'halcyon-schedules 1'\n"
          "    halcyon-schedules 2\n"
          "    ^~~~~~~~~~~~~~~~~~~\n");
}

TEST_CASE("a task needs a target above it") {
    CHECK(Reading("halcyon-schedules 1\na {\n    one x 1\n}\ntarget t\nb {\n    one x 1\n}\n").errors() ==
          "net.hcs:2:1: error[E0601]: expected 'target NAME'\n"
          "    a {\n"
          "    ^~~\n");
}

TEST_CASE("every mistake of a file is reported once, and the entries around them are read") {
    const Reading reading("halcyon-schedules 1\n"
                          "target t\n"
                          "no brace\n"
                          "    one x 1\n"
                          "}\n"
                          "empty {\n"
                          "}\n"
                          "values {\n"
                          "    one x 1  y 3*4\n"
                          "}\n"
                          "odd {\n"
                          "    one x 1  y\n"
                          "}\n"
                          "layout {\n"
                          "    one layout nhwc x 1\n"
                          "}\n"
                          "two {\n"
                          "    one x 1\n"
                          "    two x 1\n"
                          "}\n"
                          "open {\n"
                          "    one x 1\n"
                          "good {\n"
                          "    one x 1\n"
                          "}\n"
                          "end {\n");
    CHECK(reading.errors() == "net.hcs:3:1: error[E0601]: expected a task that ends in '{'\n"
                              "    no brace\n"
                              "    ^~~~~~~~\n"
                              "net.hcs:7:1: error[E0601]: expected the task's candidate before '}'\n"
                              "    }\n"
                              "    ^\n"
                              "net.hcs:9:5: error[E0601]: '3*4' is no value for 'y': expected numbers joined by x\n"
                              "    one x 1  y 3*4\n"
                              "    ^~~~~~~~~~~~~~\n"
                              "net.hcs:12:5: error[E0601]: 'y' has no value\n"
                              "    one x 1  y\n"
                              "    ^~~~~~~~~~\n"
                              "net.hcs:15:5: error[E0601]: expected 'layout INPUTS -> OUTPUT'\n"
                              "    one layout nhwc x 1\n"
                              "    ^~~~~~~~~~~~~~~~~~~\n"
                              "net.hcs:19:5: error[E0601]: expected '}' after the task's one candidate\n"
                              "    two x 1\n"
                              "    ^~~~~~~\n"
                              "net.hcs:23:1: error[E0601]: expected '}' after the task's one candidate\n"
                              "    good {\n"
                              "    ^~~~~~\n"
                              "net.hcs:26:1: error[E0601]: the file ends inside a task\n"
                              "    end {\n"
                              "    ^~~~~\n");
    CHECK(reading.schedules.find("good", "t") != nullptr);
    CHECK(reading.schedules.find("values", "t") == nullptr);
}

TEST_CASE("a value beyond an int is no value") {
    CHECK(Reading("halcyon-schedules 1\ntarget t\na {\n    one x 99999999999\n}\n").errors() ==
          "net.hcs:4:5: error[E0601]: '99999999999' is no value for 'x': expected numbers joined by x\n"
          "    one x 99999999999\n"
          "    ^~~~~~~~~~~~~~~~~\n");
}

}  // namespace halcyon::testing
