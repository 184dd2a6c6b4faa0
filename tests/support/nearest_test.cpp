#include <doctest/doctest.h>

#include "support/diagnostics.h"

using namespace halcyon;

namespace {
const std::vector<std::string_view> names = {"filters", "kernel_size", "strides", "padding", "Conv2D", "x"};
}

TEST_CASE("a slip of one letter finds the name") {
    CHECK(nearest("pading", names) == "padding");
    CHECK(nearest("stride", names) == "strides");
    CHECK(nearest("fitlers", names) == "filters");
}

TEST_CASE("a name in other case is near") {
    CHECK(nearest("conv2d", names) == "Conv2D");
    CHECK(nearest("X", names) == "x");
}

TEST_CASE("a word unlike all names finds none") {
    CHECK(nearest("activation", names) == "");
    CHECK(nearest("y", names) == "");
    CHECK(nearest("", names) == "");
}

TEST_CASE("a word of many thousand letters finds none, quickly") {
    CHECK(nearest(std::string(1000000, 'a'), names) == "");
}
