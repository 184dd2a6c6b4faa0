#include <doctest/doctest.h>

#include <array>
#include <cstdint>

extern "C" {
#include "cpu.h"
#include "halcyon/interface.h"
#include "levels.h"
}

namespace {

// A bit that no feature has.
constexpr std::uint32_t impossible = 1U << 29;
constexpr std::array<halcyon_level, 3> levels{{{"best", impossible}, {"middle", 0}, {"least", 0}}};

std::uint32_t in_use(std::uint32_t count = 3) {
    return halcyon_level_in_use(levels.data(), count);
}

int use(const char* name) {
    return halcyon_use_level(levels.data(), 3, name);
}

}  // namespace

TEST_CASE("the first level that the CPU has is in use, and the last where it has none") {
    CHECK(in_use() == 1);
    CHECK(in_use(1) == 0);
}

TEST_CASE("a level is used by its whole name until the best is wanted again") {
    CHECK(use("least") == HALCYON_OK);
    CHECK(in_use() == 2);
    CHECK(use("leas") == HALCYON_ERROR_TARGET);
    CHECK(use("leastmost") == HALCYON_ERROR_TARGET);
    CHECK(use("") == HALCYON_ERROR_TARGET);
    CHECK(use("best") == HALCYON_ERROR_CPU);
    CHECK(in_use() == 2);
    CHECK(use(nullptr) == HALCYON_OK);
    CHECK(in_use() == 1);
}
