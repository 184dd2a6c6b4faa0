#pragma once

#include <string>

#include "support/file_system.h"

namespace halcyon {

/// Another file system, but for one file, whose text is in memory.
class OverlaidFile final : public FileSystem {
public:
    OverlaidFile(FileSystem& below, std::string path, std::string text)
        : below_(below), path_(std::move(path)), text_(std::move(text)) {}
    FileResult<std::string> read(const std::string& path, std::uint64_t max_bytes) const override {
        return path == path_ ? FileResult<std::string>(text_) : below_.read(path, max_bytes);
    }
    bool exists(const std::string& path) const override { return path == path_ || below_.exists(path); }
    std::string real_path(const std::string& path) const override { return below_.real_path(path); }
    std::optional<FileError> write(const std::string& path, std::string_view bytes) override {
        return below_.write(path, bytes);
    }
    std::optional<FileError> make_folder(const std::string& path) override { return below_.make_folder(path); }

private:
    FileSystem& below_;
    std::string path_, text_;
};

}  // namespace halcyon
