#include <doctest/doctest.h>

#include <cmath>

#include "commands/common/difference.h"

using namespace halcyon;

TEST_CASE("a difference is relative to the reference's largest magnitude") {
    CHECK(relative_difference(Array({3}, {1.0, 2.0, -3.5}), Array({3}, {1.0, 2.0, -4.0})) == 0.125);
}

TEST_CASE("where the reference is all zero, the difference is absolute") {
    CHECK(relative_difference(Array({2}, {0.0, 0.5}), Array({2}, {0.0, 0.0})) == 0.5);
    CHECK(relative_difference(Array({2}, {0.0, 0.0}), Array({2}, {0.0, 0.0})) == 0.0);
}

TEST_CASE("NaN and infinities agree only with themselves") {
    CHECK(relative_difference(Array({2}, {NAN, 1.0}), Array({2}, {NAN, 1.0})) == 0.0);
    CHECK(std::isinf(relative_difference(Array({1}, {NAN}), Array({1}, {1.0}))));
    CHECK(std::isinf(relative_difference(Array({1}, {INFINITY}), Array({1}, {1.0}))));
    CHECK(relative_difference(Array({1}, {INFINITY}), Array({1}, {INFINITY})) == 0.0);
}
