#include "importers/onnx_constants.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace halcyon::importers {

std::int64_t saturated(double number) {
    constexpr double limit = 9223372036854775808.0;  // 2^63
    if (std::isnan(number)) return 0;
    if (number >= limit) return std::numeric_limits<std::int64_t>::max();
    if (number < -limit) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(number);
}

std::vector<std::int64_t> integers_of(const StoredTensor& tensor) {
    std::vector<std::int64_t> numbers;
    if (tensor.type == StoredType::int64) {
        numbers.resize(tensor.bytes.size() / sizeof(std::int64_t));
        if (!numbers.empty()) std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
        return numbers;
    }
    const Array array = to_array(tensor);
    for (double number : array.values()) numbers.push_back(saturated(number));
    return numbers;
}

bool is_whole(StoredType type) {
    return type == StoredType::int64 || type == StoredType::int32 || type == StoredType::int16 ||
           type == StoredType::int8 || type == StoredType::uint8 || type == StoredType::boolean;
}

bool is_uniform(const Array& array) {
    const auto values = array.values();
    return !values.empty() && std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; });
}

}  // namespace halcyon::importers
