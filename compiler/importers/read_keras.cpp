#include "importers/read_keras.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "importers/keras_model.h"
#include "importers/keras_operations.h"

namespace halcyon::importers {
namespace {

constexpr std::size_t most_calls = 100'000;
constexpr std::size_t most_lines = 20;

class Reader {
public:
    Reader(std::string path, const KerasReadOptions& options, Diagnostics& diag)
        : path_(std::move(path)), options_(options), diag_(diag) {}

    std::optional<ImportedNetwork> read(KerasModel& model) {
        network_.name = model.name;
        std::vector<int> values;
        for (const KerasTensor& input : model.inputs) {
            add_input(layer_of(model, input));
            values.push_back(static_cast<int>(values.size()));
        }
        if (!options_.input_size.empty() && !has_open_size_) {
            diag_.error(Code::cannot_import, {},
                        "'{}': --input-size says what the file leaves open, and it leaves nothing open", path_);
        }
        const std::vector<int> outputs = apply(model, values);
        report();
        if (diag_.has_errors()) return std::nullopt;
        for (std::size_t i = 0; i < outputs.size(); ++i)
            network_.outputs.emplace_back(layer_of(model, model.outputs[i]).layer.name, outputs[i]);
        return std::move(network_);
    }

private:
    /// Which call of which layer.
    using CallKey = std::pair<int, int>;
    using Results = std::map<CallKey, std::vector<int>>;

    static KerasModelLayer& layer_of(KerasModel& model, const KerasTensor& tensor) {
        return model.layers[static_cast<std::size_t>(tensor.layer)];
    }

    void problem(const KerasLayer& layer, const std::string& reason) {
        if (named_.insert(layer.name).second)
            problems_.push_back(fmt::format("{} '{}': {}", layer.class_name, printable(layer.name), reason));
    }

    void add_input(const KerasModelLayer& layer) {
        ImportedInput input;
        input.name = layer.layer.name;
        const Json& config = *layer.layer.config;
        const Json* shape = nullptr;
        for (std::string_view key : {"batch_shape", "batch_input_shape", "build_input_shape"}) {
            if (shape == nullptr) shape = array_member(config, key);
        }
        if (layer.reading.kind != LayerKind::input || shape == nullptr || shape->empty()) {
            problem(layer.layer, "the file does not say the shape of this input");
            network_.inputs.push_back(input);
            return;
        }
        std::size_t open = 0;
        for (std::size_t axis = 1; axis < shape->size(); ++axis) {
            const Json& extent = (*shape)[axis];
            if (extent.is_null()) {
                const std::size_t place = open++;
                input.type.shape.push_back(place < options_.input_size.size() ? options_.input_size[place] : 0);
            } else if (const std::optional<int> size = small_number(extent); size && *size > 0) {
                input.type.shape.push_back(*size);
            } else {
                problem(layer.layer, fmt::format("{} is no size of an input", brief(extent)));
            }
        }
        has_open_size_ = has_open_size_ || open > 0;
        if (open != options_.input_size.size() && open > 0) report_open_size(layer.layer.name, *shape, open);
        set_element(layer.layer, config, input);
        network_.inputs.push_back(std::move(input));
    }

    void report_open_size(const std::string& name, const Json& shape, std::size_t open) {
        std::string text;
        for (const Json& extent : shape)
            text += fmt::format("{}{}", text.empty() ? "" : ", ", extent.is_null() ? "None" : brief(extent));
        Diagnostic& error = diag_.error(Code::cannot_import, {},
                                        "'{}': the input '{}' has the shape ({}): a library is made for one size",
                                        path_, printable(name), text);
        error.hint = open == 1 ? "give the open size: --input-size N"
                     : open == 2
                         ? "give the open sizes, height and width of a picture: --input-size 224x224"
                         : fmt::format("give the {} open sizes, with x between them: --input-size 8x64x64", open);
    }

    void set_element(const KerasLayer& layer, const Json& config, ImportedInput& input) {
        const Json* dtype = member(config, "dtype");
        if (dtype == nullptr || !dtype->is_string()) return;
        const auto element = element_type_of(dtype->get<std::string>());
        if (element) {
            input.type.element = *element;
        } else if (*dtype == "float64") {
            note("the input's float64 becomes float32");
        } else {
            problem(layer, fmt::format("its numbers are {}; known are float32, float16, bfloat16, uint8, int8",
                                       brief(*dtype)));
        }
    }

    /// The model applied to values of the network: its calls, a branch at a time, each after those that it needs.
    std::vector<int> apply(KerasModel& model, const std::vector<int>& inputs) {
        Results results;
        for (std::size_t i = 0; i < model.inputs.size() && i < inputs.size(); ++i)
            results[{model.inputs[i].layer, model.inputs[i].call}] = {inputs[i]};
        std::vector<int> outputs;
        for (const KerasTensor& output : model.outputs) {
            evaluate(model, output, results);
            outputs.push_back(value_of(model, output, results));
        }
        return outputs;
    }

    /// Depth first and without recursion: files may hold very long chains.
    void evaluate(KerasModel& model, const KerasTensor& wanted, Results& results) {
        struct Open {
            CallKey key;
            std::vector<KerasTensor> needed;
            std::size_t next = 0;
        };
        std::vector<Open> open;
        std::set<CallKey> in_progress;
        const auto enter = [&](const KerasTensor& tensor) {
            const CallKey key{tensor.layer, tensor.call};
            if (results.contains(key)) return;
            if (!in_progress.insert(key).second)
                throw BadArchitecture{
                    fmt::format("the layer '{}' needs its own result", layer_of(model, tensor).layer.name)};
            open.push_back({key, tensors_of(call_of(model, key)), 0});
        };
        enter(wanted);
        while (!open.empty()) {
            Open& top = open.back();
            if (top.next < top.needed.size()) {
                const KerasTensor next = top.needed[top.next++];
                enter(next);
                continue;
            }
            const CallKey key = top.key;
            results[key] = call(model, key, results);
            in_progress.erase(key);
            open.pop_back();
        }
    }

    static const KerasCall& call_of(const KerasModel& model, CallKey key) {
        return model.layers[static_cast<std::size_t>(key.first)].calls[static_cast<std::size_t>(key.second)];
    }

    static std::vector<KerasTensor> tensors_of(const KerasCall& call) {
        std::vector<KerasTensor> tensors;
        for (const KerasInput& input : call.positional)
            tensors.insert(tensors.end(), input.tensors.begin(), input.tensors.end());
        for (const auto& [key, input] : call.keywords)
            tensors.insert(tensors.end(), input.tensors.begin(), input.tensors.end());
        return tensors;
    }

    static int value_of(KerasModel& model, const KerasTensor& tensor, const Results& results) {
        const std::vector<int>& values = results.at({tensor.layer, tensor.call});
        if (static_cast<std::size_t>(tensor.output) >= values.size())
            throw BadArchitecture{
                fmt::format("the layer '{}' has no output {}", layer_of(model, tensor).layer.name, tensor.output)};
        return values[static_cast<std::size_t>(tensor.output)];
    }

    static KerasOperand resolved(KerasModel& model, const KerasInput& input, const Results& results) {
        KerasOperand operand;
        for (const KerasTensor& tensor : input.tensors) operand.tensors.push_back(value_of(model, tensor, results));
        operand.is_list = input.is_list;
        operand.shape = input.shape;
        operand.constant = input.constant;
        return operand;
    }

    std::vector<int> call(KerasModel& model, CallKey key, const Results& results) {
        if (network_.calls.size() >= most_calls)
            throw BadArchitecture{fmt::format("its models call each other more than {} times", most_calls)};
        KerasModelLayer& layer = model.layers[static_cast<std::size_t>(key.first)];
        KerasArguments arguments;
        const KerasCall& written = call_of(model, key);
        for (const KerasInput& input : written.positional)
            arguments.positional.push_back(resolved(model, input, results));
        for (const auto& [name, input] : written.keywords) arguments.keywords[name] = resolved(model, input, results);
        const std::vector<int> none{0};
        std::vector<int> inputs;
        if (!arguments.positional.empty()) {
            inputs = arguments.positional[0].tensors;
        } else if (const auto found = arguments.keywords.find("inputs"); found != arguments.keywords.end()) {
            inputs = found->second.tensors;
        }
        note(layer.reading.note);
        switch (layer.reading.kind) {
        case LayerKind::input:
            throw BadArchitecture{fmt::format("the input '{}' is none of the model's inputs", layer.layer.name)};
        case LayerKind::impossible: problem(layer.layer, layer.reading.reason); return none;
        case LayerKind::operation: {
            int value = 0;
            const std::string reason = import_operation(layer.layer, arguments, network_, value);
            if (!reason.empty()) problem(layer.layer, reason);
            return {value};
        }
        case LayerKind::skipped:
        case LayerKind::layer:
        case LayerKind::model: break;
        }
        if (inputs.empty())
            throw BadArchitecture{fmt::format("the layer '{}' is applied to nothing", layer.layer.name)};
        if (layer.reading.kind == LayerKind::skipped) return inputs;
        if (layer.reading.kind == LayerKind::model) {
            if (inputs.size() != layer.model->inputs.size()) {
                throw BadArchitecture{fmt::format("the model '{}' has {} inputs and is applied to {} tensors",
                                                  layer.layer.name, layer.model->inputs.size(), inputs.size())};
            }
            return apply(*layer.model, inputs);
        }
        if (!plain_call(layer.layer, arguments)) return none;
        if (layer.network_layer < 0) {
            layer.network_layer = static_cast<int>(network_.layers.size());
            network_.layers.push_back(layer.reading.layer);
        }
        return {add_call(network_, layer.network_layer, std::move(inputs))};
    }

    /// Whether all tensors stand in the first argument, and the others mean nothing: training=False, mask=None.
    bool plain_call(const KerasLayer& layer, const KerasArguments& arguments) {
        bool plain = true;
        for (std::size_t i = 1; i < arguments.positional.size(); ++i)
            plain = plain && arguments.positional[i].tensors.empty();
        for (const auto& [key, operand] : arguments.keywords)
            plain = plain && (operand.tensors.empty() || key == "inputs");
        if (!plain) problem(layer, "it is applied to several arguments that are tensors");
        return plain;
    }

    void note(const std::string& text) {
        if (text.empty() || !noted_.insert(text).second) return;
        diag_.add(Severity::note, Code::training_only, {}, fmt::format("'{}': {}", path_, printable(text)));
    }

    void report() {
        if (problems_.empty()) return;
        std::string lines;
        for (std::size_t i = 0; i < std::min(problems_.size(), most_lines); ++i) lines += "\n    " + problems_[i];
        if (problems_.size() > most_lines) lines += fmt::format("\n    and {} more", problems_.size() - most_lines);
        diag_.error(Code::cannot_import, {}, "'{}' has {} that cannot be imported:{}", path_,
                    problems_.size() == 1 ? "a layer" : fmt::format("{} layers", problems_.size()), lines);
    }

    std::string path_;
    const KerasReadOptions& options_;
    Diagnostics& diag_;
    ImportedNetwork network_;
    std::vector<std::string> problems_;
    std::set<std::string> named_, noted_;
    bool has_open_size_ = false;
};

/// Why a file's model is none that can be imported; "" if it is one.
std::string refused_model(const Json& json) {
    const std::string type = text_member(json, "class_name");
    if (type == "Functional" || type == "Model" || type == "Sequential") return "";
    if (type.empty()) return "the file does not say what model it holds";
    return fmt::format(
        "the model is a class of one's own, {}: Python code, which is never run; save a functional model of its layers",
        type);
}

}  // namespace

std::optional<ImportedNetwork> read_keras(std::string_view architecture, const std::string& path,
                                          const KerasReadOptions& options, Diagnostics& diag) {
    const std::optional<Json> json = parse_json(architecture);
    if (!json || !json->is_object()) {
        diag.error(Code::bad_keras_file, {}, "'{}': the description of the model is not the JSON that Keras writes",
                   path);
        return std::nullopt;
    }
    if (const std::string reason = refused_model(*json); !reason.empty()) {
        diag.error(Code::cannot_import, {}, "'{}': {}", path, printable(reason));
        return std::nullopt;
    }
    try {
        const Json* config = member(*json, "config");
        if (config == nullptr || (!config->is_object() && !config->is_array()))
            throw BadArchitecture{"the model is not described"};
        KerasModel model = parse_keras_model(text_member(*json, "class_name"), *config);
        return Reader(path, options, diag).read(model);
    } catch (const BadArchitecture& bad) {
        diag.error(Code::bad_keras_file, {}, "'{}': {}", path, printable(bad.message));
        return std::nullopt;
    }
}

}  // namespace halcyon::importers
