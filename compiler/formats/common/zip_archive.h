#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/common/parsed_tensors.h"

struct zip;

namespace halcyon {

/// The entries of a zip archive in memory, stored or deflated. Names are names, never paths. What is encrypted, packed
/// otherwise, or claims a size that the archive's bytes cannot hold, is refused.
class ZipArchive {
public:
    struct Entry {
        std::string name;
        std::uint64_t index = 0;
        std::uint64_t size = 0;         ///< unpacked, as claimed
        std::uint64_t packed_size = 0;  ///< all entries' together are at most the archive's size
    };
    [[nodiscard]] static std::variant<ZipArchive, FormatError> open(std::string_view bytes);

    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    /// The whole entry, its checksum compared. Grows with what really arrives.
    [[nodiscard]] std::variant<std::string, FormatError> unpack(const Entry& entry) const;

private:
    std::shared_ptr<zip> archive_;
    std::vector<Entry> entries_;
};

[[nodiscard]] bool looks_like_zip(std::string_view bytes);

}  // namespace halcyon
