#include "formats/common/read_safetensors.h"

#include "input.h"

using namespace halcyon;

// A safetensors file is refused, or every byte behind its header belongs to one tensor.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ParsedTensors parsed;
    const auto mistake = read_safetensors(input_text(data, size), parsed);
    if (mistake) {
        require(!mistake->message.empty());
        return 0;
    }
    use(parsed);
    std::size_t bytes = 0;
    for (const auto& [name, tensor] : parsed.tensors) bytes += tensor.bytes.size();
    require(bytes <= size);
    return 0;
}
