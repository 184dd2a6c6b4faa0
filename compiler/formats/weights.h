#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "formats/tensor_file.h"
#include "graph/evaluate.h"
#include "graph/graph.h"

namespace halcyon {

struct WeightOptions {
    std::string file;                         ///< --weights; empty: SPEC.safetensors beside the spec, if it is there
    std::optional<std::uint64_t> initialize;  ///< --initialize SEED
    bool initialize_missing = false;          ///< bench, check, tune: initialize when there is no file, and say so
};

/// All of a model's weights, checked against the graph: missing, surplus and misshapen tensors are listed in one error
/// (04xx). No weights at all and no permission to initialize is the error "no weights".
struct ModelWeights {
    WeightSource source;
    std::string description;  ///< "digits.safetensors" or "initialized with seed 1"
    std::string hash;         ///< of the file, or of the seed
    bool initialized = false;
    std::shared_ptr<const TensorFile> file;
};
/// A file of weights of any format (safetensors, .npz, .keras, .h5) with its tensors under the network's names,
/// "conv2d_1/kernel". A note says so where Keras's layers are paired by order because their names differ.
[[nodiscard]] std::optional<TensorFile> open_weights(const std::string& path, const Graph& graph, Diagnostics& diag);

/// SPEC.safetensors, or empty if there is none. A broken link or a folder of that name is there, and then an error.
[[nodiscard]] std::string weights_file_beside(const std::string& spec_path);

[[nodiscard]] std::optional<ModelWeights> load_weights(const Graph& graph, const std::string& spec_path,
                                                       const WeightOptions& options, Diagnostics& diag);

}  // namespace halcyon
