#include "formats/common/read_npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "support/check.h"

namespace halcyon {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t most_axes = 64;

struct Header {
    std::string descr;
    bool fortran_order = false;
    Shape shape;
};

/// Reads the one Python dict that headers are, not Python.
class HeaderParser {
public:
    explicit HeaderParser(std::string_view text) : rest_(text) {}

    std::optional<Header> parse() {
        Header header;
        bool has_descr = false, has_order = false, has_shape = false;
        if (!take('{')) return std::nullopt;
        while (!take('}')) {
            const std::optional<std::string> key = string();
            if (!key || !take(':')) return std::nullopt;
            bool good = false;
            if (*key == "descr" && !std::exchange(has_descr, true)) {
                const std::optional<std::string> descr = string();
                good = descr.has_value();
                if (good) header.descr = *descr;
            } else if (*key == "fortran_order" && !std::exchange(has_order, true)) {
                header.fortran_order = word("True");
                good = header.fortran_order || word("False");
            } else if (*key == "shape" && !std::exchange(has_shape, true)) {
                good = tuple(header.shape);
            }
            if (!good) return std::nullopt;
            if (!take(',') && !at('}')) return std::nullopt;
        }
        skip_space();
        if (!rest_.empty() || !has_descr || !has_order || !has_shape) return std::nullopt;
        return header;
    }

private:
    void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
    bool at(char c) {
        skip_space();
        return rest_.starts_with(c);
    }
    bool take(char c) {
        if (!at(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool word(std::string_view text) {
        skip_space();
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    std::optional<std::string> string() {
        skip_space();
        if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) return std::nullopt;
        const std::size_t end = rest_.find(rest_[0], 1);
        if (end == std::string_view::npos) return std::nullopt;
        std::string text(rest_.substr(1, end - 1));
        if (text.find('\\') != std::string::npos) return std::nullopt;
        rest_.remove_prefix(end + 1);
        return text;
    }
    bool integer(std::int64_t& value) {
        skip_space();
        if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') return false;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc()) return false;
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        if (rest_.starts_with('L')) rest_.remove_prefix(1);  // Python 2 wrote (3L, 4L)
        return true;
    }
    /// As in Python one element needs its comma: (3) is a number.
    bool tuple(Shape& shape) {
        if (!take('(')) return false;
        bool comma = true;
        while (!take(')')) {
            std::int64_t extent = 0;
            if (!comma || shape.size() == most_axes || !integer(extent)) return false;
            shape.push_back(extent);
            comma = take(',');
        }
        return shape.size() != 1 || comma;
    }

    std::string_view rest_;
};

std::optional<StoredType> type_of(std::string_view code) {
    static constexpr std::pair<std::string_view, StoredType> codes[] = {
        {"f8", StoredType::float64}, {"f4", StoredType::float32}, {"f2", StoredType::float16},
        {"u1", StoredType::uint8},   {"i1", StoredType::int8},    {"i2", StoredType::int16},
        {"i4", StoredType::int32},   {"i8", StoredType::int64},   {"b1", StoredType::boolean},
    };
    for (const auto& [name, type] : codes) {
        if (name == code) return type;
    }
    return std::nullopt;
}

std::string swapped(std::string_view bytes, std::size_t element) {
    std::string result(bytes);
    for (auto at = result.begin(); at != result.end(); at += static_cast<std::ptrdiff_t>(element)) {
        std::reverse(at, at + static_cast<std::ptrdiff_t>(element));
    }
    return result;
}

/// From first axis fastest to last axis fastest.
std::string row_major(std::string_view bytes, const Shape& shape, std::size_t element) {
    std::string result(bytes.size(), '\0');
    if (bytes.empty()) return result;
    std::vector<std::int64_t> index(shape.size(), 0);
    std::vector<std::int64_t> strides(shape.size(), 1);
    for (std::size_t axis = 1; axis < shape.size(); ++axis) strides[axis] = strides[axis - 1] * shape[axis - 1];
    std::int64_t from = 0;
    for (std::size_t to = 0; to < result.size(); to += element) {
        std::copy_n(bytes.data() + static_cast<std::size_t>(from) * element, element, result.data() + to);
        for (std::size_t axis = shape.size(); axis-- > 0;) {
            from += strides[axis];
            if (++index[axis] < shape[axis]) break;
            from -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    return result;
}

}  // namespace

bool looks_like_npy(std::string_view bytes) {
    return bytes.starts_with(magic);
}

std::optional<FormatError> read_npy(std::string_view bytes, std::string name, ParsedTensors& parsed) {
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
    const FormatError cut{.message = "the .npy data ends inside its header"};
    if (!looks_like_npy(bytes)) return FormatError{.message = "the .npy data does not begin with NumPy's magic bytes"};
    if (bytes.size() < 10) return cut;
    const std::size_t version = byte(6);
    if (version < 1 || version > 3 || byte(7) != 0) {
        return FormatError{.message = fmt::format(".npy version {}.{} is unknown", version, byte(7))};
    }
    const std::size_t begin = version == 1 ? 10 : 12;
    if (bytes.size() < begin) return cut;
    std::size_t length = byte(8) | byte(9) << 8;
    if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
    if (length > bytes.size() - begin) return cut;

    const std::optional<Header> header = HeaderParser(bytes.substr(begin, length)).parse();
    if (!header) return FormatError{.message = "the .npy header is not a dict of 'descr', 'fortran_order' and 'shape'"};

    const std::string& descr = header->descr;
    const char order = descr.empty() ? ' ' : descr[0];
    const std::optional<StoredType> type = descr.empty() ? std::nullopt : type_of(std::string_view(descr).substr(1));
    const bool single_byte = type && bytes_of(*type) == 1;
    if (!type || !(order == '<' || order == '>' || (order == '|' && single_byte))) {
        return FormatError{Code::unsupported_tensor,
                           fmt::format("numbers of NumPy's type '{}' are not read", printable(descr))};
    }

    std::string_view data = bytes.substr(begin + length);
    const std::optional<std::int64_t> size = stored_bytes(*type, header->shape);
    if (!size || static_cast<std::uint64_t>(*size) != data.size()) {
        return FormatError{
            .message = fmt::format("an array of {} and shape {} does not take the {} bytes behind the .npy header",
                                   to_text(*type), to_text(header->shape), data.size())};
    }
    const std::size_t element = static_cast<std::size_t>(bytes_of(*type));
    if (order == '>' && !single_byte) data = parsed.unpacked.emplace_back(swapped(data, element));
    if (header->fortran_order && header->shape.size() > 1) {
        data = parsed.unpacked.emplace_back(row_major(data, header->shape, element));
    }
    if (!parsed.tensors.emplace(name, StoredTensor{*type, header->shape, data}).second) {
        return FormatError{.message = fmt::format("array '{}' comes twice", printable(name))};
    }
    return std::nullopt;
}

std::string npy_bytes(StoredType type, const Shape& shape, std::string_view data) {
    CHECK_INTERNAL(stored_bytes(type, shape) == static_cast<std::int64_t>(data.size()));
    // NumPy has no bfloat16: its numbers are written as what the file would hold for a raw 2-byte record.
    const char* descr = "|V2";
    switch (type) {
    case StoredType::float64: descr = "<f8"; break;
    case StoredType::float32: descr = "<f4"; break;
    case StoredType::float16: descr = "<f2"; break;
    case StoredType::bfloat16: break;
    case StoredType::uint8: descr = "|u1"; break;
    case StoredType::int8: descr = "|i1"; break;
    case StoredType::int16: descr = "<i2"; break;
    case StoredType::int32: descr = "<i4"; break;
    case StoredType::int64: descr = "<i8"; break;
    case StoredType::boolean: descr = "|b1"; break;
    }
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", descr, to_text(shape));
    constexpr std::size_t alignment = 64;  // NumPy's, so that the numbers can be mapped
    const std::size_t unpadded = magic.size() + 4 + header.size() + 1;
    header.append((alignment - unpadded % alignment) % alignment, ' ');
    header += '\n';
    CHECK_INTERNAL(header.size() <= 0xffff);

    std::string bytes(magic);
    bytes += {'\1', '\0', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
    bytes += header;
    bytes += data;
    return bytes;
}

}  // namespace halcyon
