#include "importers/keras_operations.h"

#include <algorithm>

#include <fmt/format.h>

#include "layers/common/activations.h"

namespace halcyon::importers {
namespace {

/// One function call on its way into the network.
struct Operation {
    const KerasLayer& keras;
    const KerasArguments& arguments;
    ImportedNetwork& network;
    std::string name;  ///< "add", "reduce_mean"
    int& value;

    /// The operand at a position or under one of its names, a comma between them; null if there is none.
    [[nodiscard]] const KerasOperand* operand(std::size_t position, std::string_view names) const {
        if (position < arguments.positional.size()) return &arguments.positional[position];
        for (const auto& [key, each] : arguments.keywords) {
            if (fmt::format(",{},", names).find(fmt::format(",{},", key)) != std::string::npos) return &each;
        }
        return nullptr;
    }

    /// A constant, which may also stand in the configuration.
    [[nodiscard]] std::optional<Value> constant(std::size_t position, std::string_view names) const {
        const KerasOperand* given = operand(position, names);
        if (given != nullptr && given->constant != nullptr) return plain_value(*given->constant);
        for (const auto& [key, json] : keras.config->items()) {
            if (key != "name" && fmt::format(",{},", names).find(fmt::format(",{},", key)) != std::string::npos)
                return plain_value(json);
        }
        return std::nullopt;
    }

    [[nodiscard]] std::vector<int> tensors(std::size_t position, std::string_view names) const {
        const KerasOperand* given = operand(position, names);
        return given == nullptr ? std::vector<int>() : given->tensors;
    }

    std::string add(ImportedLayer layer, std::vector<int> inputs) {
        layer.name = keras.name;
        layer.file_type = name;
        network.layers.push_back(std::move(layer));
        value = add_call(network, static_cast<int>(network.layers.size()) - 1, std::move(inputs));
        return "";
    }

    std::string add_layer(std::string_view type, const std::vector<std::pair<std::string, Value>>& values,
                          std::vector<int> inputs) {
        ImportedLayer layer;
        layer.def = find_layer(type);
        if (layer.def == nullptr) return fmt::format("Halcyon has no {}", type);
        if (std::string mistake = set_arguments(layer, values); !mistake.empty()) return mistake;
        return add(std::move(layer), std::move(inputs));
    }

    std::string add_arithmetic(char symbol, Value number, bool number_left, std::vector<int> inputs) {
        ImportedLayer layer;
        const std::string_view type = !number.is_none()
                                          ? (symbol == 'p' || (symbol == '/' && number_left) ? "Power" : "Rescaling")
                                      : symbol == '+' ? "Add"
                                      : symbol == '-' ? "Subtract"
                                      : symbol == '*' ? "Multiply"
                                                      : "Divide";
        layer.def = find_layer(type);
        if (layer.def == nullptr) return fmt::format("Halcyon has no {}", type);
        layer.operation = symbol;
        layer.number = std::move(number);
        layer.number_left = number_left;
        return add(std::move(layer), std::move(inputs));
    }
};

constexpr std::string_view needs_tensor = "it is applied to something that is no tensor";

std::string import_arithmetic(Operation& operation, char symbol) {
    const std::vector<int> left = operation.tensors(0, "x,x1,a"), right = operation.tensors(1, "y,x2,b");
    if (left.size() > 1 || right.size() > 1 || (left.empty() && right.empty())) return std::string(needs_tensor);
    if (!left.empty() && !right.empty()) {
        if (symbol == 'p') return "Halcyon has no tensor as an exponent";
        return operation.add_arithmetic(symbol, Value(), false, {left[0], right[0]});
    }
    const bool number_left = left.empty();
    std::optional<Value> number = number_left ? operation.constant(0, "x,x1,a") : operation.constant(1, "y,x2,b");
    const int tensor = number_left ? right[0] : left[0];
    if (number && number->sequence() && !number_left && symbol != 'p') {
        // One number for each channel.
        Value::Sequence scale, offset;
        for (const Value& each : *number->sequence()) {
            const std::optional<double> x = each.real();
            if (!x) return "its constant is not a number for each channel";
            scale.emplace_back(symbol == '*' ? *x : symbol == '/' ? 1.0 / *x : 1.0);
            offset.emplace_back(symbol == '+' ? *x : symbol == '-' ? -*x : 0.0);
        }
        const bool scales = symbol == '*' || symbol == '/';
        return operation.add_layer(
            "Rescaling",
            {{"scale", scales ? Value(scale) : Value(1.0)}, {"offset", scales ? Value(0.0) : Value(offset)}}, {tensor});
    }
    if (!number || !number->real() || (symbol == 'p' && number_left)) return "its constant is not one number";
    return operation.add_arithmetic(symbol, std::move(*number), number_left, {tensor});
}

std::string import_extreme(Operation& operation, std::string_view type) {
    std::vector<int> tensors = operation.tensors(0, "x,x1");
    for (int other : operation.tensors(1, "y,x2")) tensors.push_back(other);
    const std::optional<Value> number = operation.constant(1, "y,x2");
    if (tensors.size() == 2) return operation.add_layer(type, {}, tensors);
    if (tensors.size() == 1 && type == "Maximum" && number && number->real() == 0.0)
        return operation.add_layer("ReLU", {}, tensors);
    return "Halcyon takes the larger or smaller of two tensors only";
}

std::string import_clip(Operation& operation) {
    const std::optional<Value> low = operation.constant(1, "x_min,min,clip_value_min");
    const std::optional<Value> high = operation.constant(2, "x_max,max,clip_value_max");
    if (!low || !high || low->real() != 0.0 || !high->real()) return "Halcyon clips from 0 only";
    return operation.add_layer("ReLU", {{"max_value", *high}}, operation.tensors(0, "x,t"));
}

/// Whether the axes are all but the first and, with channels last, the last.
std::string import_pooling(Operation& operation, std::string_view kind) {
    const std::optional<Value> axis = operation.constant(1, "axis");
    const std::optional<Value> keep = operation.constant(2, "keepdims");
    const KerasOperand* x = operation.operand(0, "x,input_tensor,a");
    const std::int64_t rank = x == nullptr ? 0 : static_cast<std::int64_t>(x->shape.size());
    std::vector<std::int64_t> axes;
    const Value::Sequence one = axis ? Value::Sequence{*axis} : Value::Sequence{};
    for (const Value& each : axis && axis->sequence() ? *axis->sequence() : one) {
        if (each.integer() == nullptr) return "its axes are not those of an image";
        axes.push_back(*each.integer() < 0 ? *each.integer() + rank : *each.integer());
    }
    std::sort(axes.begin(), axes.end());
    const bool image = axes == std::vector<std::int64_t>{1, 2} && (rank == 4 || rank == 0);
    const bool steps = axes == std::vector<std::int64_t>{1} && rank == 3;
    if (!image && !steps) return "its axes are not those of an image";
    const Value kept = keep && keep->boolean() ? *keep : Value(false);
    return operation.add_layer(fmt::format("Global{}Pooling{}", kind, image ? "2D" : "1D"), {{"keepdims", kept}},
                               operation.tensors(0, "x,input_tensor,a"));
}

std::string import_concatenate(Operation& operation) {
    const std::optional<Value> axis = operation.constant(1, "axis");
    return operation.add_layer("Concatenate", {{"axis", axis.value_or(Value(operation.name == "concat" ? -1 : 0))}},
                               operation.tensors(0, "xs,values"));
}

/// A shape with the batch in front, without it.
std::string import_reshape(Operation& operation) {
    const std::optional<Value> shape = operation.constant(1, "newshape,shape");
    if (!shape || shape->sequence() == nullptr || shape->sequence()->size() < 2) return "its shape is not known";
    const Value::Sequence& all = *shape->sequence();
    return operation.add_layer("Reshape", {{"target_shape", Value(Value::Sequence(all.begin() + 1, all.end()))}},
                               operation.tensors(0, "x,tensor"));
}

/// expand_dims and squeeze: another shape of the same numbers.
std::string import_axis_of_one(Operation& operation) {
    const KerasOperand* x = operation.operand(0, "x,input");
    const std::optional<Value> axis = operation.constant(1, "axis");
    if (x == nullptr || x->shape.empty() || !axis || axis->integer() == nullptr) return "its shape is not known";
    std::vector<std::int64_t> shape = x->shape;
    const bool expand = operation.name == "expand_dims";
    const auto rank = static_cast<std::int64_t>(shape.size());
    std::int64_t at = *axis->integer();
    if (at < 0) at += rank + (expand ? 1 : 0);
    if (at < 1 || at > rank - (expand ? 0 : 1)) return "it changes the axis of the batch";
    if (!expand && shape[static_cast<std::size_t>(at)] != 1) return "the axis is longer than 1";
    if (expand) {
        shape.insert(shape.begin() + at, 1);
    } else {
        shape.erase(shape.begin() + at);
    }
    return operation.add_layer("Reshape", {{"target_shape", Value(Value::Sequence(shape.begin() + 1, shape.end()))}},
                               x->tensors);
}

std::string import_transpose(Operation& operation) {
    const std::optional<Value> axes = operation.constant(1, "axes,perm");
    const Value::Sequence* order = axes ? axes->sequence() : nullptr;
    if (order == nullptr || order->size() < 2 || (*order)[0] != Value(0)) return "it moves the axis of the batch";
    return operation.add_layer("Permute", {{"dims", Value(Value::Sequence(order->begin() + 1, order->end()))}},
                               operation.tensors(0, "x,a"));
}

/// One of the indices between brackets, as Python writes it; "" if it is none that a spec can have.
std::string index_text(const Json& json) {
    if (json.is_number_integer()) return json.dump();
    const std::string type = text_member(json, "class_name");
    if (type == "__ellipsis__") return "...";
    const Json* config = member(json, "config");
    // Keras 2 writes a slice as an object of its three parts.
    const Json* parts = type == "__slice__" ? config : json.is_object() && json.contains("start") ? &json : nullptr;
    if (parts == nullptr) return "";
    std::string text;
    for (std::string_view key : {"start", "stop", "step"}) {
        const Json* part = member(*parts, key);
        const bool none = part == nullptr || part->is_null();
        if (!none && !part->is_number_integer()) return "";
        if (key == "step" && none) break;
        if (key != "start") text += ':';
        if (!none) text += part->dump();
    }
    return text;
}

std::string import_slice(Operation& operation) {
    const KerasOperand* indices = operation.operand(1, "key,slice_spec");
    const std::vector<int> tensors = operation.tensors(0, "x,tensor");
    if (indices == nullptr || indices->constant == nullptr || tensors.size() != 1) return std::string(needs_tensor);
    const Json* list = array_member(*indices->constant, "items");
    if (list == nullptr) list = indices->constant;
    const Json single = Json::array({*list});
    if (!list->is_array()) list = &single;
    std::string text;
    for (const Json& index : *list) {
        const std::string part = index_text(index);
        if (part.empty()) return "its indices are no numbers and slices";
        text += fmt::format("{}{}", text.empty() ? "" : ", ", part);
    }
    ImportedLayer layer;
    layer.def = find_layer("GetItem");
    if (layer.def == nullptr) return "Halcyon has no slices of tensors";
    layer.operation = '[';
    layer.number = Value(text);
    return operation.add(std::move(layer), tensors);
}

/// a + b * scale, a class of InceptionResNetV2's own.
std::string import_scaled_sum(Operation& operation) {
    const Json* scale = member(*operation.keras.config, "scale");
    const std::vector<int> tensors = operation.tensors(0, "inputs");
    if (scale == nullptr || !scale->is_number() || tensors.size() != 2) return std::string(needs_tensor);
    std::string mistake = operation.add_arithmetic('*', Value(scale->get<double>()), false, {tensors[1]});
    if (!mistake.empty()) return mistake;
    return operation.add_arithmetic('+', Value(), false, {tensors[0], operation.value});
}

std::string import_activation(Operation& operation) {
    const std::vector<int> tensors = operation.tensors(0, "x,features,a,input,logits");
    if (tensors.size() != 1) return std::string(needs_tensor);
    if (operation.name == "leaky_relu") {
        const std::optional<Value> slope = operation.constant(1, "negative_slope,alpha");
        return operation.add_layer("LeakyReLU", {{"negative_slope", slope.value_or(Value(0.2))}}, tensors);
    }
    if (operation.name == "gelu") {
        const std::optional<Value> approximate = operation.constant(1, "approximate");
        if (approximate && approximate->boolean() && *approximate->boolean())
            return operation.add_layer("Gelu", {{"approximate", Value(true)}}, tensors);
    }
    if (operation.name == "softmax") {
        const std::optional<Value> axis = operation.constant(1, "axis");
        return operation.add_layer("Softmax", {{"axis", axis && !axis->is_none() ? *axis : Value(-1)}}, tensors);
    }
    const std::string name = operation.name == "exp" ? "exponential" : operation.name;
    return operation.add_layer("Activation", {{"activation", Value(std::string(canonical_activation(name)))}}, tensors);
}

/// "math.reduce_mean" -> "reduce_mean", "__operators__.add" -> "add", "TrueDivide" -> "true_divide".
std::string function_name(const KerasLayer& keras) {
    std::string name = keras.class_name;
    if (name == "TFOpLambda" || name == "SlicingOpLambda") {
        name = text_member(*keras.config, "function");
        name = name.substr(name.rfind('.') + 1);
        while (name.starts_with('_')) name.erase(0, 1);
        while (name.ends_with('_')) name.pop_back();
        return name;
    }
    return snake_case(name);
}

}  // namespace

int add_call(ImportedNetwork& network, int layer, std::vector<int> inputs) {
    network.calls.push_back({layer, std::move(inputs)});
    return static_cast<int>(network.inputs.size() + network.calls.size()) - 1;
}

std::string import_operation(const KerasLayer& keras, const KerasArguments& arguments, ImportedNetwork& network,
                             int& value) {
    Operation operation{keras, arguments, network, function_name(keras), value};
    const std::string& name = operation.name;
    if (keras.class_name == "CustomScaleLayer") return import_scaled_sum(operation);
    static const std::map<std::string, char, std::less<>> arithmetic = {
        {"add", '+'}, {"subtract", '-'},    {"sub", '-'},     {"multiply", '*'}, {"mul", '*'}, {"divide", '/'},
        {"div", '/'}, {"true_divide", '/'}, {"truediv", '/'}, {"power", 'p'},    {"pow", 'p'}, {"realdiv", '/'}};
    if (const auto found = arithmetic.find(name); found != arithmetic.end())
        return import_arithmetic(operation, found->second);
    const std::vector<int> tensors = operation.tensors(0, "x,a");
    if (tensors.size() == 1) {
        if (name == "negative") return operation.add_arithmetic('*', Value(-1), true, tensors);
        if (name == "square") return operation.add_arithmetic('p', Value(2), false, tensors);
        if (name == "sqrt") return operation.add_arithmetic('p', Value(0.5), false, tensors);
        if (name == "rsqrt") return operation.add_arithmetic('p', Value(-0.5), false, tensors);
        if (name == "reciprocal") return operation.add_arithmetic('/', Value(1), true, tensors);
    }
    if (name == "maximum") return import_extreme(operation, "Maximum");
    if (name == "minimum") return import_extreme(operation, "Minimum");
    if (name == "clip" || name == "clip_by_value") return import_clip(operation);
    if (name == "mean" || name == "reduce_mean") return import_pooling(operation, "Average");
    if (name == "max" || name == "amax" || name == "reduce_max") return import_pooling(operation, "Max");
    if (name == "concatenate" || name == "concat") return import_concatenate(operation);
    if (name == "reshape") return import_reshape(operation);
    if (name == "expand_dims" || name == "squeeze") return import_axis_of_one(operation);
    if (name == "transpose") return import_transpose(operation);
    if (name == "get_item" || name == "getitem" || name == "slice_helper") return import_slice(operation);
    if (name == "exp" || !canonical_activation(name).empty()) return import_activation(operation);
    return "Halcyon has nothing for this function";
}

}  // namespace halcyon::importers
