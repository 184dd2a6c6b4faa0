#include "commands/common/write_files.h"

#include <filesystem>
#include <system_error>

namespace halcyon {
namespace {

bool report(const std::string& path, const std::string& why, Diagnostics& diag) {
    diag.error(Code::unwritable_file, {}, "cannot write '{}': {}", path, why);
    return false;
}

/// Files under temporary names, removed at the end unless they have been renamed.
class Pending {
public:
    Pending() = default;
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;
    ~Pending() {
        std::error_code ignored;
        for (const auto& [temporary, final_path] : files_) std::filesystem::remove(temporary, ignored);
    }
    std::string add(const std::string& final_path) {
        files_.emplace_back(final_path + ".part", final_path);
        return files_.back().first;
    }
    bool rename_all(Diagnostics& diag) {
        for (const auto& [temporary, final_path] : files_) {
            std::error_code error;
            std::filesystem::rename(temporary, final_path, error);
            if (error) return report(final_path, error.message(), diag);
        }
        return true;
    }

private:
    std::vector<std::pair<std::string, std::string>> files_;
};

}  // namespace

bool write_files(const std::string& folder, const std::vector<LibraryFile>& written, FileSystem& files,
                 Diagnostics& diag) {
    if (const auto error = files.make_folder(folder)) {
        diag.error(Code::unwritable_file, {}, "cannot make the folder '{}': {}", folder, error->message);
        return false;
    }
    Pending pending;
    for (const LibraryFile& file : written) {
        const std::string path = join_path(folder, file.name);
        std::error_code ignored;
        // The one thing that would make a rename fail after others have been done.
        if (std::filesystem::is_directory(path, ignored)) return report(path, "Is a directory", diag);
        if (const auto error = files.write(pending.add(path), file.bytes)) return report(path, error->message, diag);
    }
    return pending.rename_all(diag);
}

bool write_file(const std::string& path, std::string_view bytes, FileSystem& files, Diagnostics& diag) {
    if (const auto error = files.write(path, bytes)) return report(path, error->message, diag);
    return true;
}

}  // namespace halcyon
