#pragma once

#include <functional>
#include <span>
#include <vector>

#include "graph/tensor_type.h"

namespace halcyon {

/// A dense row-major tensor in double precision, last axis fastest: the currency of the reference and of weight packing.
class Array {
public:
    Array() = default;
    explicit Array(Shape shape, double value = 0.0);
    Array(Shape shape, std::vector<double> values);

    [[nodiscard]] const Shape& shape() const { return shape_; }
    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(values_.size()); }
    [[nodiscard]] std::span<double> values() { return values_; }
    [[nodiscard]] std::span<const double> values() const { return values_; }
    /// Row-major strides in elements.
    [[nodiscard]] std::vector<std::int64_t> strides() const;

    double& operator[](std::int64_t flat) { return values_[static_cast<std::size_t>(flat)]; }
    double operator[](std::int64_t flat) const { return values_[static_cast<std::size_t>(flat)]; }
    /// One index per axis; unchecked.
    template <typename... Index>
    double& at(Index... index) {
        return values_[flat_of(index...)];
    }
    template <typename... Index>
    double at(Index... index) const {
        return values_[flat_of(index...)];
    }

    /// The same numbers under another shape of equal size.
    [[nodiscard]] Array reshaped(Shape shape) const;
    /// out axis i is this array's axis axes[i].
    [[nodiscard]] Array transposed(const std::vector<int>& axes) const;

private:
    template <typename... Index>
    std::size_t flat_of(Index... index) const {
        std::int64_t flat = 0;
        std::size_t axis = 0;
        ((flat = flat * shape_[axis++] + static_cast<std::int64_t>(index)), ...);
        return static_cast<std::size_t>(flat);
    }

    Shape shape_;
    std::vector<double> values_;
};

/// Calls f with every index of the shape, last axis fastest.
void for_each_index(const Shape& shape, const std::function<void(const std::vector<std::int64_t>&)>& f);

}  // namespace halcyon
