#pragma once

#include <string>
#include <vector>

#include "backend/kernel_compiler.h"
#include "plan/program.h"
#include "support/diagnostics.h"

namespace halcyon {

struct LibraryOptions {
    bool shared = false;        ///< also lib<model>.so
    bool weights_file = false;  ///< weights beside the library instead of in .rodata
    std::string initialized;    ///< how missing weights were made, for header and manifest; empty: all from a file
    std::string spec_hash, weights_hash, schedules_hash;
};

/// The bytes of every file that comes out; names are without folder ("digits.h", "libdigits.a").
struct LibraryFile {
    std::string name;
    std::string bytes;
};

/// One batch size of a library for one of its targets: its program and the program's kernels. The first names the interface;
/// programs of further batch sizes have further_batch set. With several targets each has all sizes, the best comes first, and
/// all programs have one_of_targets set.
struct Variant {
    const Program& program;
    const std::vector<CompiledKernel>& kernels;
};

/// Sizes of the workspace: fixed part and part per further worker.
struct WorkspaceSize {
    std::int64_t first_worker = 0;  ///< buffers, contexts and the calling worker's scratch
    std::int64_t further_worker = 0;
};
[[nodiscard]] WorkspaceSize workspace_size(const Program& program, const std::vector<CompiledKernel>& kernels);
/// For calls of the program's batch size, whichever target runs.
[[nodiscard]] WorkspaceSize workspace_size(const std::vector<Variant>& variants, const Program& program);

/// Generates the driver of all variants, which share the blob (share_weights); links it with the runtime and the kernels
/// into one relocatable object whose only global symbols are the interface, and makes header, archive, shared object, weight
/// file and manifest. Reproducible: equal input, equal bytes.
[[nodiscard]] std::vector<LibraryFile> build_library(const std::vector<Variant>& variants,
                                                     const std::string& weights_blob, const LibraryOptions& options,
                                                     Diagnostics& diag);

/// The driver's LLVM IR, for --emit llvm.
[[nodiscard]] std::string driver_text(const Program& program, const std::vector<CompiledKernel>& kernels);

}  // namespace halcyon
