#include "backend/program_objects.h"

#include "backend/llvm_support.h"
#include "backend/names.h"
#include "backend/objects.h"

namespace halcyon {

std::vector<std::string> program_objects(const std::vector<Variant>& variants, const DriverOptions& options) {
    const auto machine = baseline_machine(variants.front().program.target);
    llvm::LLVMContext context;
    std::vector<std::string> objects{emit_object(*make_driver(variants, options, *machine, context), *machine)};
    for (const auto& [program, kernels] : variants) {
        for (std::size_t i = 0; i < kernels.size(); ++i)
            objects.push_back(rename_kernel(kernels[i].object, kernel_symbol_of(program, static_cast<int>(i))));
    }
    return objects;
}

}  // namespace halcyon
