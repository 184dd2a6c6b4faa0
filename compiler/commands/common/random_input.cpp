#include "commands/common/random_input.h"

#include <random>

#include "commands/common/element.h"

namespace halcyon {

std::vector<std::string> random_inputs(const std::vector<Door>& doors, std::int64_t items, std::uint64_t seed) {
    std::mt19937_64 bits(seed);
    std::vector<std::string> inputs;
    for (const Door& door : doors) {
        std::string& bytes = inputs.emplace_back();
        for (std::int64_t i = 0; i < items * element_count(door.type.shape); ++i) {
            const std::uint64_t random = bits();
            switch (door.type.element) {
            case ElementType::float32:
                append_exactly(bytes, ElementType::float32, static_cast<double>(random >> 40) * 0x1p-24);
                break;
            // 8 bits are what bfloat16 holds.
            case ElementType::float16:
            case ElementType::bfloat16:
                append_exactly(bytes, door.type.element, static_cast<double>(random >> 56) * 0x1p-8);
                break;
            case ElementType::uint8:
            case ElementType::int8: bytes += static_cast<char>(random >> 56); break;
            }
        }
    }
    return inputs;
}

}  // namespace halcyon
