#include <doctest/doctest.h>

#include "commands/common/element.h"
#include "support/check.h"

using namespace halcyon;

TEST_CASE("every value of half precision is stored as it is read") {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const std::string bytes{static_cast<char>(bits & 0xff), static_cast<char>(bits >> 8)};
        for (ElementType element : {ElementType::float16, ElementType::bfloat16}) {
            const Array value = array_of({element, {1}}, bytes);
            if (value[0] != value[0]) continue;  // NaN has many spellings
            CHECK(bytes_of_exact(element, value) == bytes);
        }
    }
}

TEST_CASE("a number that a type does not hold is our mistake") {
    std::string bytes;
    CHECK_THROWS_AS(append_exactly(bytes, ElementType::uint8, 0.5), InternalError);
    CHECK_THROWS_AS(append_exactly(bytes, ElementType::float16, 1.0 + 0x1p-11), InternalError);
}

TEST_CASE("only types whose every number fits convert without being asked") {
    CHECK(converts_exactly(StoredType::uint8, ElementType::bfloat16));
    CHECK(converts_exactly(StoredType::int16, ElementType::float32));
    CHECK(!converts_exactly(StoredType::int32, ElementType::float32));
    CHECK(!converts_exactly(StoredType::float64, ElementType::float32));
    CHECK(!converts_exactly(StoredType::uint8, ElementType::int8));
}
