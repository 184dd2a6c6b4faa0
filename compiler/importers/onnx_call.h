#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/onnx_file.h"
#include "importers/onnx_builder.h"

namespace halcyon::importers {

/// One node of an ONNX file on its way into the network. What it cannot be is thrown as Refused.
class OnnxCall {
public:
    const onnx_file::Node& node;
    std::int64_t opset;
    std::vector<const OnnxValue*> inputs;  ///< null where an optional one is left out
    OnnxBuilder& builder;
    std::vector<OnnxValue> outputs;
    std::vector<bool> output_used;
    bool feeds_image = false;     ///< the first output is read by a convolution or pool
    std::vector<bool> read_once;  ///< of the inputs: by this node alone, and none is an output of the model

    [[nodiscard]] bool has(std::size_t input) const { return input < inputs.size() && inputs[input] != nullptr; }
    [[nodiscard]] const OnnxValue& input(std::size_t index) const;
    /// Constants.
    [[nodiscard]] bool is_constant(std::size_t input) const {
        return has(input) && inputs[input]->constant.has_value();
    }
    [[nodiscard]] Array constant(std::size_t index, std::string_view what) const;
    [[nodiscard]] std::vector<std::int64_t> integers_in(std::size_t index, std::string_view what) const;
    [[nodiscard]] double number_in(std::size_t index, std::string_view what) const;

    [[nodiscard]] const onnx_file::Attribute* attribute(std::string_view name) const;
    [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
    [[nodiscard]] double number(std::string_view name, double otherwise) const;
    [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise) const;
    [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(std::string_view name) const;
    /// What older versions have as an attribute and newer ones as an input: axes, split.
    [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(std::string_view name, std::size_t index) const;

    /// From 0 to rank - 1.
    [[nodiscard]] static int axis(std::int64_t written, int rank);

    /// The only output, or the first.
    void give(OnnxValue value);
    /// The result of a layer whose input lay in that order, and which keeps all axes.
    void give(int id, const std::vector<int>& order) { give(builder.made(id, input(0).shape(), order, input(0))); }
};

using ImportOperator = void (*)(OnnxCall& call);

struct OnnxOperator {
    std::string_view type;
    ImportOperator import;
};

/// Null if it is none that Halcyon knows.
[[nodiscard]] const OnnxOperator* find_onnx_operator(std::string_view type);

/// Whether a number of TensorProto.DataType stands for whole numbers of at least 8 bits, or true and false.
[[nodiscard]] bool is_integer_type(std::int64_t type);
/// Whether the file has it in a type of whole numbers, or of true and false.
[[nodiscard]] bool is_integer(const OnnxValue& value);
/// Whether an output that `import` gave is of such a type.
[[nodiscard]] bool gives_integers(const OnnxCall& call, std::size_t output);

/// 0.1 where float32 has made 0.10000000149011612 of it.
[[nodiscard]] double as_written(double number);

}  // namespace halcyon::importers
