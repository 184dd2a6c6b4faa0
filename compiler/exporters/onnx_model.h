#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "graph/tensor_type.h"

namespace halcyon {

// The parts of an ONNX file that Halcyon writes, as plain values: only onnx_model.cpp knows of protobuf.

using OnnxAttribute = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>>;
using OnnxAttributes = std::vector<std::pair<std::string, OnnxAttribute>>;

struct OnnxNode {
    std::string op, name;
    std::vector<std::string> inputs;  ///< "" for one that is left out
    std::string output;
    OnnxAttributes attributes;
};

/// An initializer; its numbers are float32 or int64 there.
struct OnnxTensor {
    std::string name;
    Shape shape;
    std::variant<std::vector<float>, std::vector<std::int64_t>> numbers;
};

/// An input or output; the shape includes the batch.
struct OnnxDoor {
    std::string name;
    TensorType type;
};

struct OnnxModel {
    std::string name, doc;
    std::vector<OnnxNode> nodes;  ///< in topological order
    std::vector<OnnxTensor> tensors;
    std::vector<OnnxDoor> inputs, outputs;
};

/// The number that ONNX has for an element type, for Cast.
[[nodiscard]] std::int64_t onnx_element_type(ElementType element);

struct OnnxFiles {
    std::string model;
    std::string weights;  ///< the tensors, each at a multiple of 64 bytes; empty when they are in the model
};

/// Protobuf cannot hold 2^31 bytes; this leaves room for everything but the tensors.
inline constexpr std::size_t onnx_most_bytes = (std::size_t{1} << 31) - (std::size_t{1} << 24);

/// The file (IR version 8, operator set 17), or two where the tensors take more than `most_bytes`: then they are what
/// ONNX calls external data, in a file `weights_name` beside the model's. Equal models give equal bytes.
[[nodiscard]] OnnxFiles onnx_files(const OnnxModel& model, const std::string& weights_name,
                                   std::size_t most_bytes = onnx_most_bytes);

}  // namespace halcyon
