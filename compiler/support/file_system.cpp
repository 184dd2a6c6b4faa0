#include "support/file_system.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace halcyon {
namespace {

FileError from_errno(int number) {
    return {std::generic_category().message(number)};
}

/// Closes its descriptor at the end of the scope.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int number() const { return number_; }
    /// Network file systems report a full disk only here.
    [[nodiscard]] bool close() { return ::close(std::exchange(number_, -1)) == 0; }

private:
    int number_;
};

/// The size of an opened regular file; pipes and devices could block or never end.
FileResult<std::uint64_t> regular_size(int descriptor) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) return from_errno(errno);
    if (S_ISDIR(status.st_mode)) return from_errno(EISDIR);
    if (!S_ISREG(status.st_mode)) return FileError{"Not a regular file"};
    return static_cast<std::uint64_t>(status.st_size);
}

int open_to_read(const std::string& path) {
    return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

FileError too_large(std::uint64_t max_bytes) {
    return {fmt::format("File is larger than {} bytes", max_bytes)};
}

std::optional<FileError> write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return from_errno(errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return std::nullopt;
}

/// Devices and pipes are written in place: renaming over /dev/null would replace it.
std::optional<FileError> write_special(const std::string& path, std::string_view bytes) {
    Descriptor out(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (out.number() < 0) return from_errno(errno);
    return write_all(out.number(), bytes);
}

std::optional<FileError> write_flushed(const Descriptor& out, std::string_view bytes) {
    if (auto error = write_all(out.number(), bytes)) return error;
    if (::fsync(out.number()) != 0) return from_errno(errno);
    return std::nullopt;
}

/// What `make` gives for the first name in the folder that is not taken, which is then `name`; negative on failure. Names
/// may be taken by another process of this number, which was killed.
template <typename Make>
int make_with_free_name(const std::string& folder, std::string& name, Make make) {
    static std::atomic<unsigned> counter{0};
    while (true) {
        name = join_path(folder, fmt::format(".halcyon-{}-{}.tmp", ::getpid(), ++counter));
        const int made = make(name.c_str());
        if (made >= 0 || errno != EEXIST) return made;
    }
}

/// Writes a file under a name of its own. It has none before it is whole, where the file system can do that, so that
/// nothing stays behind if the process is killed.
std::optional<FileError> write_temporary(const std::string& folder, std::string& name, std::string_view bytes) {
    if (Descriptor out(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666)); out.number() >= 0) {
        if (auto error = write_flushed(out, bytes)) return error;
        const std::string unnamed = fmt::format("/proc/self/fd/{}", out.number());
        const auto link = [&](const char* path) {
            return ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, path, AT_SYMLINK_FOLLOW);
        };
        if (make_with_free_name(folder, name, link) == 0)
            return out.close() ? std::nullopt : std::optional(from_errno(errno));
    }
    Descriptor out(make_with_free_name(
        folder, name, [](const char* path) { return ::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); }));
    if (out.number() < 0) return from_errno(errno);
    std::optional<FileError> error = write_flushed(out, bytes);
    if (!error && !out.close()) error = from_errno(errno);
    return error;
}

}  // namespace

FileResult<std::string> DiskFiles::read(const std::string& path, std::uint64_t max_bytes) const {
    const Descriptor in(open_to_read(path));
    if (in.number() < 0) return from_errno(errno);
    const FileResult<std::uint64_t> size = regular_size(in.number());
    if (const auto* error = std::get_if<FileError>(&size)) return *error;
    if (std::get<std::uint64_t>(size) > max_bytes) return too_large(max_bytes);

    // The file may grow or shrink meanwhile, and some of /proc says 0: what is read counts, not what was promised.
    std::string bytes;
    bytes.reserve(static_cast<std::size_t>(std::get<std::uint64_t>(size)));
    char buffer[65536];
    while (true) {
        const ssize_t count = ::read(in.number(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return from_errno(errno);
        if (count == 0) return bytes;
        bytes.append(buffer, static_cast<std::size_t>(count));
        if (bytes.size() > max_bytes) return too_large(max_bytes);
    }
}

bool DiskFiles::exists(const std::string& path) const {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0;
}

std::string DiskFiles::real_path(const std::string& path) const {
    std::error_code error;
    const std::filesystem::path resolved = std::filesystem::canonical(path, error);
    return error ? path : resolved.string();
}

std::optional<FileError> DiskFiles::write(const std::string& path, std::string_view bytes) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) return from_errno(EISDIR);
        if (!S_ISREG(status.st_mode)) return write_special(path, bytes);
    }
    std::string temporary;
    std::optional<FileError> error = write_temporary(folder_of(path), temporary, bytes);
    if (!error && std::rename(temporary.c_str(), path.c_str()) != 0) error = from_errno(errno);
    if (error && !temporary.empty()) ::unlink(temporary.c_str());
    return error;
}

std::optional<FileError> DiskFiles::make_folder(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return FileError{error.message()};
    if (!std::filesystem::is_directory(path, error)) return from_errno(ENOTDIR);
    return std::nullopt;
}

FileResult<std::string> MemoryFiles::read(const std::string& path, std::uint64_t max_bytes) const {
    const auto found = files_.find(path);
    if (found == files_.end()) return from_errno(ENOENT);
    if (found->second.size() > max_bytes) return too_large(max_bytes);
    return found->second;
}

bool MemoryFiles::exists(const std::string& path) const {
    return files_.contains(path);
}

std::optional<FileError> MemoryFiles::write(const std::string& path, std::string_view bytes) {
    files_[path] = bytes;
    return std::nullopt;
}

std::optional<FileError> MemoryFiles::make_folder(const std::string&) {
    return std::nullopt;
}

FileResult<MappedFile> MappedFile::open(const std::string& path) {
    const Descriptor in(open_to_read(path));
    if (in.number() < 0) return from_errno(errno);
    const FileResult<std::uint64_t> size = regular_size(in.number());
    if (const auto* error = std::get_if<FileError>(&size)) return *error;
    MappedFile file;
    const auto bytes = static_cast<std::size_t>(std::get<std::uint64_t>(size));
    if (bytes == 0) return file;
    void* address = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, in.number(), 0);
    if (address == MAP_FAILED) return from_errno(errno);
    file.data_ = static_cast<const char*>(address);
    file.size_ = bytes;
    return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

std::string folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return ".";
    return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

std::string file_name_of(std::string_view path) {
    return std::string(path.substr(path.rfind('/') + 1));
}

std::string stem_of(std::string_view path) {
    const std::string name = file_name_of(path);
    const std::size_t dot = name.rfind('.');
    return dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
}

std::string join_path(std::string_view folder, std::string_view name) {
    if (folder.empty() || folder == "." || name.starts_with('/')) return std::string(name);
    return fmt::format("{}{}{}", folder, folder.ends_with('/') ? "" : "/", name);
}

}  // namespace halcyon
