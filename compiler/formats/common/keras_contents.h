#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/common/guarded_process.h"
#include "formats/common/parsed_tensors.h"
#include "formats/keras_file.h"

namespace halcyon {

/// What KerasFile shows of a file.
struct KerasContents {
    std::string architecture, keras_version;
    std::vector<KerasLayerWeights> layers;  ///< their bytes lie in the answer
};

/// The most that a file may unpack to: weights pack by less than 2 as a rule, pruned ones by more.
[[nodiscard]] std::int64_t most_unpacked_bytes(std::size_t file_bytes);

/// Reads a `.keras` or HDF5 file and writes what it found, or what is wrong with it, as an answer: the tensors' bytes, a JSON
/// header and its length. For a guarded process: libhdf5 is not safe with hostile files.
void answer_with_keras_contents(std::string_view file, const AnswerMemory& answer);

/// Reads such an answer, trusting nothing in it.
[[nodiscard]] std::variant<KerasContents, FormatError> read_answer(std::string_view answer);

}  // namespace halcyon
