#include <doctest/doctest.h>

#include "harness.h"

using namespace harness;

namespace {

Arguments slicing(const Sequence& begin, const Sequence& step, const Sequence& count) {
    return {{"begin", begin}, {"step", step}, {"count", count}};
}

}  // namespace

TEST_CASE("a slice takes elements from its begin on in its steps, backwards where they are negative") {
    const Array image = counting({4, 5, 3});
    const Applied slice = apply("GetItem", slicing({1, 4, 2}, {1, -2, -1}, {3, 3, 3}), {{4, 5, 3}});
    REQUIRE(slice.shape() == Shape{3, 3, 3});
    const Array result = compute(slice, {}, {image});
    for (int y = 0; y < 3; ++y)
        for (int x = 0; x < 3; ++x)
            for (int c = 0; c < 3; ++c) CHECK(result.at(y, x, c) == image.at(1 + y, 4 - 2 * x, 2 - c));
}

TEST_CASE("axes of one element go and come") {
    Arguments one_row = slicing({2, 0}, {1, 1}, {1, 3});
    one_row["shape"] = Sequence{3, 1};
    const Applied row = apply("GetItem", one_row, {{4, 3}});
    REQUIRE(row.shape() == Shape{3, 1});
    CHECK(compute(row, {}, {counting({4, 3})})[1] == counting({4, 3}).at(2, 1));
    one_row["shape"] = Sequence{2, 3};
    CHECK(apply("GetItem", one_row, {{4, 3}}).message() == "E0301 shape: (2, 3) is not (1, 3) but for axes of 1");
}

TEST_CASE("a slice beyond its input is refused") {
    CHECK(apply("GetItem", slicing({1, 0}, {2, 1}, {3, 3}), {{4, 3}}).message() ==
          "E0301: 3 elements from 1 on in steps of 2 are not in axis 1 of the input (4, 3)");
    CHECK(apply("GetItem", slicing({1}, {1}, {1}), {{4, 3}}).message() ==
          "E0302: begin, step and count need 2 numbers each for the input (4, 3)");
}
