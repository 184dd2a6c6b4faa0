#pragma once

#include <llvm/IR/Module.h>

#include <vector>

#include "backend/library.h"

namespace halcyon {

/// Whether the library has a function for any number of items: several batch sizes, one of them 1.
[[nodiscard]] bool runs_any_items(const std::vector<Variant>& variants);

/// NAME_run_items, which calls the NAME_run of each batch size, the largest first, as often as its items are left.
void define_run_items(const std::vector<Variant>& variants, bool weights_file, llvm::Module& module);

}  // namespace halcyon
