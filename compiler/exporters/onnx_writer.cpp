#include "exporters/onnx_writer.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "support/check.h"

namespace halcyon {
namespace {

/// The weight that a constant is, perhaps under other axes; null if it is computed.
const ConstantExpr* weight_in(const ConstantExpr& expr) {
    switch (expr.kind()) {
    case ConstantExpr::Kind::weight: return &expr;
    case ConstantExpr::Kind::reshape:
    case ConstantExpr::Kind::transpose: return weight_in(expr.operands()[0]);
    default: return nullptr;
    }
}

}  // namespace

OnnxWriter::OnnxWriter(const Graph& graph, std::int64_t batch, const WeightSource& weights)
    : graph_(graph), batch_(batch), weights_(weights) {
    model_.name = graph.name;
    model_.doc = graph.doc;
    for (NodeId input : graph.inputs) names_.insert(node(input).name);
    for (const Graph::Output& output : graph.outputs) names_.insert(output.name);
}

std::string OnnxWriter::unique(const std::string& name) {
    std::string candidate = name;
    for (int i = 1; !names_.insert(candidate).second; ++i) candidate = fmt::format("{}_{}", name, i);
    return candidate;
}

std::string OnnxWriter::add(std::string_view op, const std::string& name, std::vector<std::string> inputs,
                            OnnxAttributes attributes) {
    std::string result = unique(name);
    model_.nodes.push_back({std::string(op), result, std::move(inputs), result, std::move(attributes)});
    return result;
}

std::string OnnxWriter::number(double value) {
    const auto rounded = static_cast<float>(value);
    std::string& name = written_tensors_[fmt::format("number {}", rounded)];
    if (name.empty()) {
        name = unique(fmt::format("number/{}", rounded));
        model_.tensors.push_back({name, {}, std::vector<float>{rounded}});
    }
    return name;
}

std::string OnnxWriter::integers(const std::string& name, const std::vector<std::int64_t>& values) {
    std::string& written = written_tensors_[fmt::format("integers {}", fmt::join(values, ","))];
    if (written.empty()) {
        written = unique(name);
        model_.tensors.push_back({written, {static_cast<std::int64_t>(values.size())}, values});
    }
    return written;
}

std::string OnnxWriter::constant(const ConstantExpr& expr, const std::string& layer, std::string_view role) {
    std::string& name = written_tensors_[fmt::format("constant {} {}", to_text(expr.shape()), expr.text())];
    if (name.empty()) {
        const ConstantExpr* weight = weight_in(expr);
        name = unique(weight != nullptr ? weight->name() : fmt::format("{}/{}", layer, role));
        const Array array = expr.evaluate(weights_);
        std::vector<float> numbers(array.values().size());
        std::transform(array.values().begin(), array.values().end(), numbers.begin(),
                       [](double value) { return static_cast<float>(value); });
        model_.tensors.push_back({name, expr.shape(), std::move(numbers)});
    }
    return name;
}

void OnnxWriter::define(NodeId id, AxisOrder order, std::string value) {
    CHECK_INTERNAL(order.size() == shape_of(id).size());
    forms_[id].push_back({std::move(order), std::move(value)});
}

AxisOrder OnnxWriter::order_of(NodeId id) const {
    return forms_.at(id).front().order;
}

std::string OnnxWriter::in_order(NodeId id, const AxisOrder& order) {
    for (const Form& form : forms_.at(id)) {
        if (form.order == order) return form.value;
    }
    const Form from = forms_.at(id).front();
    std::vector<std::int64_t> permutation{0};
    for (int axis : order) permutation.push_back(static_cast<std::int64_t>(position_of(from.order, axis)) + 1);
    std::string value = add("Transpose", from.value + "/Transpose", {from.value}, {{"perm", std::move(permutation)}});
    define(id, order, value);
    return value;
}

std::string OnnxWriter::broadcast_in_order(NodeId id, const AxisOrder& order) {
    const Shape& shape = shape_of(id);
    const int missing = static_cast<int>(order.size() - shape.size());
    CHECK_INTERNAL(missing >= 0);
    AxisOrder own;
    Shape extents;
    for (int axis : order) {
        if (axis >= missing) own.push_back(axis - missing);
        extents.push_back(axis < missing ? 1 : shape[static_cast<std::size_t>(axis - missing)]);
    }
    const std::string value = in_order(id, own);
    return missing == 0 ? value : reshape(value, value + "/Reshape", extents);
}

std::string OnnxWriter::reshape(const std::string& value, const std::string& name, const Shape& shape) {
    return add("Reshape", name, {value, integers(name + "/shape", with_batch(shape))});
}

Shape OnnxWriter::with_batch(const Shape& shape) const {
    Shape result{batch_};
    result.insert(result.end(), shape.begin(), shape.end());
    return result;
}

/// Outputs have the graph's own axes, and float32 as in a library. The node that computes the value takes the output's name, unless the
/// value is an input or has another output's name already.
void OnnxWriter::name_output(const Graph::Output& output) {
    const std::string value = in_order(output.node, own_order(node(output.node).type.rank()));
    const auto maker = std::find_if(model_.nodes.begin(), model_.nodes.end(),
                                    [&](const OnnxNode& made) { return made.output == value; });
    const bool taken = std::any_of(graph_.outputs.begin(), graph_.outputs.end(),
                                   [&](const Graph::Output& other) { return other.name == value; });
    if (maker == model_.nodes.end() || taken) {
        model_.nodes.push_back({"Identity", output.name, {value}, output.name, {}});
        return;
    }
    maker->output = output.name;
    for (OnnxNode& reader : model_.nodes) std::replace(reader.inputs.begin(), reader.inputs.end(), value, output.name);
    for (auto& [id, forms] : forms_) {
        for (Form& form : forms) {
            if (form.value == value) form.value = output.name;
        }
    }
}

OnnxModel OnnxWriter::finish() {
    for (NodeId input : graph_.inputs)
        model_.inputs.push_back({node(input).name, {node(input).type.element, with_batch(shape_of(input))}});
    for (const Graph::Output& output : graph_.outputs) {
        name_output(output);
        model_.outputs.push_back({output.name, {ElementType::float32, with_batch(shape_of(output.node))}});
    }
    return std::move(model_);
}

}  // namespace halcyon
