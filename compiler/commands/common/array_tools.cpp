#include "commands/common/array_tools.h"

namespace halcyon {

Array scaled(Array array, double factor, double offset) {
    for (double& value : array.values()) value = value * factor + offset;
    return array;
}

Array reversed(const Array& array, std::size_t axis) {
    Array result(array.shape());
    const std::int64_t step = array.strides()[axis];
    const std::int64_t extent = array.shape()[axis];
    for (std::int64_t i = 0; i < array.size(); ++i) {
        const std::int64_t index = i / step % extent;
        result[i] = array[i + (extent - 1 - 2 * index) * step];
    }
    return result;
}

Array read_as_stored(const Array& array, const std::vector<int>& stored) {
    Shape shape;
    std::vector<int> back(stored.size());
    for (std::size_t i = 0; i < stored.size(); ++i) {
        shape.push_back(array.shape()[static_cast<std::size_t>(stored[i])]);
        back[static_cast<std::size_t>(stored[i])] = static_cast<int>(i);
    }
    return array.reshaped(shape).transposed(back);
}

}  // namespace halcyon
