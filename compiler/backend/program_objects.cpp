#include "backend/program_objects.h"

#include "backend/llvm_support.h"
#include "backend/names.h"
#include "backend/objects.h"

namespace halcyon {

std::vector<std::string> program_objects(const Program& program, const std::vector<CompiledKernel>& kernels,
                                         const DriverOptions& options) {
    const auto machine = baseline_machine(program.target);
    llvm::LLVMContext context;
    std::vector<std::string> objects{emit_object(*make_driver(program, kernels, options, *machine, context), *machine)};
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        objects.push_back(rename_kernel(kernels[i].object, kernel_symbol_of(program, static_cast<int>(i))));
    }
    return objects;
}

}  // namespace halcyon
