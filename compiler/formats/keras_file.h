#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/tensor_file.h"
#include "graph/graph.h"

namespace halcyon {

/// One layer's weights as a Keras file holds them.
struct KerasLayerWeights {
    struct Tensor {
        std::string name;  ///< "kernel"; empty where the file only numbers a layer's weights
        StoredTensor value;
    };
    std::string place;  ///< where they lie in the file: "layers/conv2d_1", "model_weights/conv2d_1"
    std::vector<std::string>
        names;                    ///< what the layer may be called, likeliest first; none where the file does not say
    std::string class_name;       ///< in snake case, "conv2d"; empty where the file does not say
    std::vector<Tensor> tensors;  ///< in Keras's order of the layer's weights
};

/// A file that Keras has saved: `.keras`, `.h5` (whole models and weights alone of Keras 2) or `.weights.h5`. zip and HDF5 are
/// taken apart in a child process that can open no file and has little memory and time, because libhdf5 is not safe with
/// hostile files. Links, external storage, virtual datasets and filters other than gzip, shuffle and fletcher32 are refused.
class KerasFile {
public:
    /// By content, not by extension. A file that is not sound is one error (bad_keras_file; unsupported_tensor for weights
    /// that are no numbers).
    [[nodiscard]] static std::optional<KerasFile> open(const std::string& path, Diagnostics& diag);

    /// The JSON text that Keras makes the model from (config.json or the attribute model_config); empty for weights alone.
    [[nodiscard]] const std::string& architecture() const { return architecture_; }
    /// "3.15.1"; empty where the file does not say.
    [[nodiscard]] const std::string& keras_version() const { return keras_version_; }
    /// Layers that have weights, also those of models inside the model. Optimizer, metrics and random seeds are left out. In
    /// the model's order of layers where the file has it; else layers of one class are in order and classes by name.
    [[nodiscard]] const std::vector<KerasLayerWeights>& layers() const { return layers_; }
    [[nodiscard]] const std::string& path() const { return path_; }

    /// The file's tensors under the names by which the network asks for them, "conv2d_1/kernel", as if it were a
    /// safetensors file. Layers are paired by name where all names agree, else by their order (within each class, where the
    /// file says the class) if all shapes agree then: `paired_by_order`, if given, says so. What pairs with nothing keeps
    /// the file's name.
    [[nodiscard]] TensorFile named_for(const Graph& graph, bool* paired_by_order = nullptr) const;

private:
    std::string path_, architecture_, keras_version_;
    std::vector<KerasLayerWeights> layers_;
    std::shared_ptr<const void> storage_;
    std::string_view file_bytes_;
};

/// Whether a file that begins so is HDF5, or a zip archive with the entries of a `.keras` file.
[[nodiscard]] bool looks_like_keras(std::string_view bytes);

}  // namespace halcyon
