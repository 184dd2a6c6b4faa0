#include "formats/common/external_files.h"

#include <sys/stat.h>

#include <fmt/format.h>

namespace halcyon::onnx_file {
namespace {

/// Why the location is none; "" if each of its parts is a folder, or at the end a file, of its own.
std::string refused_location(const std::string& folder, const std::string& location) {
    if (location.empty()) return "does not say which file";
    if (location.find('\0') != std::string::npos || location.find('\\') != std::string::npos)
        return "is no path of a file";
    if (location.front() == '/') return "is an absolute path";
    std::string path = folder;
    for (std::size_t begin = 0; begin <= location.size();) {
        const std::size_t end = std::min(location.find('/', begin), location.size());
        const std::string part = location.substr(begin, end - begin);
        begin = end + 1;
        if (part.empty() || part == ".") continue;
        if (part == "..") return "leads out of the model's folder";
        path = join_path(path, part);
        struct stat found{};
        if (lstat(path.c_str(), &found) != 0) return "does not exist";
        if (S_ISLNK(found.st_mode)) return "is reached by a symbolic link";
        if (end < location.size() && S_ISDIR(found.st_mode)) continue;
        if (!S_ISREG(found.st_mode)) return "is no file";
        if (found.st_nlink > 1) return "is a hard link: the same file has other names";
    }
    return "";
}

FormatError refused(std::string message) {
    return {Code::bad_onnx_file, std::move(message)};
}

}  // namespace

std::variant<std::string_view, FormatError> ExternalFiles::read(const ExternalData& data) {
    const std::string shown = printable(data.location);
    auto found = files_.find(data.location);
    if (found == files_.end()) {
        if (const std::string reason = refused_location(folder_, data.location); !reason.empty())
            return refused(fmt::format("its external data '{}' {}", shown, reason));
        FileResult<MappedFile> mapped = MappedFile::open(join_path(folder_, data.location));
        if (const auto* error = std::get_if<FileError>(&mapped))
            return refused(fmt::format("its external data '{}' cannot be read: {}", shown, error->message));
        found = files_.emplace(data.location, std::get<MappedFile>(std::move(mapped))).first;
    }
    const std::string_view bytes = found->second.bytes();
    const auto size = static_cast<std::int64_t>(bytes.size());
    const std::int64_t length = data.length.value_or(0);
    if (data.offset > size || length > size - data.offset) {
        return refused(fmt::format("its external data '{}' ends after {} bytes, and {} from {} on are asked for", shown,
                                   size, length, data.offset));
    }
    return bytes.substr(static_cast<std::size_t>(data.offset), static_cast<std::size_t>(length));
}

}  // namespace halcyon::onnx_file
