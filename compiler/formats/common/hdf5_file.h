#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/common/parsed_tensors.h"

namespace halcyon {

/// A dataset that has passed all checks: its numbers exist in the file, and reading them takes what `bytes` says.
struct Hdf5Dataset {
    std::string path;
    StoredType type = StoredType::float32;
    Shape shape;
    std::int64_t bytes = 0;
    /// Why it is not read, e.g. because it holds text; the other members then mean nothing.
    std::optional<FormatError> unreadable;
};

struct Hdf5Group {
    std::string path;
    std::map<std::string, Hdf5Group> groups;
    std::map<std::string, Hdf5Dataset> datasets;
    /// Of those attributes that Keras writes as text; several elements for lists of names.
    std::map<std::string, std::vector<std::string>> texts;

    /// Null if there is none; `path` is relative, with slashes.
    [[nodiscard]] const Hdf5Group* group(std::string_view path) const;
    [[nodiscard]] const Hdf5Dataset* dataset(std::string_view path) const;
};

/// An HDF5 file in memory, taken apart by libhdf5. Its parsers are known to write outside their buffers when a file is made
/// for that, so hostile files must only be read inside a guarded process. Only groups and datasets reached by hard links,
/// each by one, are read; other links, external storage, virtual datasets, filters besides gzip, shuffle and fletcher32,
/// depth, counts, and sizes beyond what the file can hold are refused.
class Hdf5File {
public:
    /// `image` must outlive the file.
    [[nodiscard]] static std::variant<Hdf5File, FormatError> open(std::string_view image);

    [[nodiscard]] const Hdf5Group& root() const { return *root_; }
    /// Row-major and little-endian, as StoredTensor wants it, into dataset.bytes bytes.
    [[nodiscard]] std::optional<FormatError> read(const Hdf5Dataset& dataset, char* to) const;

private:
    struct Opened;
    std::shared_ptr<const Opened> file_;
    std::unique_ptr<Hdf5Group> root_;
};

[[nodiscard]] bool looks_like_hdf5(std::string_view bytes);

}  // namespace halcyon
