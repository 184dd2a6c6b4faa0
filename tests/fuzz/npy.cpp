#include "formats/common/read_npy.h"

#include "input.h"

using namespace halcyon;

// What is read from an .npy file and written again is the same when read.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ParsedTensors parsed;
    if (const auto mistake = read_npy(input_text(data, size), "array", parsed)) {
        require(!mistake->message.empty());
        return 0;
    }
    use(parsed);
    const StoredTensor& tensor = parsed.tensors.at("array");
    if (tensor.type == StoredType::bfloat16) return 0;
    const std::string written = npy_bytes(tensor.type, tensor.shape, tensor.bytes);
    ParsedTensors again;
    require(!read_npy(written, "array", again));
    require(again.tensors.at("array").bytes == tensor.bytes && again.tensors.at("array").shape == tensor.shape);
    return 0;
}
