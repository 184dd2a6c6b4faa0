#pragma once

#include <llvm/IR/Module.h>

#include <vector>

#include "backend/library.h"

namespace halcyon {

/// The driver's functions that a library for several targets has besides: NAME_run for each batch size, which goes on in the
/// run_symbol() of the target in use, NAME_target and NAME_use_target (runtime/levels.h). Targets stand best first.
void define_level_choice(const std::vector<Variant>& variants, llvm::Module& module);

}  // namespace halcyon
