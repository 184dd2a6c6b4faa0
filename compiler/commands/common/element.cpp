#include "commands/common/element.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "support/check.h"

namespace halcyon {
namespace {

template <typename Number>
void append_raw(std::string& bytes, Number number) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof number);
    bytes.append(raw, sizeof raw);
}

/// IEEE 754's binary16 of a number that it can hold.
std::uint16_t float16_bits(double value) {
    const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const double magnitude = std::abs(value);
    if (std::isnan(value)) return 0x7e00;
    if (std::isinf(value)) return sign | 0x7c00;
    if (magnitude < 0x1p-14) return sign | static_cast<std::uint16_t>(magnitude * 0x1p24);  // subnormal or 0
    int exponent = 0;
    const double fraction = std::frexp(magnitude, &exponent);  // in [0.5, 1)
    return static_cast<std::uint16_t>(sign | (exponent + 14) << 10 | (static_cast<int>(fraction * 0x1p11) & 0x3ff));
}

}  // namespace

StoredType stored_type(ElementType element) {
    switch (element) {
    case ElementType::float32: return StoredType::float32;
    case ElementType::float16: return StoredType::float16;
    case ElementType::bfloat16: return StoredType::bfloat16;
    case ElementType::uint8: return StoredType::uint8;
    case ElementType::int8: return StoredType::int8;
    }
    CHECK_INTERNAL(false);
}

Array array_of(const TensorType& type, std::string_view bytes) {
    return to_array({stored_type(type.element), type.shape, bytes});
}

bool converts_exactly(StoredType from, ElementType to) {
    if (from == stored_type(to)) return true;
    if (from == StoredType::boolean) return true;
    const bool byte = from == StoredType::uint8 || from == StoredType::int8;
    switch (to) {
    case ElementType::float32:
        return byte || from == StoredType::int16 || from == StoredType::float16 || from == StoredType::bfloat16;
    case ElementType::float16:
    case ElementType::bfloat16: return byte;
    case ElementType::uint8:
    case ElementType::int8: return false;
    }
    CHECK_INTERNAL(false);
}

void append_exactly(std::string& bytes, ElementType element, double value) {
    const std::size_t before = bytes.size();
    switch (element) {
    case ElementType::float32: append_raw(bytes, static_cast<float>(value)); break;
    case ElementType::float16: append_raw(bytes, float16_bits(value)); break;
    case ElementType::bfloat16:
        append_raw(bytes, static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16));
        break;
    case ElementType::uint8: append_raw(bytes, static_cast<std::uint8_t>(value)); break;
    case ElementType::int8: append_raw(bytes, static_cast<std::int8_t>(value)); break;
    }
    const double stored = array_of({element, {}}, std::string_view(bytes).substr(before))[0];
    CHECK_INTERNAL(stored == value || (std::isnan(stored) && std::isnan(value)));
}

std::string bytes_of_exact(ElementType element, const Array& array) {
    std::string bytes;
    bytes.reserve(static_cast<std::size_t>(array.size() * bytes_of(element)));
    for (double value : array.values()) append_exactly(bytes, element, value);
    return bytes;
}

}  // namespace halcyon
