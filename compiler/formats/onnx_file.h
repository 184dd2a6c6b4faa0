#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/tensor_file.h"

namespace halcyon::onnx_file {

/// A tensor in the file, its numbers counted against its shape.
struct Tensor {
    std::string name;
    std::string refused;  ///< why its numbers are not read ("its numbers are STRING"); `value` is then empty
    StoredTensor value;
};

struct Attribute {
    enum class Kind { number, integer, text, tensor, numbers, integers, texts, other };
    std::string name;
    Kind kind = Kind::other;  ///< `other` are graphs, sequences and what later versions of ONNX may have
    float number = 0.0F;
    std::int64_t integer = 0;
    std::string text;
    Tensor tensor;
    std::vector<float> numbers;
    std::vector<std::int64_t> integers;
    std::vector<std::string> texts;
};

struct Node {
    std::string name, type, domain;
    std::vector<std::string> inputs, outputs;  ///< "" where an optional one is left out
    std::vector<Attribute> attributes;
};

/// One of the graph's inputs or outputs. Outputs may say nothing of their type.
struct Door {
    std::string name;
    std::string refused;             ///< why it is none that Halcyon knows: "is a sequence"
    std::optional<StoredType> type;  ///< nothing: the file does not say, or `refused` does
    bool has_shape = false;
    std::vector<std::int64_t> extents;    ///< -1 where the file leaves it open
    std::vector<std::string> open_names;  ///< what it calls such an axis: "batch"; may be empty
};

/// An ONNX model as it stands in its file: names are not resolved, shapes not inferred.
struct Model {
    std::string producer;  ///< "pytorch 2.4"
    std::string graph_name;
    std::int64_t opset = 0;  ///< of ONNX's own operators; 0 where the file does not say
    bool has_functions = false;
    std::vector<Node> nodes;
    std::vector<Tensor> initializers;
    std::vector<Door> inputs, outputs;
};

/// What a tensor in the file is given beside the file: `location`, `offset` and `length` as ONNX has them.
struct ExternalData {
    std::string location;
    std::int64_t offset = 0;
    std::optional<std::int64_t> length;
};

/// An opened file, whose bytes the model's tensors point into.
class File {
public:
    /// Weights in files of their own are mapped too: regular files in the model's folder or below, without links, neither
    /// symbolic nor hard. What is not sound is one error (bad_onnx_file).
    [[nodiscard]] static std::optional<File> open(const std::string& path, Diagnostics& diag);

    [[nodiscard]] const Model& model() const { return *model_; }

private:
    std::unique_ptr<Model> model_;
    std::shared_ptr<const void> storage_;
};

}  // namespace halcyon::onnx_file
