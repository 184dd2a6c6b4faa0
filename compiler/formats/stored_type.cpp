#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "formats/tensor_file.h"
#include "support/check.h"

namespace halcyon {
namespace {

/// IEEE 754's binary16: 1 sign, 5 exponent and 10 fraction bits.
double float16_to_double(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 0x1f;
    const int fraction = bits & 0x3ff;
    double magnitude = 0.0;
    if (exponent == 0x1f) {
        magnitude = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    } else if (exponent == 0) {
        magnitude = std::ldexp(fraction, -24);
    } else {
        magnitude = std::ldexp(fraction + 0x400, exponent - 25);
    }
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

/// The upper half of a float32.
double bfloat16_to_double(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// Files do not align their numbers, hence memcpy.
template <typename Stored, typename Convert>
void convert(std::string_view bytes, std::span<double> values, Convert to_double) {
    CHECK_INTERNAL(bytes.size() == values.size() * sizeof(Stored));
    const char* from = bytes.data();
    for (double& value : values) {
        Stored stored;
        std::memcpy(&stored, from, sizeof stored);
        value = to_double(stored);
        from += sizeof stored;
    }
}

template <typename Stored>
void convert(std::string_view bytes, std::span<double> values) {
    convert<Stored>(bytes, values, [](Stored stored) { return static_cast<double>(stored); });
}

/// Infinities and NaN have all bits of the exponent set.
template <typename Bits>
bool no_full_exponent(std::string_view bytes, Bits exponent) {
    bool finite = true;
    for (std::size_t at = 0; at + sizeof(Bits) <= bytes.size(); at += sizeof(Bits)) {
        Bits bits;
        std::memcpy(&bits, bytes.data() + at, sizeof bits);
        finite &= (bits & exponent) != exponent;
    }
    return finite;
}

}  // namespace

std::string_view to_text(StoredType type) {
    switch (type) {
    case StoredType::float64: return "float64";
    case StoredType::float32: return "float32";
    case StoredType::float16: return "float16";
    case StoredType::bfloat16: return "bfloat16";
    case StoredType::uint8: return "uint8";
    case StoredType::int8: return "int8";
    case StoredType::int16: return "int16";
    case StoredType::int32: return "int32";
    case StoredType::int64: return "int64";
    case StoredType::boolean: return "bool";
    }
    CHECK_INTERNAL(false);
}

std::int64_t bytes_of(StoredType type) {
    switch (type) {
    case StoredType::float64:
    case StoredType::int64: return 8;
    case StoredType::float32:
    case StoredType::int32: return 4;
    case StoredType::float16:
    case StoredType::bfloat16:
    case StoredType::int16: return 2;
    case StoredType::uint8:
    case StoredType::int8:
    case StoredType::boolean: return 1;
    }
    CHECK_INTERNAL(false);
}

Array to_array(const StoredTensor& tensor) {
    Array array(tensor.shape);
    const std::span<double> values = array.values();
    switch (tensor.type) {
    case StoredType::float64: convert<double>(tensor.bytes, values); break;
    case StoredType::float32: convert<float>(tensor.bytes, values); break;
    case StoredType::float16: convert<std::uint16_t>(tensor.bytes, values, float16_to_double); break;
    case StoredType::bfloat16: convert<std::uint16_t>(tensor.bytes, values, bfloat16_to_double); break;
    case StoredType::uint8: convert<std::uint8_t>(tensor.bytes, values); break;
    case StoredType::int8: convert<std::int8_t>(tensor.bytes, values); break;
    case StoredType::int16: convert<std::int16_t>(tensor.bytes, values); break;
    case StoredType::int32: convert<std::int32_t>(tensor.bytes, values); break;
    case StoredType::int64: convert<std::int64_t>(tensor.bytes, values); break;
    case StoredType::boolean:
        convert<std::uint8_t>(tensor.bytes, values, [](std::uint8_t stored) { return stored != 0 ? 1.0 : 0.0; });
        break;
    }
    return array;
}

bool all_finite(const StoredTensor& tensor) {
    switch (tensor.type) {
    case StoredType::float64: return no_full_exponent<std::uint64_t>(tensor.bytes, 0x7ff0'0000'0000'0000);
    case StoredType::float32: return no_full_exponent<std::uint32_t>(tensor.bytes, 0x7f80'0000);
    case StoredType::float16: return no_full_exponent<std::uint16_t>(tensor.bytes, 0x7c00);
    case StoredType::bfloat16: return no_full_exponent<std::uint16_t>(tensor.bytes, 0x7f80);
    default: return true;
    }
}

}  // namespace halcyon
