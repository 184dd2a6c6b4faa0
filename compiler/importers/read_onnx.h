#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formats/onnx_file.h"
#include "importers/network.h"
#include "support/diagnostics.h"

namespace halcyon::importers {

struct OnnxReadOptions {
    /// What stands for the sizes of inputs that the file leaves open, but for the batch, in order.
    std::vector<std::int64_t> input_size;
    /// Images are handed over as (height, width, channels), not as the file has them.
    bool channels_last = false;
};

/// A network and its weights by the names that its spec gives them, "conv1/kernel", in Keras's order of axes.
struct OnnxNetwork {
    ImportedNetwork network;
    std::map<std::string, StoredTensor> weights;
    std::shared_ptr<const void> storage;  ///< what the weights point into
};

/// The network that a model describes, of one item of its batch, with the channels last inside. What can be computed now is;
/// what no output needs is left out. Names that contradict each other are one error (bad_onnx_file), all nodes that cannot be
/// imported another (cannot_import). `path` stands in messages.
[[nodiscard]] std::optional<OnnxNetwork> read_onnx(const onnx_file::Model& model, const std::string& path,
                                                   const OnnxReadOptions& options, Diagnostics& diag);

}  // namespace halcyon::importers
