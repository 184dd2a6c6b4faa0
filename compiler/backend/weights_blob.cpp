#include "backend/weights_blob.h"

#include <cstring>
#include <map>
#include <string_view>
#include <utility>

#include "kernels/kernel_family.h"
#include "support/check.h"
#include "support/in_parallel.h"

namespace halcyon {

std::string pack_weights(const Program& program, const WeightSource& weights) {
    std::string blob(static_cast<std::size_t>(program.constant_bytes), '\0');
    in_parallel(program.constants.size(), 0, [&](std::size_t i) {
        const Constant& constant = program.constants[i];
        const Kernel& kernel = program.kernels.at(constant.kernel);
        const KernelFamily* family = find_kernel_family(kernel.candidate.family);
        CHECK_INTERNAL(family != nullptr);
        Array value = constant.value.evaluate(weights);
        if (family->pack) value = family->pack(kernel.task, kernel.candidate, constant.index, value);
        CHECK_INTERNAL(value.size() == element_count(constant.packed));
        CHECK_INTERNAL(constant.offset >= 0 && constant.offset + constant.bytes() <= program.constant_bytes);

        char* out = blob.data() + constant.offset;
        for (std::int64_t k = 0; k < value.size(); ++k) {
            const float number = static_cast<float>(value[k]);
            std::memcpy(out + k * 4, &number, sizeof number);
        }
    });
    return blob;
}

std::string share_weights(std::vector<Program>& programs, std::vector<std::string> blobs) {
    CHECK_INTERNAL(!programs.empty() && programs.size() == blobs.size());
    // Blobs are large: what stands alone is not copied.
    if (blobs.size() == 1) return std::move(blobs.front());
    // Equal bytes alone are not enough: with other numbers, for the same library, they may differ.
    using Key = std::pair<std::string, std::string_view>;
    const auto key_of = [](const Constant& constant, std::string_view blob) {
        return Key(constant.value.text(),
                   blob.substr(static_cast<std::size_t>(constant.offset), static_cast<std::size_t>(constant.bytes())));
    };
    std::string shared = blobs.front();
    std::map<Key, std::int64_t> offset_of;
    for (const Constant& constant : programs.front().constants)
        offset_of.emplace(key_of(constant, blobs.front()), constant.offset);

    for (std::size_t p = 1; p < programs.size(); ++p) {
        std::map<std::int64_t, std::int64_t> moved;
        for (Constant& constant : programs[p].constants) {
            const std::int64_t end = aligned(static_cast<std::int64_t>(shared.size()));
            const auto [place, is_new] = offset_of.try_emplace(key_of(constant, blobs[p]), end);
            if (is_new) {
                shared.resize(static_cast<std::size_t>(end));
                shared += place->first.second;
            }
            moved[constant.offset] = place->second;
            constant.offset = place->second;
        }
        for (KernelCall& call : programs[p].calls) {
            for (Place& place : call.arguments) {
                if (place.kind == Place::Kind::constant) place.offset = moved.at(place.offset);
            }
        }
    }
    shared.resize(static_cast<std::size_t>(aligned(static_cast<std::int64_t>(shared.size()))));
    for (Program& program : programs) program.constant_bytes = static_cast<std::int64_t>(shared.size());
    return shared;
}

}  // namespace halcyon
