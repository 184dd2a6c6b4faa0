#pragma once

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "graph/evaluate.h"
#include "graph/layer_def.h"

/// Layers applied by hand, without a spec.
namespace harness {

using namespace halcyon;
using Arguments = std::map<std::string, Value>;
using Sequence = Value::Sequence;

/// What became of one call. `messages` are "E0303 kernel_size: a window of ...".
struct Applied {
    const LayerDef* layer = nullptr;
    Attributes attributes;
    std::optional<TensorType> type;
    std::vector<WeightDef> weights;
    std::vector<std::string> messages;

    /// The extents of the result; empty when the call was refused.
    [[nodiscard]] Shape shape() const { return type ? type->shape : Shape{}; }
    [[nodiscard]] std::string message() const { return messages.empty() ? "" : messages.front(); }
};

/// Normalizes the arguments as the elaborator does and infers the type. An argument that its type refuses gives
/// "NAME must be ..., got ...".
inline Applied apply(std::string_view name, const Arguments& arguments, const std::vector<Shape>& shapes) {
    Applied result;
    result.layer = find_layer(name);
    for (const ArgumentDef& def : result.layer->arguments) {
        const auto written = arguments.find(def.name);
        std::string why;
        std::optional<Value> value = def.default_value;
        if (written != arguments.end()) value = def.type.normalize(written->second, why);
        if (value) {
            result.attributes.set(def.name, *value);
            continue;
        }
        const std::string got = written != arguments.end() ? to_text(written->second) : "nothing";
        result.messages.push_back(
            fmt::format("{} must be {}, got {}{}", def.name, def.type.description, got, why.empty() ? "" : ": " + why));
    }
    if (!result.messages.empty()) return result;

    std::vector<TensorType> inputs;
    for (const Shape& shape : shapes) inputs.push_back({ElementType::float32, shape});
    const LayerCall call(result.attributes, inputs, [&](Code code, std::string_view argument, const std::string& text) {
        result.messages.push_back(
            fmt::format("{}{}{}: {}", code_text(code), argument.empty() ? "" : " ", argument, text));
    });
    result.type = result.layer->infer_type != nullptr ? result.layer->infer_type(call) : inputs[0];
    if (result.type && result.layer->weights != nullptr) result.weights = result.layer->weights(call);
    return result;
}

/// The reference on those inputs.
inline Array compute(const Applied& applied, const std::vector<Array>& weights, const std::vector<Array>& inputs) {
    return evaluate_layer(*applied.layer, applied.attributes, *applied.type, weights, inputs);
}

/// 0, 1, 2, ... scaled to small numbers of both signs.
inline Array counting(Shape shape) {
    Array array(std::move(shape));
    for (std::int64_t i = 0; i < array.size(); ++i) array[i] = static_cast<double>((i * 7) % 23) - 11.0;
    return array;
}

inline double largest_difference(const Array& a, const Array& b) {
    double difference = a.shape() == b.shape() ? 0.0 : 1e30;
    for (std::int64_t i = 0; difference < 1e30 && i < a.size(); ++i)
        difference = std::max(difference, std::abs(a[i] - b[i]));
    return difference;
}

/// Records what a layer lowers to.
class Recorder final : public Lowering {
public:
    struct Record {
        Operation operation;
        std::vector<int> inputs;
        std::vector<ConstantExpr> constants;
        ScalarExpr epilogue;
        Shape shape;
    };

    Recorder(const Applied& applied, const std::vector<Shape>& shapes) {
        attributes = &applied.attributes;
        for (const Shape& shape : shapes) inputs.push_back({ElementType::float32, shape});
        output = *applied.type;
        for (const WeightDef& weight : applied.weights)
            weights.push_back(ConstantExpr::weight(weight.name, weight.shape));
        result = applied.layer->lower(*this);
    }
    TensorType type_of(int value) const override {
        const auto index = static_cast<std::size_t>(value);
        return index < inputs.size() ? inputs[index]
                                     : TensorType{ElementType::float32, records[index - inputs.size()].shape};
    }
    int add(Operation operation, std::vector<int> from, std::vector<ConstantExpr> constants, ScalarExpr epilogue,
            Shape shape) override {
        records.push_back(
            {std::move(operation), std::move(from), std::move(constants), std::move(epilogue), std::move(shape)});
        return static_cast<int>(inputs.size() + records.size()) - 1;
    }
    int elementwise(ScalarExpr expr, std::vector<int> from, std::vector<ConstantExpr> constants, Shape shape) override {
        return add({.op = Op::elementwise}, std::move(from), std::move(constants), std::move(expr), std::move(shape));
    }

    std::vector<Record> records;
    int result = -1;
};

}  // namespace harness
