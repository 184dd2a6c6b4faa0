#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>

#include "reading.h"
#include "support/file_system.h"

using namespace halcyon;

namespace {

std::string sample() {
    const FileResult<std::string> read = DiskFiles().read(HALCYON_TEST_DATA "/syntax/sample.hcn", 1 << 20);
    REQUIRE(std::holds_alternative<std::string>(read));
    return std::get<std::string>(read);
}

/// Reading must end, with a tree or with errors that can be shown.
void read_anything(const std::string& text) {
    const Reading reading(text);
    CHECK(reading.module.has_value() != reading.diag.has_errors());
    CHECK_FALSE(reading.tree().empty());
}

}  // namespace

TEST_CASE("the sample is read") {
    CHECK(Reading(sample()).errors() == "");
}

TEST_CASE("every beginning of the sample is read or refused") {
    const std::string text = sample();
    for (std::size_t size = 0; size < text.size(); ++size) read_anything(text.substr(0, size));
}

TEST_CASE("two thousand damaged samples are read or refused") {
    const std::string text = sample();
    std::mt19937 random(1);
    const auto below = [&](std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
    };
    for (int round = 0; round < 2000; ++round) {
        std::string damaged = text;
        for (std::size_t hits = 1 + below(4); hits > 0 && !damaged.empty(); --hits) {
            const std::size_t at = below(damaged.size());
            const std::size_t length = 1 + below(std::min<std::size_t>(40, damaged.size() - at));
            switch (below(4)) {
            case 0: damaged[at] = static_cast<char>(below(256)); break;
            case 1: damaged[at] = "()[]{}:,='\"#\\\n\t *fr@!"[below(21)]; break;
            case 2: damaged.erase(at, length); break;
            default: damaged.insert(below(damaged.size()), damaged.substr(at, length)); break;
            }
        }
        CAPTURE(damaged);
        read_anything(damaged);
    }
}

TEST_CASE("many thousand brackets, quotes or mistakes end in errors") {
    for (const std::string part :
         {"(", "{1:", "'\n", "f'{", "f(", "x = = 1\n", "\\\n", "@", "if x:\n ", "\x01", "not ", "*"}) {
        CAPTURE(part);
        std::string text;
        while (text.size() < 200000) text += part;
        const Reading reading(text);
        CHECK(reading.diag.has_errors());
        CHECK(reading.errors().size() < 100000);
    }
}

TEST_CASE("a hundred thousand lines are read in seconds") {
    const std::string one = sample();
    const auto lines_in_one = static_cast<int>(std::count(one.begin(), one.end(), '\n'));
    std::string text;
    for (int lines = 0; lines < 100000; lines += lines_in_one) text += one;
    const auto start = std::chrono::steady_clock::now();
    const Reading reading(text);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    CHECK(reading.module);
    CHECK(seconds.count() < 10.0);
}

TEST_CASE("a control character is refused wherever it stands") {
    for (const char* text :
         {"a\x01 = 1\n", "a = 1  # \x01\n", "a = '\x01'\n", "a = f'{b\x01}'\n", "a = f'{b:{c\x7f}}'\n"}) {
        const Reading reading(text);
        CHECK(reading.diag.has_errors());
        CHECK_FALSE(reading.module.has_value());
    }
}
