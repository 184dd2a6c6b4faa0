#include "formats/common/keras_contents.h"

#include "input.h"

using namespace halcyon;

// The child's answer may be anything.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The fuzzer need not find the header's length: it is put behind the rest.
    std::string answer(input_text(data, size));
    const std::size_t begin = answer.find('{');
    const std::uint64_t length = begin == std::string::npos ? size : size - begin;
    for (int i = 0; i < 8; ++i) answer += static_cast<char>(length >> (8 * i) & 0xff);
    for (const std::string_view bytes : {std::string_view(answer), input_text(data, size)}) {
        const auto contents = read_answer(bytes);
        const auto* read = std::get_if<KerasContents>(&contents);
        if (read == nullptr) continue;
        for (const KerasLayerWeights& layer : read->layers) {
            for (const KerasLayerWeights::Tensor& tensor : layer.tensors) use(tensor.value);
        }
    }
    return 0;
}
