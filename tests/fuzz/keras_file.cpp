#include "formats/common/keras_contents.h"

#include "input.h"

using namespace halcyon;

// A .keras or .h5 file goes through the guarded process, as always: libhdf5 may fail on it, this process may not. The child's
// steps give the fuzzer no coverage; what stands round libhdf5 has targets of its own.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view file = input_text(data, size);
    const auto answer = run_guarded({.memory_bytes = 1 << 29, .answer_bytes = most_unpacked_bytes(size), .seconds = 2},
                                    [&](const AnswerMemory& memory) { answer_with_keras_contents(file, memory); });
    const auto* found = std::get_if<ProcessAnswer>(&answer);
    if (found == nullptr) return 0;
    const auto contents = read_answer(found->bytes());
    if (const auto* mistake = std::get_if<FormatError>(&contents)) {
        require(!mistake->message.empty());
        return 0;
    }
    for (const KerasLayerWeights& layer : std::get<KerasContents>(contents).layers) {
        for (const KerasLayerWeights::Tensor& tensor : layer.tensors) use(tensor.value);
    }
    return 0;
}
