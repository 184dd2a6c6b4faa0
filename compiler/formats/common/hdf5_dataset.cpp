#include "formats/common/hdf5_dataset.h"

#include <fmt/format.h>

#include <array>

#include "formats/common/hdf5_handle.h"
#include "support/checked.h"

namespace halcyon {
namespace {

constexpr int most_axes = 16;
/// Deflate cannot shrink data further than this (zlib.net/zlib_tech.html).
constexpr std::uint64_t best_ratio = 1032;

FormatError damaged(std::string message) {
    return {.code = Code::bad_keras_file, .message = std::move(message)};
}

struct FloatFormat {
    std::size_t size, exponent_bits, fraction_bits, bias;
    StoredType type;
};
constexpr std::array float_formats{
    FloatFormat{8, 11, 52, 1023, StoredType::float64},
    FloatFormat{4, 8, 23, 127, StoredType::float32},
    FloatFormat{2, 5, 10, 15, StoredType::float16},
    FloatFormat{2, 8, 7, 127, StoredType::bfloat16},
};

std::optional<StoredType> float_type(hid_t type) {
    std::size_t sign_at = 0, exponent_at = 0, exponent_bits = 0, fraction_at = 0, fraction_bits = 0;
    if (H5Tget_fields(type, &sign_at, &exponent_at, &exponent_bits, &fraction_at, &fraction_bits) < 0) return {};
    for (const FloatFormat& format : float_formats) {
        const bool same = H5Tget_size(type) == format.size && H5Tget_precision(type) == 8 * format.size &&
                          fraction_at == 0 && fraction_bits == format.fraction_bits &&
                          exponent_at == format.fraction_bits && exponent_bits == format.exponent_bits &&
                          sign_at == 8 * format.size - 1 && H5Tget_ebias(type) == format.bias &&
                          H5Tget_norm(type) == H5T_NORM_IMPLIED;
        if (same) return format.type;
    }
    return {};
}

std::optional<StoredType> integer_type(hid_t type) {
    if (H5Tget_precision(type) != 8 * H5Tget_size(type)) return {};
    if (H5Tget_sign(type) == H5T_SGN_NONE) {
        return H5Tget_size(type) == 1 ? std::optional(StoredType::uint8) : std::nullopt;
    }
    switch (H5Tget_size(type)) {
    case 1: return StoredType::int8;
    case 2: return StoredType::int16;
    case 4: return StoredType::int32;
    case 8: return StoredType::int64;
    default: return {};
    }
}

/// Keras marks bfloat16, which h5py stores as two bytes without a meaning.
bool is_marked_bfloat16(hid_t dataset) {
    if (H5Aexists(dataset, "dtype") <= 0) return false;
    const Hdf5Handle attribute(H5Aopen(dataset, "dtype", H5P_DEFAULT));
    const Hdf5Handle type(H5Aget_type(attribute.id()));
    const Hdf5Handle space(H5Aget_space(attribute.id()));
    if (H5Tget_class(type.id()) != H5T_STRING || H5Sget_simple_extent_npoints(space.id()) != 1) return false;
    constexpr std::string_view wanted = "bfloat16";
    if (H5Tis_variable_str(type.id()) > 0) {
        char* text = nullptr;
        if (H5Aread(attribute.id(), type.id(), static_cast<void*>(&text)) < 0 || text == nullptr) return false;
        const bool same = text == wanted;
        H5free_memory(text);
        return same;
    }
    std::array<char, 64> text{};
    if (H5Tget_size(type.id()) >= text.size() || H5Aread(attribute.id(), type.id(), text.data()) < 0) return false;
    return text.data() == wanted;
}

std::optional<StoredType> stored_type_of(hid_t dataset, hid_t type) {
    switch (H5Tget_class(type)) {
    case H5T_FLOAT: return float_type(type);
    case H5T_INTEGER: return integer_type(type);
    case H5T_ENUM: return H5Tget_size(type) == 1 ? std::optional(StoredType::boolean) : std::nullopt;
    case H5T_OPAQUE:
        return H5Tget_size(type) == 2 && is_marked_bfloat16(dataset) ? std::optional(StoredType::bfloat16)
                                                                     : std::nullopt;
    default: return {};
    }
}

std::optional<Shape> shape_of(hid_t dataset) {
    const Hdf5Handle space(H5Dget_space(dataset));
    const H5S_class_t kind = H5Sget_simple_extent_type(space.id());
    if (kind == H5S_SCALAR) return Shape{};
    const int axes = H5Sget_simple_extent_ndims(space.id());
    if (kind != H5S_SIMPLE || axes < 0 || axes > most_axes) return {};
    std::array<hsize_t, H5S_MAX_RANK> extents{};
    if (H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr) != axes) return {};
    Shape shape;
    for (int axis = 0; axis < axes; ++axis) {
        const hsize_t extent = extents[static_cast<std::size_t>(axis)];
        if (extent > static_cast<hsize_t>(std::numeric_limits<std::int64_t>::max())) return {};
        shape.push_back(static_cast<std::int64_t>(extent));
    }
    return shape;
}

/// The layout's own dangers; `chunk_bytes` is what one chunk unpacks to, 0 without chunks.
std::optional<std::string> layout_problem(hid_t properties, std::int64_t element_bytes, std::int64_t& chunk_bytes) {
    if (H5Pget_external_count(properties) != 0) return "has its numbers in other files";
    const H5D_layout_t layout = H5Pget_layout(properties);
    if (layout == H5D_VIRTUAL) return "is put together from other datasets";
    const int filters = H5Pget_nfilters(properties);
    if (filters < 0 || filters > 8) return "is packed in an unknown way";
    for (int i = 0; i < filters; ++i) {
        unsigned flags = 0, settings = 0;
        std::size_t values = 0;
        const H5Z_filter_t filter =
            H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, &settings);
        if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
            return "is packed by a filter other than gzip, shuffle and fletcher32";
    }
    if (layout != H5D_CHUNKED) {
        if (layout != H5D_CONTIGUOUS && layout != H5D_COMPACT) return "is laid out in an unknown way";
        return std::nullopt;
    }
    std::array<hsize_t, H5S_MAX_RANK> extents{};
    const int axes = H5Pget_chunk(properties, H5S_MAX_RANK, extents.data());
    if (axes < 1 || axes > most_axes) return "has chunks of an unknown shape";
    std::optional<std::int64_t> bytes = element_bytes;
    for (int axis = 0; axis < axes; ++axis) {
        const hsize_t extent = extents[static_cast<std::size_t>(axis)];
        // The format keeps a chunk's extents in 32 bits.
        if (extent == 0 || extent > std::numeric_limits<std::uint32_t>::max()) return "has chunks of an unknown shape";
        bytes = checked_multiply(*bytes, static_cast<std::int64_t>(extent));
        if (!bytes) return "has chunks too large for any file";
    }
    chunk_bytes = *bytes;
    return std::nullopt;
}

}  // namespace

std::optional<FormatError> examine_dataset(hid_t dataset, std::uint64_t& storage_left, Hdf5Dataset& found) {
    const std::string name = printable(found.path);
    const Hdf5Handle type(H5Dget_type(dataset));
    const Hdf5Handle properties(H5Dget_create_plist(dataset));
    if (!type.good() || !properties.good()) {
        return damaged(fmt::format("dataset '{}' cannot be read: {}", name, hdf5_problem()));
    }
    const auto shape = shape_of(dataset);
    if (!shape) return damaged(fmt::format("dataset '{}' has no shape of at most {} axes", name, most_axes));
    const std::optional<StoredType> stored = stored_type_of(dataset, type.id());
    std::int64_t chunk_bytes = 0;
    if (const auto problem =
            layout_problem(properties.id(), static_cast<std::int64_t>(H5Tget_size(type.id())), chunk_bytes)) {
        return damaged(fmt::format("dataset '{}' {}", name, *problem));
    }
    found.shape = *shape;
    if (!stored) {
        found.unreadable = FormatError{.code = Code::unsupported_tensor,
                                       .message = fmt::format("dataset '{}' holds no numbers that are read", name)};
        return std::nullopt;
    }
    found.type = *stored;
    const auto bytes = stored_bytes(*stored, *shape);
    if (!bytes) return damaged(fmt::format("dataset '{}' has an impossible shape {}", name, to_text(*shape)));
    found.bytes = *bytes;

    // Numbers that were never written would come out as zeros, and sizes beyond the file's are lies.
    const std::uint64_t storage = H5Dget_storage_size(dataset);
    const auto wanted = static_cast<std::uint64_t>(found.bytes);
    const bool packed = H5Pget_nfilters(properties.id()) > 0;
    const bool fits = chunk_bytes == 0 ? storage == wanted
                      : packed ? std::max(wanted, static_cast<std::uint64_t>(chunk_bytes)) / best_ratio <= storage
                               : wanted <= storage && static_cast<std::uint64_t>(chunk_bytes) <= storage;
    if (wanted > 0 && (!fits || storage > storage_left)) {
        return damaged(
            fmt::format("dataset '{}' of shape {} claims more numbers than the file can hold", name, to_text(*shape)));
    }
    if (wanted > 0) storage_left -= storage;
    return std::nullopt;
}

hid_t memory_type_of(hid_t dataset) {
    const Hdf5Handle stored(H5Dget_type(dataset));
    const hid_t type = H5Tcopy(stored.id());
    // Types without a byte order refuse, and need none.
    H5Tset_order(type, H5T_ORDER_LE);
    return type;
}

}  // namespace halcyon
