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

/// One batch size of a library: its program and the program's kernels. The first names the interface; programs of
/// further ones have further_batch set.
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

/// Generates the driver of all batch sizes, which differ in nothing else and share the blob (share_weights); links it with the runtime and the kernels into one relocatable object whose only global
/// symbols are the interface, and makes header, archive, shared object, weight file and manifest. Reproducible: equal
/// input, equal bytes.
[[nodiscard]] std::vector<LibraryFile> build_library(const std::vector<Variant>& variants,
                                                     const std::string& weights_blob, const LibraryOptions& options,
                                                     Diagnostics& diag);

/// The driver's LLVM IR, for --emit llvm.
[[nodiscard]] std::string driver_text(const Program& program, const std::vector<CompiledKernel>& kernels);

}  // namespace halcyon
