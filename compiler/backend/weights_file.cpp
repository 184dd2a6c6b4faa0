#include "backend/weights_file.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstring>

#include "weights.h"

namespace halcyon {

std::uint64_t weights_layout(const std::vector<Variant>& variants) {
    std::string text;
    for (const Variant& variant : variants) {
        const Program& program = variant.program;
        text += fmt::format("{} {}\n", program.model, program.constant_bytes);
        for (const Constant& constant : program.constants) {
            const Kernel& kernel = program.kernels.at(constant.kernel);
            text += fmt::format("{} {} {} {} {}\n", constant.offset, to_text(constant.packed), constant.index,
                                to_text(kernel.candidate, kernel.task), constant.value.text());
        }
    }
    return XXH64(text.data(), text.size(), 0);
}

std::string weights_file(const std::vector<Variant>& variants, const std::string& weights_blob) {
    halcyon_weights_header header{};
    static_assert(sizeof header == 64);
    std::memcpy(header.magic, HALCYON_WEIGHTS_MAGIC, sizeof header.magic);
    header.version = HALCYON_WEIGHTS_VERSION;
    header.header_bytes = sizeof header;
    header.layout = weights_layout(variants);
    header.payload_bytes = weights_blob.size();
    header.payload_hash = XXH64(weights_blob.data(), weights_blob.size(), 0);
    return std::string(reinterpret_cast<const char*>(&header), sizeof header) + weights_blob;
}

}  // namespace halcyon
