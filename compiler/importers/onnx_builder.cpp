#include "importers/onnx_builder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "importers/keras_layers.h"
#include "importers/keras_operations.h"
#include "importers/onnx_constants.h"
#include "support/check.h"
#include "support/checked.h"

namespace halcyon::importers {
namespace {

constexpr std::size_t most_calls = 100'000;
constexpr std::int64_t most_kept_bytes = std::int64_t{1} << 29;

}  // namespace

Value shape_argument(const Shape& shape) {
    Value::Sequence extents;
    for (std::int64_t extent : shape) extents.emplace_back(extent);
    return {std::move(extents)};
}

std::int64_t extent_of(const Axis& axis) {
    std::int64_t extent = 1;
    for (const Atom& atom : axis) extent *= atom.extent;
    return extent;
}

Shape OnnxValue::shape() const {
    if (constant) return constant->shape;
    Shape shape;
    for (const Axis& axis : axes) shape.push_back(extent_of(axis));
    return shape;
}

OnnxValue OnnxBuilder::add_input(const std::string& name, ElementType element, const Shape& shape, bool drop_batch,
                                 const std::vector<int>& order) {
    OnnxValue value;
    value.id = static_cast<int>(network.inputs.size());
    for (std::size_t i = 0; i < shape.size(); ++i) {
        value.axes.emplace_back();
        if (i == 0 && drop_batch && batch_.extent > 1) {
            value.axes.back().push_back(batch_);
        } else if (shape[i] != 1) {
            value.axes.back().push_back(new_atom(shape[i]));
        }
    }
    ImportedInput input{name, {element, {}}};
    for (int axis : order) {
        value.lies.push_back(value.axes[static_cast<std::size_t>(axis)]);
        input.type.shape.push_back(extent_of(value.lies.back()));
    }
    if (order.empty()) {
        value.lies.emplace_back();
        input.type.shape.push_back(1);
    }
    network.inputs.push_back(std::move(input));
    return value;
}

void OnnxBuilder::set_name(std::string name, std::string file_type) {
    name_ = std::move(name);
    file_type_ = std::move(file_type);
}

int OnnxBuilder::add(ImportedLayer layer, std::vector<int> inputs) {
    if (network.calls.size() >= most_calls)
        throw Refused{fmt::format("the network has more than {} layers", most_calls)};
    if (layer.operation == 0) layer.name = std::exchange(name_, "");
    layer.file_type = file_type_;
    network.layers.push_back(std::move(layer));
    return add_call(network, static_cast<int>(network.layers.size()) - 1, std::move(inputs));
}

int OnnxBuilder::layer(std::string_view type, const Arguments& arguments, std::vector<int> inputs) {
    ImportedLayer layer;
    layer.def = find_layer(type);
    CHECK_INTERNAL(layer.def != nullptr);
    if (std::string mistake = set_arguments(layer, arguments); !mistake.empty()) throw Refused{mistake};
    return add(std::move(layer), std::move(inputs));
}

int OnnxBuilder::arithmetic(char symbol, int left, int right) {
    ImportedLayer layer;
    layer.def = find_layer(symbol == '+' ? "Add" : symbol == '-' ? "Subtract" : symbol == '*' ? "Multiply" : "Divide");
    layer.operation = symbol;
    return add(std::move(layer), {left, right});
}

int OnnxBuilder::arithmetic(char symbol, int value, double number, bool number_left) {
    if (symbol == '+' && number < 0.0 && !number_left) return arithmetic('-', value, -number);
    ImportedLayer layer;
    layer.def = find_layer(symbol == 'p' || (symbol == '/' && number_left) ? "Power" : "Rescaling");
    layer.operation = symbol;
    const bool integer = number == std::floor(number) && std::abs(number) < 1e6;
    layer.number = integer ? Value(static_cast<std::int64_t>(number)) : Value(number);
    layer.number_left = number_left;
    return add(std::move(layer), {value});
}

int OnnxBuilder::slice(int value, const std::string& text) {
    ImportedLayer layer;
    layer.def = find_layer("GetItem");
    layer.operation = '[';
    layer.number = Value(text);
    return add(std::move(layer), {value});
}

void OnnxBuilder::weight(const std::string& name, const Array& numbers) {
    weights.push_back({static_cast<int>(network.layers.size()) - 1, name,
                       stored(StoredType::float32, numbers.shape(), numbers.values())});
}

const ImportedLayer* OnnxBuilder::maker_of(int value, std::vector<int>& inputs) const {
    if (value < static_cast<int>(network.inputs.size())) return nullptr;
    const ImportedCall& call = network.calls[static_cast<std::size_t>(value) - network.inputs.size()];
    inputs = call.inputs;
    return &network.layers[static_cast<std::size_t>(call.layer)];
}

bool OnnxBuilder::absorb(int value, bool scales, const Array& numbers, int rank) {
    const auto call = static_cast<std::size_t>(value) - network.inputs.size();
    if (value < static_cast<int>(network.inputs.size())) return false;
    const int index = network.calls[call].layer;
    ImportedLayer& layer = network.layers[static_cast<std::size_t>(index)];
    const auto take = [&](const char* name) {
        weights.push_back({index, name, stored(StoredType::float32, numbers.shape(), numbers.values())});
        return true;
    };
    if (layer.def->name == "Affine" && layer.arguments.size() == 1 && layer.arguments[0].first == "scale" && !scales) {
        layer.arguments.emplace_back("offset", shape_argument(numbers.shape()));
        return take("offset");
    }
    if (numbers.shape() != Shape{numbers.size()}) return false;
    const auto lacks = [&](std::string_view argument) {
        return std::erase_if(layer.arguments, [&](const auto& each) {
                   return each.first == argument && each.second == Value(false);
               }) > 0;
    };
    if (layer.def->name == "LayerNormalization") {
        const bool last_axis = std::all_of(layer.arguments.begin(), layer.arguments.end(), [&](const auto& each) {
            return each.first != "axis" || each.second == Value(Value::Sequence{Value(rank)}) ||
                   each.second == Value(Value::Sequence{Value(-1)}) || each.second == Value(rank) ||
                   each.second == Value(-1);
        });
        if (!last_axis || numbers.size() == 1) return false;
        // A scale comes before what is added.
        if (scales)
            return std::find(layer.arguments.begin(), layer.arguments.end(),
                             std::pair(std::string("center"), Value(false))) != layer.arguments.end() &&
                   lacks("scale") && take("gamma");
        return lacks("center") && take("beta");
    }
    return !scales && lacks("use_bias") && take("bias");
}

void OnnxBuilder::make_room(std::int64_t numbers) {
    kept_bytes_ += numbers * static_cast<std::int64_t>(sizeof(double));
    if (kept_bytes_ > most_kept_bytes) throw Refused{"the constants that it computes with take more than 512 MiB"};
}

StoredTensor OnnxBuilder::keep(StoredType type, const Array& array) {
    return keep(type, array.shape(), array.values());
}

StoredTensor OnnxBuilder::keep(StoredType type, Shape shape, std::span<const double> numbers) {
    make_room(static_cast<std::int64_t>(numbers.size()));
    return stored(type, std::move(shape), numbers);
}

StoredTensor OnnxBuilder::stored(StoredType type, Shape shape, std::span<const double> numbers) {
    const bool whole = type == StoredType::int64;
    const std::size_t size = whole ? sizeof(std::int64_t) : sizeof(float);
    std::string& bytes = storage_.emplace_back(numbers.size() * size, '\0');
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (whole) {
            const std::int64_t number = saturated(numbers[i]);
            std::memcpy(bytes.data() + i * size, &number, size);
        } else {
            const auto number = static_cast<float>(numbers[i]);
            std::memcpy(bytes.data() + i * size, &number, size);
        }
    }
    return {whole ? StoredType::int64 : StoredType::float32, std::move(shape), bytes};
}

}  // namespace halcyon::importers
