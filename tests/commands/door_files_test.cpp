#include <doctest/doctest.h>

#include "commands/common/door_files.h"

using namespace halcyon;

namespace {

std::vector<Door> doors(std::initializer_list<const char*> names) {
    std::vector<Door> result;
    for (const char* name : names) result.push_back({name, {ElementType::float32, {2}}});
    return result;
}

}  // namespace

TEST_CASE("files without a name go to the doors that have none yet, in order") {
    Diagnostics diag;
    const auto files = match_doors({"a.npy", "second=b.npy", "c.npy"}, doors({"first", "second", "third"}), true, diag);
    REQUIRE(files);
    REQUIRE(files->size() == 3);
    CHECK((*files)[0].path == "b.npy");
    CHECK((*files)[0].door == 1);
    CHECK((*files)[1].path == "a.npy");
    CHECK((*files)[1].door == 0);
    CHECK((*files)[2].door == 2);
}

TEST_CASE("a word whose part before '=' is no name is a path") {
    Diagnostics diag;
    const auto files = match_doors({"dir/a=b.npy"}, doors({"x"}), true, diag);
    REQUIRE(files);
    CHECK((*files)[0].path == "dir/a=b.npy");
}

TEST_CASE("an input without a file is an error that shows how to name one") {
    Diagnostics diag;
    CHECK(!match_doors({"a.npy"}, doors({"x", "y"}), true, diag));
    CHECK(render(diag, Sources()) == "error[E0504]: the input 'y', float32[2], has no file\nhint: --input y=FILE\n");
}

TEST_CASE("more outputs than the model has are an error") {
    Diagnostics diag;
    CHECK(!match_doors({"a.npy", "b.npy"}, doors({"x"}), false, diag));
    CHECK(render(diag, Sources()) == "error[E0504]: no output is left for 'b.npy'; the model has x\n");
}
