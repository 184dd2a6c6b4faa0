#include "layers/common/data_format.h"

#include <algorithm>
#include <numeric>

namespace halcyon {

bool is_channels_first(const Attributes& attributes) {
    const Value* format = attributes.find("data_format");
    return format != nullptr && *format == Value("channels_first");
}

Shape channels_moved_last(Shape shape) {
    if (!shape.empty()) std::rotate(shape.begin(), shape.begin() + 1, shape.end());
    return shape;
}

Shape channels_moved_first(Shape shape) {
    if (!shape.empty()) std::rotate(shape.begin(), shape.end() - 1, shape.end());
    return shape;
}

Array channels_moved_last(const Array& array) {
    if (array.shape().size() < 2) return array;
    std::vector<int> axes(array.shape().size());
    std::iota(axes.begin(), axes.end(), 0);
    std::rotate(axes.begin(), axes.begin() + 1, axes.end());
    return array.transposed(axes);
}

Array channels_moved_first(const Array& array) {
    if (array.shape().size() < 2) return array;
    std::vector<int> axes(array.shape().size());
    std::iota(axes.begin(), axes.end(), 0);
    std::rotate(axes.begin(), axes.end() - 1, axes.end());
    return array.transposed(axes);
}

Attributes as_channels_last(const Attributes& attributes, int) {
    Attributes last = attributes;
    last.set("data_format", "channels_last");
    return last;
}

}  // namespace halcyon
