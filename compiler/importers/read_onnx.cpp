#include "importers/read_onnx.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "importers/keras_json.h"
#include "importers/onnx_call.h"
#include "importers/onnx_constants.h"
#include "importers/onnx_fold.h"
#include "importers/onnx_graph.h"
#include "importers/onnx_names.h"

namespace halcyon::importers {
namespace {

using onnx_file::Door;
using onnx_file::Model;
using onnx_file::Node;

constexpr std::size_t most_lines = 20;
constexpr std::int64_t oldest_opset = 7;

/// The inputs with all their sizes, and what of their first axis is a batch.
struct Doors {
    std::vector<Shape> shapes;
    std::vector<ElementType> elements;
    std::int64_t batch = 1;
    std::vector<bool> has_batch;
};

/// One attempt at the network; `doors` say how the batch is taken.
class Reader {
public:
    Reader(const Model& model, const OnnxGraph& graph, const OnnxReadOptions& options, const Doors& doors)
        : model_(model), graph_(graph), options_(options), doors_(doors), builder_(doors.batch) {}

    /// Whether all went well; else `problems` says what did not.
    bool read() {
        for (std::size_t i = 0; i < graph_.inputs.size(); ++i) add_input(i);
        for (const onnx_file::Tensor& tensor : model_.initializers) {
            if (!tensor.refused.empty()) continue;
            OnnxValue value;
            value.constant = tensor.value;
            values_.emplace(tensor.name, std::move(value));
        }
        for (std::size_t index : graph_.order) import(index);
        if (problems.empty()) add_outputs();
        return problems.empty();
    }

    std::vector<std::string> problems;

    OnnxNetwork finish() {
        OnnxNetwork result;
        const std::vector<int> places = order_calls(builder_.network);
        name_layers(builder_.network);
        for (const OnnxBuilder::LayerWeight& weight : builder_.weights) {
            const int place = places[static_cast<std::size_t>(weight.layer)];
            if (place < 0) continue;
            const std::string& layer = builder_.network.layers[static_cast<std::size_t>(place)].name;
            result.weights[fmt::format("{}/{}", layer, weight.name)] = weight.value;
        }
        result.network = std::move(builder_.network);
        result.network.name = "";
        result.storage = std::make_shared<std::deque<std::string>>(std::move(builder_.storage()));
        return result;
    }

private:
    const Door& door(std::size_t i) const { return model_.inputs[graph_.inputs[i]]; }

    void add_input(std::size_t i) {
        const bool drop = doors_.has_batch[i];
        const Shape& shape = doors_.shapes[i];
        std::vector<int> order;
        for (int axis = drop ? 1 : 0; axis < static_cast<int>(shape.size()); ++axis) order.push_back(axis);
        if (options_.channels_last && drop && order.size() > 1)
            std::rotate(order.begin(), order.begin() + 1, order.end());
        OnnxValue value = builder_.add_input(door(i).name, doors_.elements[i], shape, drop, order);
        value.integer = value.whole = door(i).type && is_whole(*door(i).type);
        values_.emplace(door(i).name, std::move(value));
    }

    [[nodiscard]] bool is_output(const std::string& name) const {
        return std::any_of(model_.outputs.begin(), model_.outputs.end(),
                           [&](const Door& output) { return output.name == name; });
    }

    /// How often nodes read a name.
    [[nodiscard]] std::vector<std::size_t> readers_of(const std::string& name) const {
        const auto found = graph_.readers.find(name);
        return found == graph_.readers.end() ? std::vector<std::size_t>{} : found->second;
    }

    [[nodiscard]] bool feeds_image(const std::string& name) const {
        const std::vector<std::size_t> readers = readers_of(name);
        return std::any_of(readers.begin(), readers.end(), [&](std::size_t reader) {
            const std::string& type = model_.nodes[reader].type;
            return type == "Conv" || type == "ConvTranspose" || type.ends_with("Pool");
        });
    }

    void problem(std::size_t index, const std::string& reason) {
        const Node& node = model_.nodes[index];
        problems.push_back(fmt::format("{} {}: {}", printable(node.type), described(node, index), reason));
    }

    void import(std::size_t index) {
        const Node& node = model_.nodes[index];
        const bool own = !node.domain.empty() && node.domain != "ai.onnx";
        const OnnxOperator* known = own ? nullptr : find_onnx_operator(node.type);
        if (known == nullptr) {
            problem(index,
                    own ? fmt::format("an operator of {}, of which Halcyon knows nothing", printable(node.domain))
                        : "Halcyon does not know this operator");
            return;
        }
        OnnxCall call{node, model_.opset, {}, builder_};
        call.outputs.resize(node.outputs.size());
        for (const std::string& output : node.outputs)
            call.output_used.push_back(!output.empty() && (is_output(output) || !readers_of(output).empty()));
        std::string weight;
        for (const std::string& name : node.inputs) {
            const auto value = values_.find(name);
            if (name.empty()) {
                call.inputs.push_back(nullptr);
                continue;
            }
            if (value == values_.end()) {
                report_unread(index, name);
                return;  // what comes before it was refused
            }
            call.inputs.push_back(&value->second);
            if (weight.empty() && value->second.constant && call.inputs.size() > 1) weight = name;
        }
        for (const std::string& name : node.inputs)
            call.read_once.push_back(readers_of(name).size() == 1 && !is_output(name));
        if (!node.outputs.empty()) call.feeds_image = feeds_image(node.outputs[0]);
        const bool takes_weights = node.type != "Add" && node.type != "Mul" && node.type != "Sub" && node.type != "Div";
        try {
            builder_.set_name(layer_name(node, takes_weights ? weight : ""), node.type);
            if (!fold_onnx(call)) {
                const bool all_constant =
                    !call.inputs.empty() &&
                    std::all_of(call.inputs.begin(), call.inputs.end(),
                                [](const OnnxValue* each) { return each == nullptr || each->constant; });
                if (all_constant) throw Refused{"it computes a constant in a way that Halcyon does not"};
                if (known->import == nullptr) throw Refused{"Halcyon knows it between constants only"};
                known->import(call);
            }
        } catch (const Refused& refused) {
            problem(index, refused.reason);
            return;
        }
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            if (node.outputs[i].empty()) continue;
            const bool given = i < call.outputs.size() && (call.outputs[i].constant || call.outputs[i].id >= 0);
            if (given) {
                OnnxValue& value = call.outputs[i];
                if (!value.constant) {
                    value.integer = gives_integers(call, i);
                    value.whole = value.whole || value.integer;
                }
                values_.emplace(node.outputs[i], std::move(value));
            } else if (call.output_used[i]) {
                problem(index, fmt::format("Halcyon has nothing for its output {}", i));
            }
        }
    }

    void report_unread(std::size_t index, const std::string& name) {
        const OnnxSource& source = graph_.sources.find(name)->second;
        if (source.kind == OnnxSource::Kind::initializer)
            problem(index,
                    fmt::format("of its tensor '{}', {}", printable(name), model_.initializers[source.index].refused));
    }

    void add_outputs() {
        for (const Door& output : model_.outputs) {
            const auto found = values_.find(output.name);
            if (found == values_.end() || found->second.constant) {
                problems.push_back(fmt::format("the output '{}' does not depend on any input", printable(output.name)));
                continue;
            }
            const OnnxValue& value = found->second;
            try {
                builder_.set_name("", "output");
                const int batch = builder_.batch_axis(value);
                const bool drop =
                    batch < 0 && value.rank() > 1 && value.axes[0].empty() && doors_.batch == 1 && any_batch();
                std::vector<int> order;
                for (int axis = drop ? 1 : 0; axis < value.rank(); ++axis) {
                    if (axis != batch) order.push_back(axis);
                }
                if (batch > 0) throw Refused{"the batch is not its first axis"};
                builder_.network.outputs.emplace_back(output.name, builder_.arranged(value, order));
            } catch (const Refused& refused) {
                problems.push_back(fmt::format("the output '{}': {}", printable(output.name), refused.reason));
            }
        }
    }

    [[nodiscard]] bool any_batch() const {
        return std::find(doors_.has_batch.begin(), doors_.has_batch.end(), true) != doors_.has_batch.end();
    }

    const Model& model_;
    const OnnxGraph& graph_;
    const OnnxReadOptions& options_;
    const Doors& doors_;
    OnnxBuilder builder_;
    std::map<std::string, OnnxValue, std::less<>> values_;
};

std::optional<ElementType> element_of(StoredType type) {
    switch (type) {
    case StoredType::float64:
    case StoredType::float32: return ElementType::float32;
    case StoredType::float16: return ElementType::float16;
    case StoredType::bfloat16: return ElementType::bfloat16;
    case StoredType::uint8:
    case StoredType::boolean: return ElementType::uint8;
    case StoredType::int8: return ElementType::int8;
    default: return std::nullopt;
    }
}

/// Reads the doors' shapes; says what is wrong with them.
class DoorReader {
public:
    DoorReader(const Model& model, const OnnxGraph& graph, const std::string& path, const OnnxReadOptions& options,
               Diagnostics& diag)
        : model_(model), graph_(graph), path_(path), options_(options), diag_(diag) {}

    std::optional<Doors> read() {
        Doors doors;
        std::size_t open = 0;
        for (std::size_t index : graph_.inputs) {
            const Door& door = model_.inputs[index];
            if (!add_element(door, doors)) return std::nullopt;
            Shape shape = door.extents;
            for (std::size_t axis = 0; axis < shape.size(); ++axis) {
                if (shape[axis] == 0 || shape[axis] > max_elements) {
                    refuse(door, fmt::format("has the extent {}", shape[axis]));
                    return std::nullopt;
                }
                if (shape[axis] > 0) continue;
                shape[axis] = 1;
                if (axis == 0) continue;
                if (open < options_.input_size.size()) shape[axis] = options_.input_size[open];
                ++open;
            }
            doors.has_batch.push_back(!shape.empty() && shape[0] == 1);
            doors.shapes.push_back(std::move(shape));
        }
        if (open != options_.input_size.size()) {
            report_open_sizes(open);
            return std::nullopt;
        }
        return doors;
    }

private:
    void refuse(const Door& door, const std::string& reason) {
        diag_.error(Code::cannot_import, {}, "'{}': the input '{}' {}", path_, printable(door.name), reason);
    }

    bool add_element(const Door& door, Doors& doors) {
        if (!door.refused.empty()) {
            refuse(door, door.refused);
            return false;
        }
        if (!door.type || !door.has_shape) {
            refuse(door, "says nothing of its type or shape");
            return false;
        }
        const std::optional<ElementType> element = element_of(*door.type);
        if (!element) {
            refuse(door,
                   fmt::format("is {}; known are float32, float16, bfloat16, uint8 and int8", to_text(*door.type)));
            return false;
        }
        if (*door.type == StoredType::float64)
            diag_.add(Severity::note, Code::training_only, {},
                      fmt::format("'{}': the input's float64 becomes float32", path_));
        doors.elements.push_back(*element);
        return true;
    }

    void report_open_sizes(std::size_t open) {
        if (open == 0) {
            diag_.error(Code::cannot_import, {},
                        "'{}': --input-size says what the file leaves open, and it leaves nothing open", path_);
            return;
        }
        std::string text;
        for (std::size_t index : graph_.inputs) {
            const Door& door = model_.inputs[index];
            std::vector<std::string> extents;
            for (std::size_t axis = 0; axis < door.extents.size(); ++axis) {
                const std::string& name = door.open_names[axis];
                extents.push_back(door.extents[axis] >= 0 ? fmt::format("{}", door.extents[axis])
                                  : name.empty()          ? "?"
                                                          : printable(name));
            }
            text +=
                fmt::format("{}'{}' ({})", text.empty() ? "" : ", ", printable(door.name), fmt::join(extents, ", "));
        }
        Diagnostic& error =
            diag_.error(Code::cannot_import, {},
                        "'{}': a library is made for one size, and the file leaves some open: {}", path_, text);
        error.hint =
            open == 1 ? "give the open size: --input-size N"
            : open == 2
                ? "give the open sizes, height and width of a picture: --input-size 224x224"
                : fmt::format("give the {} open sizes but the batch, with x between them: --input-size 8x64x64", open);
    }

    const Model& model_;
    const OnnxGraph& graph_;
    const std::string& path_;
    const OnnxReadOptions& options_;
    Diagnostics& diag_;
};

void report(const std::string& path, const std::vector<std::string>& problems, Diagnostics& diag) {
    std::string lines;
    for (std::size_t i = 0; i < std::min(problems.size(), most_lines); ++i) lines += "\n    " + problems[i];
    if (problems.size() > most_lines) lines += fmt::format("\n    and {} more", problems.size() - most_lines);
    diag.error(Code::cannot_import, {}, "'{}' has {} that cannot be imported:{}", path,
               problems.size() == 1 ? "a node" : fmt::format("{} nodes", problems.size()), lines);
}

}  // namespace

std::optional<OnnxNetwork> read_onnx(const Model& model, const std::string& path, const OnnxReadOptions& options,
                                     Diagnostics& diag) {
    if (model.opset < oldest_opset || model.has_functions) {
        diag.error(Code::cannot_import, {}, "'{}': {}", path,
                   model.has_functions ? "it has functions of its own; onnx.inliner puts them in their places"
                   : model.opset == 0  ? "it does not say the version of its operators"
                                       : fmt::format("its operators are of version {}, before 7", model.opset));
        return std::nullopt;
    }
    const auto resolved = resolve_names(model);
    if (const auto* mistake = std::get_if<std::string>(&resolved)) {
        diag.error(Code::bad_onnx_file, {}, "'{}': {}", path, *mistake);
        return std::nullopt;
    }
    const auto& graph = std::get<OnnxGraph>(resolved);
    std::optional<Doors> doors = DoorReader(model, graph, path, options, diag).read();
    if (!doors) return std::nullopt;
    // Several items at once: first as a network of one of them, else as one tensor.
    const std::int64_t first = doors->shapes.empty() || doors->shapes[0].empty() ? 1 : doors->shapes[0][0];
    const bool several = first > 1 && std::all_of(doors->shapes.begin(), doors->shapes.end(), [&](const Shape& shape) {
                             return !shape.empty() && shape[0] == first;
                         });
    std::vector<std::string> problems;
    if (several) {
        Doors items = *doors;
        items.batch = first;
        items.has_batch.assign(items.has_batch.size(), true);
        Reader reader(model, graph, options, items);
        if (reader.read()) return reader.finish();
        problems = std::move(reader.problems);
    }
    Reader reader(model, graph, options, *doors);
    if (reader.read()) return reader.finish();
    report(path, several ? problems : reader.problems, diag);
    return std::nullopt;
}

}  // namespace halcyon::importers
