#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace halcyon {

/// Why a file could not be read or written, in words for the user ("No such file or directory").
struct FileError {
    std::string message;
};
template <typename T>
using FileResult = std::variant<T, FileError>;

/// The outside world's files, passed as a parameter so that tests need no disk.
class FileSystem {
public:
    virtual ~FileSystem() = default;
    /// The whole file; an error beyond `max_bytes`, for folders, pipes and devices.
    [[nodiscard]] virtual FileResult<std::string> read(const std::string& path, std::uint64_t max_bytes) const = 0;
    [[nodiscard]] virtual bool exists(const std::string& path) const = 0;
    /// The path with symbolic links, "." and ".." resolved, or as given if it leads nowhere.
    [[nodiscard]] virtual std::string real_path(const std::string& path) const { return path; }
    /// Writes under a temporary name in the same folder, flushes, renames: afterwards the file is whole or as before.
    [[nodiscard]] virtual std::optional<FileError> write(const std::string& path, std::string_view bytes) = 0;
    /// Makes a folder and its parents; existing ones are fine.
    [[nodiscard]] virtual std::optional<FileError> make_folder(const std::string& path) = 0;
};

/// The real disk.
class DiskFiles final : public FileSystem {
public:
    FileResult<std::string> read(const std::string& path, std::uint64_t max_bytes) const override;
    bool exists(const std::string& path) const override;
    std::string real_path(const std::string& path) const override;
    std::optional<FileError> write(const std::string& path, std::string_view bytes) override;
    std::optional<FileError> make_folder(const std::string& path) override;
};

/// A map from path to text, for tests.
class MemoryFiles final : public FileSystem {
public:
    MemoryFiles() = default;
    MemoryFiles(std::initializer_list<std::pair<const std::string, std::string>> files) : files_(files) {}
    FileResult<std::string> read(const std::string& path, std::uint64_t max_bytes) const override;
    bool exists(const std::string& path) const override;
    std::optional<FileError> write(const std::string& path, std::string_view bytes) override;
    std::optional<FileError> make_folder(const std::string& path) override;

private:
    std::map<std::string, std::string> files_;
};

/// A file mapped into memory for reading, unmapped at the end; for weight files that may be large.
class MappedFile {
public:
    [[nodiscard]] static FileResult<MappedFile> open(const std::string& path);
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    ~MappedFile();
    [[nodiscard]] std::string_view bytes() const { return {data_, size_}; }

private:
    MappedFile() = default;
    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

/// "a/b.hcn" -> "a" ("." without a slash), "b.hcn", and the name without its extension, "b".
[[nodiscard]] std::string folder_of(std::string_view path);
[[nodiscard]] std::string file_name_of(std::string_view path);
[[nodiscard]] std::string stem_of(std::string_view path);
[[nodiscard]] std::string join_path(std::string_view folder, std::string_view name);

}  // namespace halcyon
