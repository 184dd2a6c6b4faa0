#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plan/program.h"
#include "support/diagnostics.h"

namespace halcyon {

/// The symbol every cached kernel object defines; packaging renames it to MODEL.NAME. All other symbols that the object
/// defines begin with it.
inline constexpr std::string_view kernel_symbol = "halcyon_kernel";

/// One kernel's object code. It imports only what runtime/ offers (halide_malloc, halide_free, halide_do_par_for), memset,
/// memcpy and libm.
struct CompiledKernel {
    std::string object;
    /// The most scratch alive at once, exact, with each block rounded up as runtime/arena.c rounds: outside parallel loops plus
    /// inside for the calling worker, and inside parallel loops for every further one.
    std::int64_t scratch_bytes = 0;
    std::int64_t worker_scratch_bytes = 0;
};

enum class KernelFormat { object, statement, llvm, assembly };

/// How far compile_kernels is, when a kernel begins to be compiled and when it is there, compiled or from the cache.
struct KernelProgress {
    const Kernel& kernel;
    bool begins = false;
    std::size_t done = 0, count = 0;
};

struct KernelCompileOptions {
    std::string cache_folder;                           ///< empty: no cache. An unusable cache is a warning.
    int workers = 0;                                    ///< worker processes; 0: as many as cores
    std::string program_path;                           ///< Halcyon itself, which workers re-execute
    std::function<void(const KernelProgress&)> report;  ///< may be empty; called by one thread at a time
};

/// Compiles every kernel of the program, each in a fresh process (Halide's names depend on what a process compiled before),
/// in parallel, through the cache. The results do not depend on cache, order or number of workers.
[[nodiscard]] std::vector<CompiledKernel> compile_kernels(const Program& program, const KernelCompileOptions& options,
                                                          Diagnostics& diag);

/// What became of a kernel that is compiled on trial: a worker that crashes or takes too long is an answer here.
struct CompiledTrial {
    std::optional<CompiledKernel> kernel;
    bool hung = false;
    std::string how;  ///< it ended, without a kernel
};
/// The same for candidates on trial, each within `most_seconds`. Once `stop` says so, no further ones are begun; those are
/// missing at the end of the list.
[[nodiscard]] std::vector<CompiledTrial> try_compile_kernels(const std::vector<Kernel>& kernels,
                                                             const TargetInfo& target,
                                                             const KernelCompileOptions& options, double most_seconds,
                                                             const std::function<bool()>& stop);

/// The kernel in a readable format, for --emit stmt, llvm and asm; also in a fresh process, never cached.
[[nodiscard]] std::string emit_kernel(const Kernel& kernel, const TargetInfo& target, KernelFormat format,
                                      const KernelCompileOptions& options);

/// What the worker process does: reads one request on standard input, writes the answer to standard output. `halcyon
/// --compile-kernel` is this; it is not part of the command line contract.
int run_kernel_worker();

/// HALCYON_CACHE, else XDG_CACHE_HOME/halcyon, else ~/.cache/halcyon; empty when none of these is set.
[[nodiscard]] std::string default_cache_folder();

}  // namespace halcyon
