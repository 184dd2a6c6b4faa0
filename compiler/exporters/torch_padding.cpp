#include <charconv>

#include <fmt/format.h>

#include "exporters/torch_builder.h"

namespace halcyon {

Value uneven_padding(const std::vector<std::int64_t>& pads) {
    return "#" + tuple_text(pads);
}

std::optional<std::vector<std::int64_t>> uneven_padding_of(const Value& value) {
    const std::string* text = value.string();
    if (text == nullptr || !text->starts_with("#(")) return std::nullopt;
    std::vector<std::int64_t> pads;
    const char* at = text->data() + 2;
    const char* const end = text->data() + text->size();
    while (at < end && *at != ')') {
        std::int64_t pad = 0;
        at = std::from_chars(at, end, pad).ptr;
        pads.push_back(pad);
        while (at < end && (*at == ',' || *at == ' ')) ++at;
    }
    return pads;
}

std::string without_marks(std::string text) {
    for (std::size_t at = text.find("\"#("); at != std::string::npos; at = text.find("\"#(", at)) {
        text.erase(at, 2);
        text.erase(text.find('"', at), 1);
    }
    return text;
}

}  // namespace halcyon
