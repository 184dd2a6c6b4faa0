#include "backend/weights_blob.h"

#include <cstring>

#include "kernels/kernel_family.h"
#include "support/check.h"

namespace halcyon {

std::string pack_weights(const Program& program, const WeightSource& weights) {
    std::string blob(static_cast<std::size_t>(program.constant_bytes), '\0');
    for (const Constant& constant : program.constants) {
        const Kernel& kernel = program.kernels.at(constant.kernel);
        const KernelFamily* family = find_kernel_family(kernel.candidate.family);
        CHECK_INTERNAL(family != nullptr);
        Array value = constant.value.evaluate(weights);
        if (family->pack) value = family->pack(kernel.task, kernel.candidate, constant.index, value);
        CHECK_INTERNAL(value.size() == element_count(constant.packed));
        CHECK_INTERNAL(constant.offset >= 0 && constant.offset + constant.bytes() <= program.constant_bytes);

        char* out = blob.data() + constant.offset;
        for (std::int64_t i = 0; i < value.size(); ++i) {
            const float number = static_cast<float>(value[i]);
            std::memcpy(out + i * 4, &number, sizeof number);
        }
    }
    return blob;
}

}  // namespace halcyon
