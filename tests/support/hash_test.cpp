#include "support/hash.h"

#include <doctest/doctest.h>

using namespace halcyon;

// From XXH3's own test vectors: the 128-bit hash of nothing, seed 0.
TEST_CASE("the hash of nothing is XXH3's") {
    CHECK(hash_hex("") == "99aa06d3014798d86001c324468d497f");
}

TEST_CASE("one bit more is another hash") {
    CHECK(hash_hex("weights") != hash_hex("weighus"));
    CHECK(hash_hex("weights").size() == 32);
}
