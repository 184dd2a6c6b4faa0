#pragma once

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/Error.h>
#include <llvm/Target/TargetMachine.h>

#include <memory>
#include <string>
#include <string_view>

#include "kernels/target_info.h"

namespace halcyon {

/// LLVM's failures here are ours, never the user's: InternalError with LLVM's text.
void check(llvm::Error error);
template <typename T>
[[nodiscard]] T check(llvm::Expected<T> result) {
    if (!result) check(result.takeError());
    return std::move(*result);
}

/// A machine for the baseline of the target's architecture, position independent where the format knows that: the
/// driver runs before the CPU's features are known, and has no use for them.
[[nodiscard]] std::unique_ptr<llvm::TargetMachine> baseline_machine(const TargetInfo& target);

/// The optimised module, from which everything but what `keep` names and imports has been made internal.
void optimize(llvm::Module& module, llvm::TargetMachine& machine, const std::vector<std::string>& keep);

/// The module as an object file.
[[nodiscard]] std::string emit_object(llvm::Module& module, llvm::TargetMachine& machine);

}  // namespace halcyon
