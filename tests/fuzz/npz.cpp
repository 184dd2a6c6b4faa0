#include "formats/common/read_npz.h"

#include "input.h"

using namespace halcyon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ParsedTensors parsed;
    const auto mistake = read_npz(input_text(data, size), parsed);
    if (mistake) require(!mistake->message.empty());
    if (!mistake) use(parsed);
    return 0;
}
