#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace halcyon {

/// The fields of one message in protobuf's wire format, one after the other; nothing is copied and nothing recurses.
/// Format: protobuf.dev/programming-guides/encoding.
class WireReader {
public:
    enum class Kind { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };
    struct Field {
        std::uint32_t number = 0;
        Kind kind = Kind::varint;
        std::uint64_t value = 0;  ///< of numbers
        std::string_view bytes;   ///< of texts, messages and packed numbers

        [[nodiscard]] bool is_message(std::uint32_t wanted) const { return number == wanted && kind == Kind::bytes; }
        [[nodiscard]] bool is_number(std::uint32_t wanted) const { return number == wanted && kind == Kind::varint; }
        [[nodiscard]] std::int64_t integer() const { return static_cast<std::int64_t>(value); }
    };

    explicit WireReader(std::string_view message) : rest_(message) {}

    /// The next field; nothing at the end, and where the bytes are no message: `sound()` tells them apart.
    [[nodiscard]] std::optional<Field> next() {
        if (rest_.empty() || !sound_) return std::nullopt;
        Field field;
        const std::optional<std::uint64_t> tag = varint();
        sound_ = tag && (*tag >> 3) != 0 && (*tag >> 3) < (std::uint64_t{1} << 29) && read_value(field, *tag & 7);
        if (!sound_) return std::nullopt;
        field.number = static_cast<std::uint32_t>(*tag >> 3);
        return field;
    }
    [[nodiscard]] bool sound() const { return sound_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

    /// A number of one to ten bytes: of packed fields, whose bytes are such numbers alone.
    [[nodiscard]] std::optional<std::uint64_t> varint() {
        constexpr std::size_t longest = 10;
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < longest && i < rest_.size(); ++i) {
            const auto byte = static_cast<unsigned char>(rest_[i]);
            value |= static_cast<std::uint64_t>(byte & 0x7fU) << (7 * i);
            if (byte >= 0x80) continue;
            rest_.remove_prefix(i + 1);
            return value;
        }
        sound_ = false;
        return std::nullopt;
    }

private:
    bool read_value(Field& field, std::uint64_t kind) {
        switch (kind) {
        case 0: {
            const std::optional<std::uint64_t> value = varint();
            field.value = value.value_or(0);
            return value.has_value();
        }
        case 1: field.kind = Kind::fixed64; return read_fixed(field, 8);
        case 5: field.kind = Kind::fixed32; return read_fixed(field, 4);
        case 2: {
            field.kind = Kind::bytes;
            const std::optional<std::uint64_t> size = varint();
            if (!size || *size > rest_.size()) return false;
            field.bytes = rest_.substr(0, *size);
            rest_.remove_prefix(*size);
            return true;
        }
        default: return false;  // groups, which no ONNX file has
        }
    }

    bool read_fixed(Field& field, std::size_t size) {
        if (rest_.size() < size) return false;
        field.bytes = rest_.substr(0, size);
        for (std::size_t i = 0; i < size; ++i)
            field.value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
        rest_.remove_prefix(size);
        return true;
    }

    std::string_view rest_;
    bool sound_ = true;
};

}  // namespace halcyon
