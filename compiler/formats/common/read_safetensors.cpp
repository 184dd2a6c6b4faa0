#include "formats/common/read_safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

namespace halcyon {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t longest_header = 100'000'000;

struct Entry {
    std::string name;
    std::string dtype;
    Shape shape;
    std::vector<std::int64_t> offsets;
    bool has_dtype = false, has_shape = false, has_offsets = false;
};

/// Takes the header's events one by one, so that neither depth nor size of a hostile header costs memory: everything that
/// the format does not have stops the parser.
class HeaderReader : public nlohmann::json_sax<Json> {
public:
    std::vector<Entry> entries;
    std::string problem;

    bool null() override { return refuse("null"); }
    bool boolean(bool /*value*/) override { return refuse("a truth value"); }
    bool number_float(number_float_t /*value*/, const string_t& text) override { return refuse("the number " + text); }
    bool binary(binary_t& /*value*/) override { return refuse("binary data"); }
    bool number_integer(number_integer_t value) override { return refuse(fmt::format("the number {}", value)); }

    bool number_unsigned(number_unsigned_t value) override {
        std::vector<std::int64_t>* list = list_;
        if (list == nullptr) return refuse(fmt::format("the number {}", value));
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            return fail(fmt::format("the number {} in the header is too large", value));
        }
        list->push_back(static_cast<std::int64_t>(value));
        return true;
    }

    bool string(string_t& value) override {
        if (place_ == Place::metadata) return true;
        if (place_ != Place::tensor || key_ != "dtype") return refuse("the text \"" + printable(value) + "\"");
        entries.back().dtype = value;
        entries.back().has_dtype = true;
        key_.clear();
        return true;
    }

    bool start_object(std::size_t /*elements*/) override {
        switch (place_) {
        case Place::outside: place_ = Place::header; return true;
        case Place::header: place_ = in_metadata_ ? Place::metadata : Place::tensor; return true;
        default: return refuse("an object");
        }
    }

    bool key(string_t& name) override {
        if (place_ == Place::header) {
            in_metadata_ = name == "__metadata__";
            if (!in_metadata_) entries.push_back({.name = name});
        } else if (place_ == Place::tensor) {
            Entry& entry = entries.back();
            const bool again = (name == "dtype" && entry.has_dtype) || (name == "shape" && entry.has_shape) ||
                               (name == "data_offsets" && entry.has_offsets);
            const bool known = name == "dtype" || name == "shape" || name == "data_offsets";
            if (again || !known) {
                return fail(fmt::format("tensor '{}' has {} field '{}'", printable(entry.name),
                                        again ? "a second" : "an unknown", printable(name)));
            }
            key_ = name;
        }
        return true;
    }

    bool end_object() override {
        place_ = place_ == Place::header ? Place::outside : Place::header;
        return true;
    }

    bool start_array(std::size_t /*elements*/) override {
        if (place_ != Place::tensor || list_ != nullptr) return refuse("a list");
        Entry& entry = entries.back();
        if (key_ == "shape") {
            list_ = &entry.shape;
            entry.has_shape = true;
        } else if (key_ == "data_offsets") {
            list_ = &entry.offsets;
            entry.has_offsets = true;
        } else {
            return refuse("a list");
        }
        return true;
    }

    bool end_array() override {
        list_ = nullptr;
        key_.clear();
        return true;
    }

    bool parse_error(std::size_t position, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*error*/) override {
        return fail(fmt::format("the header is not JSON (at its byte {})", position));
    }

private:
    enum class Place { outside, header, metadata, tensor };

    bool fail(std::string message) {
        problem = std::move(message);
        return false;
    }
    bool refuse(const std::string& what) { return fail("the header holds " + what + " where the format has none"); }

    Place place_ = Place::outside;
    bool in_metadata_ = false;
    std::string key_;
    std::vector<std::int64_t>* list_ = nullptr;
};

std::optional<StoredType> type_of(std::string_view dtype) {
    static constexpr std::pair<std::string_view, StoredType> names[] = {
        {"F64", StoredType::float64},   {"F32", StoredType::float32}, {"F16", StoredType::float16},
        {"BF16", StoredType::bfloat16}, {"U8", StoredType::uint8},    {"I8", StoredType::int8},
        {"I16", StoredType::int16},     {"I32", StoredType::int32},   {"I64", StoredType::int64},
        {"BOOL", StoredType::boolean},
    };
    for (const auto& [name, type] : names) {
        if (name == dtype) return type;
    }
    return std::nullopt;
}

std::optional<FormatError> add_entry(const Entry& entry, std::string_view data, ParsedTensors& parsed) {
    const std::string name = printable(entry.name);
    if (!entry.has_dtype || !entry.has_shape || entry.offsets.size() != 2) {
        return FormatError{.message = fmt::format("tensor '{}' lacks dtype, shape or its two data_offsets", name)};
    }
    const std::optional<StoredType> type = type_of(entry.dtype);
    if (!type) {
        return FormatError{Code::unsupported_tensor, fmt::format("tensor '{}' has the type '{}', which is not read",
                                                                 name, printable(entry.dtype))};
    }
    const std::int64_t begin = entry.offsets[0];
    const std::int64_t end = entry.offsets[1];
    if (begin > end || static_cast<std::uint64_t>(end) > data.size()) {
        return FormatError{.message =
                               fmt::format("tensor '{}' lies at bytes {} to {}, but the file has {} bytes of numbers",
                                           name, begin, end, data.size())};
    }
    const std::optional<std::int64_t> bytes = stored_bytes(*type, entry.shape);
    if (!bytes || *bytes != end - begin) {
        return FormatError{.message =
                               fmt::format("tensor '{}' of {} and shape {} does not take the {} bytes that it is given",
                                           name, to_text(*type), to_text(entry.shape), end - begin)};
    }
    const std::string_view numbers =
        data.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    if (!parsed.tensors.emplace(entry.name, StoredTensor{*type, entry.shape, numbers}).second) {
        return FormatError{.message = fmt::format("tensor '{}' comes twice", name)};
    }
    return std::nullopt;
}

/// The tensors must lie one behind the other from the first byte to the last.
std::optional<FormatError> check_cover(std::vector<Entry>& entries, std::size_t bytes) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.offsets < b.offsets; });
    std::int64_t end = 0;
    for (const Entry& entry : entries) {
        if (entry.offsets[0] != end) {
            return FormatError{.message = fmt::format("tensor '{}' begins at byte {}, but the one before it ends at {}",
                                                      printable(entry.name), entry.offsets[0], end)};
        }
        end = entry.offsets[1];
    }
    if (static_cast<std::uint64_t>(end) != bytes) {
        return FormatError{
            .message = fmt::format("the tensors end at byte {}, but the file has {} bytes of numbers", end, bytes)};
    }
    return std::nullopt;
}

std::uint64_t header_length(std::string_view bytes) {
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<unsigned char>(bytes[i]);
    return length;
}

}  // namespace

bool looks_like_safetensors(std::string_view bytes) {
    return bytes.size() >= 9 && bytes[8] == '{';
}

std::optional<FormatError> read_safetensors(std::string_view bytes, ParsedTensors& parsed) {
    if (bytes.size() < 8) return FormatError{.message = "the file ends inside its header"};
    const std::uint64_t length = header_length(bytes);
    if (length > longest_header) {
        return FormatError{.message =
                               fmt::format("the header claims {} bytes; at most {} are read", length, longest_header)};
    }
    if (length > bytes.size() - 8) return FormatError{.message = "the file ends inside its header"};

    HeaderReader reader;
    const std::string_view header = bytes.substr(8, length);
    if (!Json::sax_parse(header.begin(), header.end(), &reader)) return FormatError{.message = reader.problem};

    const std::string_view data = bytes.substr(8 + length);
    for (const Entry& entry : reader.entries) {
        if (auto error = add_entry(entry, data, parsed)) return error;
    }
    return check_cover(reader.entries, data.size());
}

}  // namespace halcyon
