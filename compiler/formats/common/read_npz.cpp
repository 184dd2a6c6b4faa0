#include "formats/common/read_npz.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <memory>

#include "formats/common/read_npy.h"
#include "support/check.h"

namespace halcyon {
namespace {

using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;
using Entry = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

/// Deflate cannot shrink data further than this (zlib.net/zlib_tech.html), so a larger claim is a lie.
constexpr std::uint64_t best_ratio = 1032;
constexpr std::string_view extension = ".npy";

std::string text_of(zip_error_t& error) {
    std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    return text;
}

/// The whole entry; libzip compares its checksum when the end is read. Grows with what really arrives.
std::optional<FormatError> unpack(zip_t* archive, const zip_stat_t& entry, const std::string& name,
                                  std::string& bytes) {
    const Entry file(zip_fopen_index(archive, entry.index, 0), &zip_fclose);
    if (file == nullptr) {
        return FormatError{.message = fmt::format("entry '{}' cannot be unpacked: {}", name, zip_strerror(archive))};
    }
    constexpr std::size_t step = 1 << 20;
    for (;;) {
        const std::size_t before = bytes.size();
        bytes.resize(before + std::min<std::uint64_t>(step, entry.size - before + 1));
        const zip_int64_t count = zip_fread(file.get(), bytes.data() + before, bytes.size() - before);
        bytes.resize(before + static_cast<std::size_t>(std::max<zip_int64_t>(count, 0)));
        if (count < 0) {
            return FormatError{
                .message = fmt::format("entry '{}' cannot be unpacked: {}", name, zip_file_strerror(file.get()))};
        }
        if (bytes.size() > entry.size) break;
        if (count == 0) break;
    }
    if (bytes.size() != entry.size) {
        return FormatError{.message = fmt::format("entry '{}' does not unpack to the size that it claims", name)};
    }
    return std::nullopt;
}

std::optional<FormatError> read_entry(zip_t* archive, zip_uint64_t index, std::uint64_t& packed_left,
                                      ParsedTensors& parsed) {
    zip_stat_t entry;
    constexpr zip_uint64_t needed =
        ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(archive, index, ZIP_FL_ENC_RAW, &entry) != 0 || (entry.valid & needed) != needed) {
        return FormatError{.message =
                               fmt::format("entry {} of the archive cannot be read: {}", index, zip_strerror(archive))};
    }
    const std::string_view full_name = entry.name;
    const std::string name = printable(full_name);
    if (!full_name.ends_with(extension))
        return FormatError{.message = fmt::format("entry '{}' is not a .npy file", name)};
    if (entry.encryption_method != ZIP_EM_NONE)
        return FormatError{.message = fmt::format("entry '{}' is encrypted", name)};
    if (entry.comp_method != ZIP_CM_STORE && entry.comp_method != ZIP_CM_DEFLATE) {
        return FormatError{.message = fmt::format("entry '{}' is packed by a method other than deflate", name)};
    }
    // Entries that share bytes of the file could unpack to far more than it can honestly hold.
    if (entry.comp_size > packed_left || entry.size / best_ratio > entry.comp_size) {
        return FormatError{.message = fmt::format("entry '{}' claims a size that the file cannot hold", name)};
    }
    packed_left -= entry.comp_size;

    std::string& unpacked = parsed.unpacked.emplace_back();
    if (auto error = unpack(archive, entry, name, unpacked)) return error;
    auto error = read_npy(unpacked, std::string(full_name.substr(0, full_name.size() - extension.size())), parsed);
    if (error) error->message = fmt::format("entry '{}': {}", name, error->message);
    return error;
}

}  // namespace

bool looks_like_zip(std::string_view bytes) {
    return bytes.starts_with("PK\3\4") || bytes.starts_with("PK\5\6");
}

std::optional<FormatError> read_npz(std::string_view bytes, ParsedTensors& parsed) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    CHECK_INTERNAL(source != nullptr);
    const Archive archive(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error), &zip_discard);
    if (archive == nullptr) {
        zip_source_free(source);
        return FormatError{.message = fmt::format("the archive is not sound: {}", text_of(error))};
    }
    zip_error_fini(&error);

    std::uint64_t packed_left = bytes.size();
    const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i) {
        if (auto mistake = read_entry(archive.get(), static_cast<zip_uint64_t>(i), packed_left, parsed)) return mistake;
    }
    return std::nullopt;
}

}  // namespace halcyon
