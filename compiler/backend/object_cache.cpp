#include "backend/object_cache.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include <Halide.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "backend/build_id.h"
#include "backend/kernel_worker.h"
#include "support/file_system.h"
#include "support/hash.h"

namespace halcyon {
namespace {

namespace fs = std::filesystem;

/// No kernel's object comes near this; a larger file is not ours.
constexpr std::uint64_t most_object_bytes = 256 << 20;

struct CachedFile {
    fs::path path;
    fs::file_time_type used;
    std::uint64_t bytes;
};

std::vector<CachedFile> files_in(const std::string& folder) {
    std::vector<CachedFile> files;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code gone;  // another process may remove files at the same time
        if (!entry->is_regular_file(gone) || gone) continue;
        const std::uint64_t bytes = entry->file_size(gone);
        const fs::file_time_type used = entry->last_write_time(gone);
        if (!gone) files.push_back({entry->path(), used, bytes});
    }
    return files;
}

}  // namespace

ObjectCache::ObjectCache(const std::string& folder) : folder_(folder.empty() ? "" : join_path(folder, "kernels")) {}

std::string ObjectCache::key(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const nlohmann::json all = {
        to_json(task), to_json(candidate), target.halide,
        fmt::format("{}.{}.{}", HALIDE_VERSION_MAJOR, HALIDE_VERSION_MINOR, HALIDE_VERSION_PATCH),
        std::string(halcyon_build_id())};
    return hash_hex(all.dump());
}

std::string ObjectCache::path_of(const std::string& key) const {
    return join_path(folder_, key + ".kernel");
}

std::optional<CompiledKernel> ObjectCache::find(const std::string& key) const {
    if (folder_.empty()) return std::nullopt;
    const FileResult<std::string> read = DiskFiles().read(path_of(key), most_object_bytes);
    const auto* bytes = std::get_if<std::string>(&read);
    if (bytes == nullptr) return std::nullopt;
    const std::size_t line_end = bytes->find('\n');
    if (line_end == std::string::npos) return std::nullopt;
    const std::string_view answer = std::string_view(*bytes).substr(line_end + 1);
    if (std::string_view(*bytes).substr(0, line_end) != hash_hex(answer)) return std::nullopt;
    std::error_code ignored;  // a cache that cannot be written to may still be read
    fs::last_write_time(path_of(key), fs::file_time_type::clock::now(), ignored);
    return read_worker_answer(answer);
}

void ObjectCache::store(const std::string& key, const CompiledKernel& kernel) {
    if (folder_.empty()) return;
    const std::string answer = worker_answer(kernel);
    DiskFiles files;
    std::optional<FileError> error = files.make_folder(folder_);
    if (!error) error = files.write(path_of(key), hash_hex(answer) + "\n" + answer);
    if (!error) return;
    const std::lock_guard lock(mutex_);
    trouble_ = fmt::format("cannot write into {}: {}", folder_, error->message);
}

void ObjectCache::trim(std::uint64_t bytes) const {
    if (folder_.empty()) return;
    std::vector<CachedFile> files = files_in(folder_);
    std::sort(files.begin(), files.end(), [](const CachedFile& a, const CachedFile& b) { return a.used < b.used; });
    std::uint64_t total = 0;
    for (const CachedFile& file : files) total += file.bytes;
    for (const CachedFile& file : files) {
        if (total <= bytes) return;
        std::error_code ignored;
        fs::remove(file.path, ignored);
        total -= file.bytes;
    }
}

std::optional<std::string> ObjectCache::trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
}

}  // namespace halcyon
