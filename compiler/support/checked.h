#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace halcyon {

/// Sizes come from untrusted text: sums and products that would overflow 64 bits give nothing instead.
[[nodiscard]] inline std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? std::nullopt : std::optional(sum);
}

[[nodiscard]] inline std::optional<std::int64_t> checked_multiply(std::int64_t a, std::int64_t b) {
    std::int64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? std::nullopt : std::optional(product);
}

[[nodiscard]] inline std::optional<std::int64_t> checked_product(std::span<const std::int64_t> factors) {
    std::optional<std::int64_t> product = 1;
    for (std::int64_t factor : factors) {
        product = checked_multiply(*product, factor);
        if (!product) return std::nullopt;
    }
    return product;
}

}  // namespace halcyon
