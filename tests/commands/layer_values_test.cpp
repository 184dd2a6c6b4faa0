#include <doctest/doctest.h>

#include "commands/common/layer_values.h"

using namespace halcyon;

using Names = std::vector<std::string>;

TEST_CASE("what could mean something in a path becomes '_' in the name of a layer's file") {
    CHECK(layer_file_names({"conv2d_1", "a:b\\c", "../x", ".hidden", "2.5"}) ==
          Names{"conv2d_1", "a_b_c", "_._x", "_hidden", "2.5"});
}

TEST_CASE("files of layers that would have one name are told apart by a number") {
    CHECK(layer_file_names({"shared", "a:b", "shared", "a_b", "shared.2"}) ==
          Names{"shared", "a_b", "shared.2", "a_b.2", "shared.2.2"});
}

TEST_CASE("names of files of layers are short enough for every disk") {
    const std::string longest(255, 'x');
    const Names names = layer_file_names({longest, longest});
    CHECK(names[0].size() == 180);
    CHECK(names[1] == names[0] + ".2");
}
