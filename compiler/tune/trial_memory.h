#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "graph/array.h"
#include "kernels/candidate.h"
#include "tune/trial.h"

namespace halcyon {

/// From the lowest element of a tensor to its first, and to behind its highest, in elements.
struct Extent {
    std::int64_t first = 0, count = 0;
};
[[nodiscard]] Extent extent_of(const Layout& layout, const Shape& shape);

/// Calls f(flat index, place in memory) for every element.
template <typename Function>
void for_each_place(const Layout& layout, const Shape& shape, const Function& f) {
    const Extent extent = extent_of(layout, shape);
    std::int64_t flat = 0;
    for_each_index(shape, [&](const std::vector<std::int64_t>& index) {
        std::int64_t place = extent.first;
        for (std::size_t axis = 0; axis < index.size(); ++axis) place += index[axis] * layout.strides[axis];
        f(flat++, static_cast<std::size_t>(place));
    });
}

/// What gaps hold in every byte: NaNs, which show where something reads them.
inline constexpr char gap = static_cast<char>(0xff);

/// A tensor's memory, from its lowest element on.
[[nodiscard]] std::string bytes_in_layout(const Array& values, ElementType element, const Layout& layout);

/// A constant as the candidate's kernel reads it.
[[nodiscard]] std::string packed_bytes(const Problem& problem, const Candidate& candidate, std::size_t constant);

/// How many copies of all contestants' constants, together of that size, are read in turn, so that as much as in the network
/// passes between two uses of the same ones.
[[nodiscard]] std::int64_t copies_of_constants(const Problem& problem, std::int64_t bytes);

}  // namespace halcyon
