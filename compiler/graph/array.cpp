#include "graph/array.h"

#include "support/check.h"

namespace halcyon {

Array::Array(Shape shape, double value)
    : shape_(std::move(shape)), values_(static_cast<std::size_t>(element_count(shape_)), value) {}

Array::Array(Shape shape, std::vector<double> values) : shape_(std::move(shape)), values_(std::move(values)) {
    CHECK_INTERNAL(element_count(shape_) == size());
}

std::vector<std::int64_t> Array::strides() const {
    std::vector<std::int64_t> strides(shape_.size(), 1);
    for (std::size_t axis = shape_.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * shape_[axis];
    return strides;
}

Array Array::reshaped(Shape shape) const {
    return Array(std::move(shape), values_);
}

Array Array::transposed(const std::vector<int>& axes) const {
    CHECK_INTERNAL(axes.size() == shape_.size());
    const std::vector<std::int64_t> own = strides();
    Shape shape;
    std::vector<std::int64_t> step;  // in this array, for one step along each axis of the result
    for (int axis : axes) {
        shape.push_back(shape_.at(static_cast<std::size_t>(axis)));
        step.push_back(own[static_cast<std::size_t>(axis)]);
    }
    Array result(shape);
    if (shape.empty()) {
        result[0] = values_[0];
        return result;
    }
    const std::size_t last = shape.size() - 1;
    std::vector<std::int64_t> index(shape.size(), 0);
    std::int64_t from = 0;
    for (std::int64_t to = 0; to < result.size(); to += shape[last]) {
        for (std::int64_t i = 0; i < shape[last]; ++i) result[to + i] = (*this)[from + i * step[last]];
        for (std::size_t axis = last; axis-- > 0;) {
            from += step[axis];
            if (++index[axis] < shape[axis]) break;
            from -= step[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    return result;
}

void for_each_index(const Shape& shape, const std::function<void(const std::vector<std::int64_t>&)>& f) {
    for (std::int64_t extent : shape) {
        if (extent <= 0) return;
    }
    std::vector<std::int64_t> index(shape.size(), 0);
    while (true) {
        f(index);
        std::size_t axis = shape.size();
        while (axis > 0 && ++index[axis - 1] == shape[axis - 1]) index[--axis] = 0;
        if (axis == 0) return;
    }
}

}  // namespace halcyon
