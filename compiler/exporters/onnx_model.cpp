#include "exporters/onnx_model.h"

#include <onnx/onnx_pb.h>

#include <span>
#include <string_view>

#include "support/check.h"

namespace halcyon {
namespace {

constexpr std::int64_t ir_version = 8;
constexpr std::int64_t operator_set = 17;
constexpr std::size_t alignment = 64;

std::string_view bytes_of(const OnnxTensor& tensor) {
    return std::visit(
        [](const auto& numbers) {
            const auto bytes = std::as_bytes(std::span(numbers));
            return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        },
        tensor.numbers);
}

void set_attribute(onnx::AttributeProto& attribute, const std::string& name, const OnnxAttribute& value) {
    attribute.set_name(name);
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        attribute.set_type(onnx::AttributeProto::INT);
        attribute.set_i(*integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
        attribute.set_type(onnx::AttributeProto::FLOAT);
        attribute.set_f(static_cast<float>(*real));
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        attribute.set_type(onnx::AttributeProto::STRING);
        attribute.set_s(*text);
    } else {
        attribute.set_type(onnx::AttributeProto::INTS);
        for (std::int64_t integer_of_list : std::get<std::vector<std::int64_t>>(value))
            attribute.add_ints(integer_of_list);
    }
}

void set_node(onnx::NodeProto& proto, const OnnxNode& node) {
    proto.set_op_type(node.op);
    proto.set_name(node.name);
    for (const std::string& input : node.inputs) proto.add_input(input);
    proto.add_output(node.output);
    for (const auto& [name, value] : node.attributes) set_attribute(*proto.add_attribute(), name, value);
}

void set_door(onnx::ValueInfoProto& proto, const OnnxDoor& door) {
    proto.set_name(door.name);
    onnx::TypeProto::Tensor& tensor = *proto.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(static_cast<std::int32_t>(onnx_element_type(door.type.element)));
    onnx::TensorShapeProto& shape = *tensor.mutable_shape();
    for (std::int64_t extent : door.type.shape) shape.add_dim()->set_dim_value(extent);
}

void set_type(onnx::TensorProto& proto, const OnnxTensor& tensor) {
    proto.set_name(tensor.name);
    for (std::int64_t extent : tensor.shape) proto.add_dims(extent);
    const bool is_float = std::holds_alternative<std::vector<float>>(tensor.numbers);
    proto.set_data_type(is_float ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64);
}

/// Appends the numbers to the file beside the model and says where they are.
void set_outside(onnx::TensorProto& proto, std::string_view bytes, const std::string& file, std::string& weights) {
    weights.resize((weights.size() + alignment - 1) / alignment * alignment, '\0');
    proto.set_data_location(onnx::TensorProto::EXTERNAL);
    const auto say = [&](const char* key, const std::string& value) {
        onnx::StringStringEntryProto& entry = *proto.add_external_data();
        entry.set_key(key);
        entry.set_value(value);
    };
    say("location", file);
    say("offset", std::to_string(weights.size()));
    say("length", std::to_string(bytes.size()));
    weights += bytes;
}

}  // namespace

std::int64_t onnx_element_type(ElementType element) {
    switch (element) {
    case ElementType::float32: return onnx::TensorProto::FLOAT;
    case ElementType::float16: return onnx::TensorProto::FLOAT16;
    case ElementType::bfloat16: return onnx::TensorProto::BFLOAT16;
    case ElementType::uint8: return onnx::TensorProto::UINT8;
    case ElementType::int8: return onnx::TensorProto::INT8;
    }
    internal_error(__FILE__, __LINE__, "an element type without a number in ONNX");
}

OnnxFiles onnx_files(const OnnxModel& model, const std::string& weights_name, std::size_t most_bytes) {
    std::size_t all_bytes = 0;
    for (const OnnxTensor& tensor : model.tensors) all_bytes += bytes_of(tensor).size();
    const bool outside = all_bytes > most_bytes;

    OnnxFiles files;
    onnx::ModelProto proto;
    proto.set_ir_version(ir_version);
    proto.set_producer_name("halcyon");
    proto.add_opset_import()->set_version(operator_set);
    onnx::GraphProto& graph = *proto.mutable_graph();
    graph.set_name(model.name);
    if (!model.doc.empty()) graph.set_doc_string(model.doc);
    for (const OnnxNode& node : model.nodes) set_node(*graph.add_node(), node);
    for (const OnnxDoor& door : model.inputs) set_door(*graph.add_input(), door);
    for (const OnnxDoor& door : model.outputs) set_door(*graph.add_output(), door);
    for (const OnnxTensor& tensor : model.tensors) {
        onnx::TensorProto& written = *graph.add_initializer();
        set_type(written, tensor);
        const std::string_view bytes = bytes_of(tensor);
        // Shapes and axes stay inside: readers look at them before they look for other files.
        const bool is_float = std::holds_alternative<std::vector<float>>(tensor.numbers);
        if (outside && is_float)
            set_outside(written, bytes, weights_name, files.weights);
        else
            written.set_raw_data(bytes.data(), bytes.size());
    }
    CHECK_INTERNAL(proto.SerializeToString(&files.model));
    return files;
}

}  // namespace halcyon
