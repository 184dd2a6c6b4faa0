#include "formats/common/parsed_tensors.h"

#include <algorithm>

#include "support/checked.h"
#include "support/utf8.h"

namespace halcyon {

std::optional<std::int64_t> stored_bytes(StoredType type, const Shape& shape) {
    std::optional<std::int64_t> bytes = bytes_of(type);
    bool empty = false;
    for (std::int64_t extent : shape) {
        if (extent < 0) return std::nullopt;
        empty = empty || extent == 0;
        bytes = checked_multiply(*bytes, std::max<std::int64_t>(extent, 1));
        if (!bytes) return std::nullopt;
    }
    return empty ? 0 : bytes;
}

std::string printable(std::string_view name) {
    constexpr std::size_t longest = 120;
    std::string text;
    while (!name.empty() && text.size() < longest) {
        const CodePoint point = first_code_point(name);
        const std::size_t bytes = std::max<std::size_t>(point.bytes, 1);
        const bool plain = point.bytes > 0 && point.value >= 0x20 && point.value != 0x7f &&
                           !(point.value >= 0x80 && point.value < 0xa0) && !is_bidirectional_control(point.value);
        if (plain) {
            text += name.substr(0, bytes);
        } else {
            text += '?';
        }
        name.remove_prefix(bytes);
    }
    if (!name.empty()) text += "...";
    return text;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t bytes = first_code_point(text).bytes;
        if (bytes == 0) return false;
        text.remove_prefix(bytes);
    }
    return true;
}

}  // namespace halcyon
