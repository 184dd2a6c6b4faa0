#include "formats/write_safetensors.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

namespace halcyon {
namespace {

std::string_view dtype_of(StoredType type) {
    switch (type) {
    case StoredType::float64: return "F64";
    case StoredType::float32: return "F32";
    case StoredType::float16: return "F16";
    case StoredType::bfloat16: return "BF16";
    case StoredType::uint8: return "U8";
    case StoredType::int8: return "I8";
    case StoredType::int16: return "I16";
    case StoredType::int32: return "I32";
    case StoredType::int64: return "I64";
    case StoredType::boolean: break;
    }
    return "BOOL";
}

}  // namespace

std::string safetensors_bytes(const std::map<std::string, StoredTensor>& tensors) {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    std::size_t offset = 0;
    for (const auto& [name, tensor] : tensors) {
        header[name] = {{"dtype", dtype_of(tensor.type)},
                        {"shape", tensor.shape},
                        {"data_offsets", {offset, offset + tensor.bytes.size()}}};
        offset += tensor.bytes.size();
    }
    std::string text = header.dump();
    // So that the tensors begin at a multiple of 8.
    constexpr std::size_t alignment = 8;
    text.resize((text.size() + alignment - 1) / alignment * alignment, ' ');
    std::string bytes;
    bytes.reserve(alignment + text.size() + offset);
    for (std::size_t i = 0; i < alignment; ++i)
        bytes += static_cast<char>(std::uint64_t{text.size()} >> (8 * i) & 0xffU);
    bytes += text;
    for (const auto& [name, tensor] : tensors) bytes += tensor.bytes;
    return bytes;
}

}  // namespace halcyon
