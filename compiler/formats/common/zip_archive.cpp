#include "formats/common/zip_archive.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>

#include "support/check.h"

namespace halcyon {
namespace {

/// Deflate cannot shrink data further than this (zlib.net/zlib_tech.html), so a larger claim is a lie.
constexpr std::uint64_t best_ratio = 1032;

std::string text_of(zip_error_t& error) {
    std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    return text;
}

std::variant<ZipArchive::Entry, FormatError> read_entry(zip_t* archive, zip_uint64_t index, std::uint64_t packed_left) {
    zip_stat_t entry;
    constexpr zip_uint64_t needed =
        ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(archive, index, ZIP_FL_ENC_RAW, &entry) != 0 || (entry.valid & needed) != needed) {
        return FormatError{.message =
                               fmt::format("entry {} of the archive cannot be read: {}", index, zip_strerror(archive))};
    }
    const std::string name = printable(entry.name);
    if (entry.encryption_method != ZIP_EM_NONE)
        return FormatError{.message = fmt::format("entry '{}' is encrypted", name)};
    if (entry.comp_method != ZIP_CM_STORE && entry.comp_method != ZIP_CM_DEFLATE) {
        return FormatError{.message = fmt::format("entry '{}' is packed by a method other than deflate", name)};
    }
    // Entries that share bytes of the file could unpack to far more than it can honestly hold.
    if (entry.comp_size > packed_left || entry.size / best_ratio > entry.comp_size) {
        return FormatError{.message = fmt::format("entry '{}' claims a size that the file cannot hold", name)};
    }
    return ZipArchive::Entry{.name = entry.name, .index = index, .size = entry.size, .packed_size = entry.comp_size};
}

}  // namespace

bool looks_like_zip(std::string_view bytes) {
    return bytes.starts_with("PK\3\4") || bytes.starts_with("PK\5\6");
}

std::variant<ZipArchive, FormatError> ZipArchive::open(std::string_view bytes) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    CHECK_INTERNAL(source != nullptr);
    ZipArchive archive;
    archive.archive_ = std::shared_ptr<zip>(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error),
                                            [](zip* opened) { zip_discard(opened); });
    if (archive.archive_ == nullptr) {
        zip_source_free(source);
        return FormatError{.message = fmt::format("the archive is not sound: {}", text_of(error))};
    }
    zip_error_fini(&error);

    std::uint64_t packed_left = bytes.size();
    const zip_int64_t count = zip_get_num_entries(archive.archive_.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i) {
        auto entry = read_entry(archive.archive_.get(), static_cast<zip_uint64_t>(i), packed_left);
        if (auto* mistake = std::get_if<FormatError>(&entry)) return *mistake;
        packed_left -= std::get<Entry>(entry).packed_size;
        archive.entries_.push_back(std::get<Entry>(std::move(entry)));
    }
    return archive;
}

std::variant<std::string, FormatError> ZipArchive::unpack(const Entry& entry) const {
    const std::string name = printable(entry.name);
    const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(zip_fopen_index(archive_.get(), entry.index, 0),
                                                                  &zip_fclose);
    if (file == nullptr) {
        return FormatError{.message =
                               fmt::format("entry '{}' cannot be unpacked: {}", name, zip_strerror(archive_.get()))};
    }
    constexpr std::size_t step = 1 << 20;
    std::string bytes;
    for (;;) {
        const std::size_t before = bytes.size();
        bytes.resize(before + std::min<std::uint64_t>(step, entry.size - before + 1));
        const zip_int64_t count = zip_fread(file.get(), bytes.data() + before, bytes.size() - before);
        bytes.resize(before + static_cast<std::size_t>(std::max<zip_int64_t>(count, 0)));
        if (count < 0) {
            return FormatError{
                .message = fmt::format("entry '{}' cannot be unpacked: {}", name, zip_file_strerror(file.get()))};
        }
        if (bytes.size() > entry.size || count == 0) break;
    }
    if (bytes.size() != entry.size) {
        return FormatError{.message = fmt::format("entry '{}' does not unpack to the size that it claims", name)};
    }
    return bytes;
}

}  // namespace halcyon
