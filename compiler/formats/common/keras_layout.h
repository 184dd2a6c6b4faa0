#pragma once

#include <string>
#include <variant>
#include <vector>

#include "formats/common/hdf5_file.h"

namespace halcyon {

/// A layer's weights and where in the HDF5 file they are; see KerasLayerWeights.
struct KerasLayerPlace {
    struct Tensor {
        std::string name;
        const Hdf5Dataset* dataset = nullptr;  ///< in the Hdf5File
    };
    std::string place;
    std::vector<std::string> names;
    std::string class_name;
    std::vector<Tensor> tensors;
};

/// Finds the layers in the two layouts that Keras has:
///
///     layers/conv2d_1/vars/0                          Keras 3: the class in snake case, counted in the model's order of layers;
///     layers/functional/layers/dense/vars/1           models inside models likewise; `vars` may have the layer's name
///     model_weights/conv/conv/kernel:0                Keras 2: the layer's name and the weight's name, their order
///                                                     in the attributes layer_names and weight_names
///
/// `architecture` (JSON of the model, may be empty) gives the first layout names and order.
[[nodiscard]] std::variant<std::vector<KerasLayerPlace>, FormatError>
find_keras_layers(const Hdf5Group& root, const std::string& architecture);

}  // namespace halcyon
