#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "backend/kernel_compiler.h"
#include "kernels/candidate.h"
#include "kernels/target_info.h"
#include "kernels/task.h"
#include "support/diagnostics.h"

namespace halcyon {

/// Compiled kernels on disk, one file each, under a name that says everything the code depends on. Several processes may use
/// one folder at once. A file that is damaged in any way is as good as none. For use by several threads.
class ObjectCache {
public:
    /// With an empty folder nothing is found and nothing kept.
    explicit ObjectCache(const std::string& folder);

    /// The name of a kernel's file: a hash of task, candidate, full target, Halide's version and Halcyon's sources.
    [[nodiscard]] static std::string key(const Task& task, const Candidate& candidate, const TargetInfo& target);

    [[nodiscard]] std::optional<CompiledKernel> find(const std::string& key) const;
    void store(const std::string& key, const CompiledKernel& kernel);

    /// Removes the files that were used longest ago while all together take more than this.
    static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;
    void trim(std::uint64_t bytes = most_bytes) const;

    /// Why something could not be stored, if so: to be said once, as a warning.
    [[nodiscard]] std::optional<std::string> trouble() const;

private:
    [[nodiscard]] std::string path_of(const std::string& key) const;

    std::string folder_;
    mutable std::mutex mutex_;
    std::optional<std::string> trouble_;
};

}  // namespace halcyon
