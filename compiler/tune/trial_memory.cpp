#include "tune/trial_memory.h"

#include <Halide.h>

#include <algorithm>
#include <cstring>

#include "kernels/kernel_family.h"
#include "support/check.h"

namespace halcyon {
namespace {

constexpr std::int64_t most_copies = 256;

void store(char* at, ElementType element, double value) {
    const auto copy = [at](auto number) { std::memcpy(at, &number, sizeof number); };
    switch (element) {
    case ElementType::float32: return copy(static_cast<float>(value));
    case ElementType::float16: return copy(Halide::float16_t(value).to_bits());
    case ElementType::bfloat16: return copy(Halide::bfloat16_t(value).to_bits());
    case ElementType::uint8: return copy(static_cast<std::uint8_t>(value));
    case ElementType::int8: return copy(static_cast<std::int8_t>(value));
    }
}

}  // namespace

Extent extent_of(const Layout& layout, const Shape& shape) {
    CHECK_INTERNAL(layout.channel_block == 1);
    std::int64_t lowest = 0;
    std::int64_t highest = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        const std::int64_t reach = (shape[axis] - 1) * layout.strides[axis];
        (reach < 0 ? lowest : highest) += reach;
    }
    return {-lowest, highest - lowest + 1};
}

std::string bytes_in_layout(const Array& values, ElementType element, const Layout& layout) {
    const auto size = static_cast<std::size_t>(bytes_of(element));
    std::string bytes(static_cast<std::size_t>(extent_of(layout, values.shape()).count) * size, gap);
    for_each_place(layout, values.shape(), [&](std::int64_t flat, std::size_t place) {
        store(bytes.data() + place * size, element, values[flat]);
    });
    return bytes;
}

std::string packed_bytes(const Problem& problem, const Candidate& candidate, std::size_t constant) {
    const KernelFamily& family = *find_kernel_family(candidate.family);
    const Array& value = problem.operands.constants[constant];
    const Array packed =
        family.pack == nullptr ? value : family.pack(problem.task, candidate, static_cast<int>(constant), value);
    std::string bytes(static_cast<std::size_t>(packed.size()) * sizeof(float), '\0');
    for (std::int64_t i = 0; i < packed.size(); ++i)
        store(bytes.data() + static_cast<std::size_t>(i) * sizeof(float), ElementType::float32, packed[i]);
    return bytes;
}

std::int64_t copies_of_constants(const Problem& problem, std::int64_t bytes) {
    if (bytes == 0) return 1;
    return std::clamp<std::int64_t>((problem.weights_between + bytes - 1) / bytes, 1, most_copies);
}

}  // namespace halcyon
