#include "formats/common/read_npz.h"

#include <fmt/format.h>

#include "formats/common/read_npy.h"
#include "formats/common/zip_archive.h"

namespace halcyon {
namespace {

constexpr std::string_view extension = ".npy";

std::optional<FormatError> read_entry(const ZipArchive& archive, const ZipArchive::Entry& entry,
                                      ParsedTensors& parsed) {
    const std::string name = printable(entry.name);
    if (!entry.name.ends_with(extension))
        return FormatError{.message = fmt::format("entry '{}' is not a .npy file", name)};
    auto bytes = archive.unpack(entry);
    if (auto* mistake = std::get_if<FormatError>(&bytes)) return *mistake;
    const std::string& unpacked = parsed.unpacked.emplace_back(std::get<std::string>(std::move(bytes)));
    auto error = read_npy(unpacked, entry.name.substr(0, entry.name.size() - extension.size()), parsed);
    if (error) error->message = fmt::format("entry '{}': {}", name, error->message);
    return error;
}

}  // namespace

std::optional<FormatError> read_npz(std::string_view bytes, ParsedTensors& parsed) {
    const auto archive = ZipArchive::open(bytes);
    if (const auto* mistake = std::get_if<FormatError>(&archive)) return *mistake;
    for (const ZipArchive::Entry& entry : std::get<ZipArchive>(archive).entries()) {
        if (auto mistake = read_entry(std::get<ZipArchive>(archive), entry, parsed)) return mistake;
    }
    return std::nullopt;
}

}  // namespace halcyon
