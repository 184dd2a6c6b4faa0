#include "backend/llvm_support.h"

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/TargetParser/Triple.h>
#include <llvm/Transforms/IPO/Internalize.h>

#include <algorithm>
#include <mutex>

#include "support/check.h"

namespace halcyon {

namespace {

void initialize_targets() {
    static std::once_flag once;
    std::call_once(once, [] {
        LLVMInitializeX86TargetInfo(), LLVMInitializeX86Target(), LLVMInitializeX86TargetMC();
        LLVMInitializeX86AsmPrinter(), LLVMInitializeX86AsmParser();
        LLVMInitializeAArch64TargetInfo(), LLVMInitializeAArch64Target(), LLVMInitializeAArch64TargetMC();
        LLVMInitializeAArch64AsmPrinter(), LLVMInitializeAArch64AsmParser();
        LLVMInitializeWebAssemblyTargetInfo(), LLVMInitializeWebAssemblyTarget(), LLVMInitializeWebAssemblyTargetMC();
        LLVMInitializeWebAssemblyAsmPrinter(), LLVMInitializeWebAssemblyAsmParser();
    });
}

}  // namespace

void check(llvm::Error error) {
    if (error) throw InternalError("LLVM: " + llvm::toString(std::move(error)));
}

std::unique_ptr<llvm::TargetMachine> baseline_machine(const TargetInfo& target) {
    initialize_targets();
    std::string why;
    const llvm::Target* found = llvm::TargetRegistry::lookupTarget(target.triple, why);
    if (!found) throw InternalError("LLVM: " + why);
    const bool wasm = llvm::Triple(target.triple).isWasm();
    const auto relocation = wasm ? llvm::Reloc::Static : llvm::Reloc::PIC_;
    std::unique_ptr<llvm::TargetMachine> machine(
        found->createTargetMachine(target.triple, "generic", "", llvm::TargetOptions(), relocation));
    CHECK_INTERNAL(machine != nullptr);
    machine->setOptLevel(llvm::CodeGenOptLevel::Default);
    return machine;
}

void optimize(llvm::Module& module, llvm::TargetMachine& machine, const std::vector<std::string>& keep) {
    llvm::internalizeModule(module, [&](const llvm::GlobalValue& value) {
        return std::find(keep.begin(), keep.end(), value.getName()) != keep.end();
    });
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager components;
    llvm::ModuleAnalysisManager modules;
    llvm::PassBuilder builder(&machine);
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

std::string emit_object(llvm::Module& module, llvm::TargetMachine& machine) {
    llvm::SmallVector<char, 0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    const bool refused = machine.addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile);
    CHECK_INTERNAL(!refused);
    passes.run(module);
    return {bytes.begin(), bytes.end()};
}

}  // namespace halcyon
