#include "commands/common/array_inputs.h"

#include <algorithm>
#include <cmath>

#include "commands/common/element.h"

namespace halcyon {
namespace {

/// The numbers as the door holds them; nothing if it cannot.
std::optional<std::string> bytes_for(ElementType element, StoredType stored, Array array) {
    const bool exact = converts_exactly(stored, element);
    double low = 0.0, high = 0.0;
    switch (element) {
    case ElementType::float32:
        for (double& value : array.values()) value = static_cast<double>(static_cast<float>(value));
        return bytes_of_exact(element, array);
    case ElementType::uint8: high = 255.0; break;
    case ElementType::int8:
        low = -128.0;
        high = 127.0;
        break;
    case ElementType::float16:
    case ElementType::bfloat16:
        if (!exact) return std::nullopt;
        return bytes_of_exact(element, array);
    }
    const auto values = array.values();
    const bool whole = std::all_of(values.begin(), values.end(), [&](double value) {
        return value >= low && value <= high && value == std::floor(value);
    });
    if (!whole) return std::nullopt;
    return bytes_of_exact(element, array);
}

bool add_door(const TensorFile& file, const Door& door, std::vector<std::string>& items, bool& batch,
              Diagnostics& diag) {
    const auto found = file.tensors().find(door.name);
    if (found == file.tensors().end()) {
        diag.error(Code::wrong_input, {}, "'{}' has no array '{}' for the model's input", file.path(), door.name).hint =
            "save the input beside the activations, or name its file with --input";
        return false;
    }
    const StoredTensor& tensor = found->second;
    const Shape& shape = door.type.shape;
    const bool stacked = tensor.shape.size() == shape.size() + 1 && tensor.shape[0] > 0 &&
                         std::equal(shape.begin(), shape.end(), tensor.shape.begin() + 1);
    if (tensor.shape != shape && !stacked) {
        diag.error(Code::wrong_input, {},
                   "'{}' of '{}' has shape {}, but the model's input has {}, or one axis more for a batch", door.name,
                   file.path(), to_text(tensor.shape), to_text(shape));
        return false;
    }
    batch = batch || stacked;
    const std::size_t count = stacked ? static_cast<std::size_t>(tensor.shape[0]) : 1;
    const std::size_t stored = tensor.bytes.size() / count;
    for (std::size_t i = 0; i < count; ++i) {
        auto bytes = bytes_for(door.type.element, tensor.type,
                               to_array({tensor.type, shape, tensor.bytes.substr(i * stored, stored)}));
        if (!bytes) {
            diag.error(Code::wrong_input, {}, "'{}' of '{}' holds numbers that the model's input, {}, does not",
                       door.name, file.path(), to_text(door.type.element));
            return false;
        }
        items.push_back(std::move(*bytes));
    }
    return true;
}

}  // namespace

std::optional<RunInputs> inputs_from(const TensorFile& file, const std::vector<Door>& doors, Diagnostics& diag) {
    RunInputs inputs;
    for (const Door& door : doors) {
        std::vector<std::string> items;
        if (!add_door(file, door, items, inputs.batch, diag)) return std::nullopt;
        if (inputs.items.empty()) inputs.items.resize(items.size());
        if (inputs.items.size() != items.size()) {
            diag.error(Code::wrong_input, {}, "'{}' of '{}' has {} items, but '{}' has {}", door.name, file.path(),
                       items.size(), doors[0].name, inputs.items.size());
            return std::nullopt;
        }
        for (std::size_t i = 0; i < items.size(); ++i) inputs.items[i].push_back(std::move(items[i]));
    }
    return inputs;
}

}  // namespace halcyon
