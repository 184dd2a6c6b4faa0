#pragma once

#include "exporters/torch_builder.h"
#include "exporters/torch_constants.h"

namespace halcyon {

/// The operations of one layer as steps of PyTorch's.
class TorchOperations {
public:
    /// `constants` may be null: then no operation has any but kernels, biases and single numbers.
    TorchOperations(TorchBuilder& builder, const Node& layer, TorchConstants* constants)
        : builder_(builder), layer_(layer), constants_(constants) {}

    /// A lowered graph whose doors are `inputs`; gives what its one output is.
    TorchBuilder::Tensor write(const Graph& lowered, const std::vector<TorchBuilder::Tensor>& inputs);

private:
    using Tensor = TorchBuilder::Tensor;

    Tensor write_node(const Node& node, std::vector<Tensor> inputs);
    Tensor write_kernel(const Node& node, Tensor input);
    Tensor write_convolution(const Node& node, Tensor input, const std::optional<ConstantExpr>& bias);
    Tensor write_transposed(const Node& node, Tensor input, const std::optional<ConstantExpr>& bias);
    Tensor write_dense(const Node& node, Tensor input, const std::optional<ConstantExpr>& bias);
    Tensor write_pool(const Node& node, Tensor input);
    Tensor write_reduction(const Node& node, Tensor input);
    Tensor write_pad(const Node& node, Tensor input);
    Tensor write_concatenation(const Node& node, const std::vector<Tensor>& inputs);
    Tensor write_slice(const Node& node, Tensor input);
    Tensor write_reshape(const Node& node, Tensor input);
    Tensor write_resize(const Node& node, Tensor input);
    Tensor write_elementwise(const Node& node, const std::vector<Tensor>& inputs, const ScalarExpr& expr);
    std::vector<TorchWeight> kernel_weights(const Node& node, const std::optional<ConstantExpr>& bias) const;

    TorchBuilder& builder_;
    const Node& layer_;
    TorchConstants* constants_;
    int kernels_ = 0;
    bool has_parts_ = false;  ///< the layer has several kernels
};

/// Whether operations have constants that only a module of their own can hold.
[[nodiscard]] bool needs_constants(const Graph& lowered);

/// Takes the arguments of nn.Conv2d and such. `type` is "Conv", the rank follows.
[[nodiscard]] std::string torch_type(const char* type, std::size_t rank);

}  // namespace halcyon
