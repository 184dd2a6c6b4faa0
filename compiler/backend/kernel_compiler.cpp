#include "backend/kernel_compiler.h"

#include <cstdlib>
#include <mutex>

#include <fmt/format.h>

#include "backend/kernel_worker.h"
#include "backend/object_cache.h"
#include "backend/worker_process.h"
#include "support/check.h"
#include "support/file_system.h"
#include "support/in_parallel.h"

namespace halcyon {
namespace {

CompiledKernel compile_in_worker(const Kernel& kernel, const TargetInfo& target, KernelFormat format,
                                 const std::string& program_path) {
    const ProcessResult result = run_worker_process(program_path, "--compile-kernel",
                                                    worker_request(kernel.task, kernel.candidate, target, format));
    std::optional<CompiledKernel> compiled;
    if (result.succeeded) compiled = read_worker_answer(result.output);
    if (!compiled) {
        internal_error(__FILE__, __LINE__,
                       fmt::format("the process that compiled {} ended with {}\n  task: {}\n  candidate: {}\n{}",
                                   kernel.name, result.ending, to_text(kernel.task),
                                   to_text(kernel.candidate, kernel.task), result.errors));
    }
    return *std::move(compiled);
}

/// Counts kernels and passes the news on.
class Reporter {
public:
    Reporter(const KernelCompileOptions& options, std::size_t count) : report_(options.report), count_(count) {}
    void begin(const Kernel& kernel) { tell(kernel, true); }
    void end(const Kernel& kernel) { tell(kernel, false); }

private:
    void tell(const Kernel& kernel, bool begins) {
        const std::lock_guard lock(mutex_);
        if (!begins) ++done_;
        if (report_) report_({kernel, begins, done_, count_});
    }

    const std::function<void(const KernelProgress&)>& report_;
    std::mutex mutex_;
    std::size_t done_ = 0, count_;
};

CompiledKernel compile_through_cache(const Kernel& kernel, const TargetInfo& target, const std::string& program_path,
                                     ObjectCache& cache, Reporter& reporter) {
    const std::string key = ObjectCache::key(kernel.task, kernel.candidate, target);
    if (std::optional<CompiledKernel> found = cache.find(key)) return *std::move(found);
    reporter.begin(kernel);
    CompiledKernel compiled = compile_in_worker(kernel, target, KernelFormat::object, program_path);
    cache.store(key, compiled);
    return compiled;
}

std::string environment_variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace

std::vector<CompiledKernel> compile_kernels(const Program& program, const KernelCompileOptions& options,
                                            Diagnostics& diag) {
    ObjectCache cache(options.cache_folder);
    std::vector<CompiledKernel> compiled(program.kernels.size());
    Reporter reporter(options, compiled.size());
    in_parallel(compiled.size(), options.workers, [&](std::size_t i) {
        compiled[i] = compile_through_cache(program.kernels[i], program.target, options.program_path, cache, reporter);
        reporter.end(program.kernels[i]);
    });
    cache.trim();
    if (const std::optional<std::string> trouble = cache.trouble()) {
        diag.warning(Code::unusable_cache, {}, "compiled kernels are not kept: {}", *trouble);
    }
    return compiled;
}

std::vector<CompiledTrial> try_compile_kernels(const std::vector<Kernel>& kernels, const TargetInfo& target,
                                               const KernelCompileOptions& options, double most_seconds,
                                               const std::function<bool()>& stop) {
    ObjectCache cache(options.cache_folder);
    std::vector<std::optional<CompiledTrial>> trials(kernels.size());
    in_parallel(kernels.size(), options.workers, [&](std::size_t i) {
        const std::string key = ObjectCache::key(kernels[i].task, kernels[i].candidate, target);
        if (std::optional<CompiledKernel> found = cache.find(key)) {
            trials[i] = {std::move(found), false, ""};
            return;
        }
        if (stop()) return;
        const std::string request = worker_request(kernels[i].task, kernels[i].candidate, target, KernelFormat::object);
        const ProcessResult result =
            run_worker_process(options.program_path, "--compile-kernel", request, most_seconds);
        trials[i] = {result.succeeded ? read_worker_answer(result.output) : std::nullopt, result.timed_out,
                     result.timed_out ? fmt::format("no end within {:g} s", most_seconds) : result.ending};
        if (trials[i]->kernel) cache.store(key, *trials[i]->kernel);
    });
    std::vector<CompiledTrial> done;
    for (std::size_t i = 0; i < trials.size() && trials[i]; ++i) done.push_back(*std::move(trials[i]));
    return done;
}

std::string emit_kernel(const Kernel& kernel, const TargetInfo& target, KernelFormat format,
                        const KernelCompileOptions& options) {
    return compile_in_worker(kernel, target, format, options.program_path).object;
}

std::string default_cache_folder() {
    if (const std::string folder = environment_variable("HALCYON_CACHE"); !folder.empty()) return folder;
    if (const std::string folder = environment_variable("XDG_CACHE_HOME"); !folder.empty())
        return join_path(folder, "halcyon");
    const std::string home = environment_variable("HOME");
    return home.empty() ? "" : join_path(home, ".cache/halcyon");
}

}  // namespace halcyon
