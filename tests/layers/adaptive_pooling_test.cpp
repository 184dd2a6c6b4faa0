#include <doctest/doctest.h>

#include "harness.h"

using namespace harness;

TEST_CASE("an adaptive pool has as many results as it is told, its windows even or not") {
    const Array line({5, 1}, {1, 2, 4, 8, 16});
    const auto pooled = [&](const char* layer, std::int64_t size) {
        return compute(apply(layer, {{"output_size", size}}, {{5, 1}}), {}, {line});
    };
    // Windows 0..1, 1..3 and 3..4.
    CHECK(largest_difference(pooled("AdaptiveMaxPooling1D", 3), Array({3, 1}, {2, 8, 16})) == 0.0);
    CHECK(largest_difference(pooled("AdaptiveAveragePooling1D", 3), Array({3, 1}, {1.5, 14.0 / 3, 12})) < 1e-12);
    CHECK(largest_difference(pooled("AdaptiveMaxPooling1D", 5), line) == 0.0);
    CHECK(largest_difference(pooled("AdaptiveMaxPooling1D", 10).reshaped({5, 2}).transposed({1, 0}).reshaped({2, 5}),
                             Array({2, 5}, {1, 2, 4, 8, 16, 1, 2, 4, 8, 16})) == 0.0);
}

TEST_CASE("an adaptive pool of an image pools rows and columns, channels first or last") {
    const Array image = counting({4, 6, 3});
    const Applied even = apply("AdaptiveAveragePooling2D", {{"output_size", 2}}, {{4, 6, 3}});
    const Applied plain = apply("AveragePooling2D", {{"pool_size", Sequence{2, 3}}}, {{4, 6, 3}});
    CHECK(largest_difference(compute(even, {}, {image}), compute(plain, {}, {image})) < 1e-12);
    Arguments uneven{{"output_size", Sequence{3, 4}}};
    const Array last = compute(apply("AdaptiveMaxPooling2D", uneven, {{4, 6, 3}}), {}, {image});
    uneven["data_format"] = "channels_first";
    const Array first = compute(apply("AdaptiveMaxPooling2D", uneven, {{3, 4, 6}}), {}, {image.transposed({2, 0, 1})});
    REQUIRE(last.shape() == Shape{3, 4, 3});
    CHECK(largest_difference(first, last.transposed({2, 0, 1})) == 0.0);
}

TEST_CASE("an adaptive pool whose windows are alike lowers to one pool") {
    const auto operations = [](const Value& size) {
        const Applied pool = apply("AdaptiveAveragePooling2D", {{"output_size", size}}, {{4, 6, 3}});
        return Recorder(pool, {{4, 6, 3}}).records.size();
    };
    CHECK(operations(Sequence{2, 3}) == 1);
    // Rows stay as they are; five columns are five parts with their means, joined.
    CHECK(operations(Sequence{4, 5}) == 11);
    CHECK(
        apply("AdaptiveAveragePooling1D", {{"output_size", 300}}, {{1000, 3}}).message() ==
        "E0231 output_size: 1000 elements do not divide into 300 windows alike, and more than 256 uneven ones are not "
        "supported");
}
