#pragma once

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include <memory>
#include <vector>

#include "backend/library.h"
#include "plan/program.h"

namespace halcyon {

/// For whom the driver is made.
struct DriverOptions {
    bool weights_file = false;  ///< weights come in the struct of tensors, and NAME_check_weights exists
    bool single_calls = false;  ///< also call_symbol() for every call and begin_symbol(), for LoadedProgram
};

/// NAME_run, for every batch size and target, and what it needs: the checks, then every kernel call in order, with runtime/ linked in and inlined.
/// Imports the kernels by kernel_symbol_of() and, unless they come in a file, weights_symbol().
[[nodiscard]] std::unique_ptr<llvm::Module> make_driver(const std::vector<Variant>& variants,
                                                        const DriverOptions& options, llvm::TargetMachine& machine,
                                                        llvm::LLVMContext& context);

/// What calls of the program's batch size need, in multiples of 64 bytes: the most for any target of the library.
struct MemoryNeeds {
    std::int64_t buffers = 0;
    std::int64_t first_worker = 0;    ///< scratch of the calling thread's kernels
    std::int64_t further_worker = 0;  ///< scratch of every other thread's
};
[[nodiscard]] MemoryNeeds memory_needs(const std::vector<Variant>& variants, const Program& program);

}  // namespace halcyon
