#include "backend/weights_object.h"

#include <llvm/IR/Constants.h>

#include "backend/llvm_support.h"
#include "backend/names.h"

namespace halcyon {

std::string make_weights_object(const Program& program, const std::string& weights_blob) {
    const auto machine = baseline_machine(program.target);
    llvm::LLVMContext context;
    llvm::Module module("weights", context);
    module.setTargetTriple(program.target.triple);
    module.setDataLayout(machine->createDataLayout());
    // Bytes are emitted in one piece; floats would be emitted one by one.
    llvm::Constant* bytes = llvm::ConstantDataArray::getString(context, weights_blob, /*AddNull=*/false);
    auto* weights =
        llvm::cast<llvm::GlobalVariable>(module.getOrInsertGlobal(weights_symbol(program), bytes->getType()));
    weights->setInitializer(bytes);
    weights->setConstant(true);
    weights->setAlignment(llvm::Align(alignment));
    return emit_object(module, *machine);
}

}  // namespace halcyon
