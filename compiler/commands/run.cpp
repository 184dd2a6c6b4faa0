#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <numeric>

#include "commands/common/door_files.h"
#include "commands/common/element.h"
#include "commands/common/layer_values.h"
#include "commands/common/load_model.h"
#include "commands/common/model_options.h"
#include "commands/common/not_finite.h"
#include "commands/common/table.h"
#include "commands/common/write_files.h"
#include "formats/image.h"
#include "support/check.h"

namespace halcyon::commands {
namespace {

struct Options {
    CompileOptions compile;
    std::vector<std::string> inputs, outputs;
    std::string dump_folder;
};

/// What one run of the model gave: outputs[door] and, for --dump-layers, values[node] of the graph of layers.
struct ItemResult {
    std::vector<std::string> outputs;
    std::vector<std::string> values;
};

std::vector<const void*> pointers(const std::vector<std::string>& buffers) {
    std::vector<const void*> result;
    for (const std::string& buffer : buffers) result.push_back(buffer.data());
    return result;
}

/// Doors keep their types; what layers compute is float32.
TensorType file_type(const Graph& layers, std::size_t node) {
    const NodeId id = static_cast<NodeId>(node);
    const bool is_door = std::find(layers.inputs.begin(), layers.inputs.end(), id) != layers.inputs.end();
    return {is_door ? layers.nodes[node].type.element : ElementType::float32, layers.nodes[node].type.shape};
}

ItemResult run_item(RunnableModel& runnable, const std::vector<std::string>& inputs, const Options& options) {
    const Program& program = runnable.model.program;
    ItemResult result;
    for (std::size_t door = 0; door < program.outputs.size(); ++door)
        result.outputs.emplace_back(runnable.loaded->output_bytes(static_cast<int>(door)), '\0');
    if (options.dump_folder.empty()) {
        std::vector<void*> outputs;
        for (std::string& bytes : result.outputs) outputs.push_back(bytes.data());
        CHECK_INTERNAL(runnable.loaded->run(pointers(inputs), outputs, options.compile.threads) == 0);
        return result;
    }
    std::vector<Array> values = layer_values(runnable, inputs, result.outputs);
    for (std::size_t node = 0; node < values.size(); ++node) {
        for (double& value : values[node].values()) value = static_cast<double>(static_cast<float>(value));
        result.values.push_back(bytes_of_exact(file_type(runnable.model.layers, node).element, values[node]));
    }
    return result;
}

/// One array of all items, with a leading axis where the input was a batch. NumPy has no bfloat16: float32 holds it exactly.
std::string stacked_npy(TensorType type, const std::vector<std::string_view>& items, bool batch) {
    std::string bytes;
    for (std::string_view item : items) {
        bytes += type.element == ElementType::bfloat16 ? bytes_of_exact(ElementType::float32, array_of(type, item))
                                                       : std::string(item);
    }
    if (type.element == ElementType::bfloat16) type.element = ElementType::float32;
    if (batch) type.shape.insert(type.shape.begin(), static_cast<std::int64_t>(items.size()));
    return npy_bytes(stored_type(type.element), type.shape, bytes);
}

std::vector<std::string_view> outputs_of(const std::vector<ItemResult>& results, int door) {
    std::vector<std::string_view> items;
    for (const ItemResult& result : results) items.push_back(result.outputs[static_cast<std::size_t>(door)]);
    return items;
}

/// A value of 0..255, rounded; what lies outside becomes the nearest.
std::uint8_t pixel(double value) {
    return static_cast<std::uint8_t>(std::isnan(value) ? 0.0 : std::round(std::clamp(value, 0.0, 255.0)));
}

bool write_picture(const DoorFile& file, const Door& door, const std::vector<std::string_view>& items,
                   CommandContext& context) {
    const Shape& shape = door.type.shape;
    const bool grey = shape.size() == 2;
    if (items.size() != 1 || !(grey || (shape.size() == 3 && (shape[2] == 1 || shape[2] == 3))) || shape[0] > 1 << 20 ||
        shape[1] > 1 << 20) {
        context.diag
            .error(Code::wrong_input, {}, "the output '{}', {}{}, is no picture", door.name, to_text(door.type),
                   items.size() == 1 ? "" : fmt::format(" of {} items", items.size()))
            .hint = "write a .npy file";
        return false;
    }
    Image image{static_cast<int>(shape[1]), static_cast<int>(shape[0]), grey ? 1 : static_cast<int>(shape[2]), {}};
    const Array values = array_of(door.type, items[0]);
    for (double value : values.values()) image.pixels.push_back(pixel(value));
    return write_file(file.path, png_bytes(image), context.files, context.diag);
}

bool write_outputs(const std::vector<DoorFile>& files, const std::vector<Door>& doors,
                   const std::vector<ItemResult>& results, bool batch, CommandContext& context) {
    bool good = true;
    for (const DoorFile& file : files) {
        const Door& door = doors[static_cast<std::size_t>(file.door)];
        const std::vector<std::string_view> items = outputs_of(results, file.door);
        if (file.path.ends_with(".png")) {
            good &= write_picture(file, door, items, context);
        } else if (file.path.ends_with(".npy")) {
            good &= write_file(file.path, stacked_npy(door.type, items, batch), context.files, context.diag);
        } else {
            context.diag.error(Code::wrong_input, {},
                               "'{}' is neither .npy nor .png; outputs are written as one of these", file.path);
            good = false;
        }
    }
    return good;
}

bool dump_layers(const std::string& folder, const Graph& layers, const std::vector<ItemResult>& results, bool batch,
                 CommandContext& context) {
    std::vector<std::string> names;
    for (const Node& node : layers.nodes) names.push_back(node.name);
    names = layer_file_names(names);
    std::vector<LibraryFile> files;
    for (std::size_t node = 0; node < layers.nodes.size(); ++node) {
        std::vector<std::string_view> items;
        for (const ItemResult& result : results) items.push_back(result.values[node]);
        files.push_back({names[node] + ".npy", stacked_npy(file_type(layers, node), items, batch)});
    }
    return write_files(folder, files, context.files, context.diag);
}

void print_vector(const Array& values) {
    constexpr std::int64_t most = 5;
    std::vector<std::int64_t> order(static_cast<std::size_t>(values.size()));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    const std::int64_t shown = std::min(most, values.size());
    std::partial_sort(order.begin(), order.begin() + shown, order.end(), [&](std::int64_t a, std::int64_t b) {
        const double x = std::isnan(values[a]) ? -HUGE_VAL : values[a];
        const double y = std::isnan(values[b]) ? -HUGE_VAL : values[b];
        return x != y ? x > y : a < b;
    });
    for (std::int64_t i = 0; i < shown; ++i) {
        const std::int64_t at = order[static_cast<std::size_t>(i)];
        fmt::print("  {:>6}  {:.6g}\n", at, values[at]);
    }
}

void print_outputs(const std::vector<Door>& doors, const std::vector<ItemResult>& results) {
    for (std::size_t item = 0; item < results.size(); ++item) {
        for (std::size_t door = 0; door < doors.size(); ++door) {
            const Array values = array_of(doors[door].type, results[item].outputs[door]);
            const std::string which = results.size() > 1 ? fmt::format("[{}]", item) : "";
            if (values.shape().size() == 1) {
                fmt::print("{}{}: top {} of {}\n", doors[door].name, which, std::min<std::int64_t>(5, values.size()),
                           values.size());
                print_vector(values);
                continue;
            }
            const auto [low, high] = std::minmax_element(values.values().begin(), values.values().end());
            const double sum = std::accumulate(values.values().begin(), values.values().end(), 0.0);
            fmt::print("{}{}: {}  min {:.6g}  max {:.6g}  mean {:.6g}\n", doors[door].name, which,
                       to_text(doors[door].type), *low, *high, sum / static_cast<double>(values.size()));
        }
    }
}

/// Says where numbers went astray, if an output is not finite; whether one is.
bool warn_if_not_finite(RunnableModel& runnable, const std::vector<std::string>& inputs, const ItemResult& result,
                        CommandContext& context) {
    const Program& program = runnable.model.program;
    const Graph& layers = runnable.model.layers;
    for (std::size_t door = 0; door < program.outputs.size(); ++door) {
        const Array output = array_of(program.outputs[door].type, result.outputs[door]);
        if (std::all_of(output.values().begin(), output.values().end(), [](double x) { return std::isfinite(x); }))
            continue;
        std::vector<Array> arrays;
        for (std::size_t i = 0; i < inputs.size(); ++i) arrays.push_back(array_of(program.inputs[i].type, inputs[i]));
        const auto astray =
            find_not_finite(layers, runnable.weights.source, evaluate(layers, runnable.weights.source, arrays));
        const std::string sentence =
            astray ? astray->sentence : "in double precision everything is finite: a kernel overflows";
        const NodeId node = astray ? astray->node : layers.outputs[door].node;
        context.diag.warning(Code::not_finite, layers.nodes[static_cast<std::size_t>(node)].span,
                             "the output '{}' is not finite: {}", program.outputs[door].name, sentence);
        return true;
    }
    return false;
}

int run(const Options& options, CommandContext& context) {
    std::optional<RunnableModel> runnable = load_runnable(context, options.compile);
    if (!runnable) return 1;
    const Program& program = runnable->model.program;
    const auto outputs = match_doors(options.outputs, program.outputs, false, context.diag);
    const auto inputs = read_inputs(options.inputs, program.inputs, context.diag);
    if (!inputs || !outputs) return 1;

    std::vector<ItemResult> results;
    bool warned = false;
    for (const auto& item : inputs->items) {
        results.push_back(run_item(*runnable, item, options));
        warned = warned || warn_if_not_finite(*runnable, item, results.back(), context);
    }
    if (!options.dump_folder.empty() &&
        !dump_layers(options.dump_folder, runnable->model.layers, results, inputs->batch, context))
        return 1;
    if (outputs->empty()) {
        print_outputs(program.outputs, results);
        return 0;
    }
    return write_outputs(*outputs, program.outputs, results, inputs->batch, context) ? 0 : 1;
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    add_model_options(app, options->compile);
    app.add_option("--input", options->inputs,
                   "what to run on, [NAME=]FILE: .npy (one axis more is a batch), PNG or JPEG")
        ->type_name("FILE")
        ->required();
    app.add_option("--output", options->outputs,
                   "where to write outputs, [NAME=]FILE: .npy or PNG (default: print a summary)")
        ->type_name("FILE");
    app.add_option("--dump-layers", options->dump_folder,
                   "write every layer's output as LAYER.npy, also those that a kernel computes together with others")
        ->type_name("DIR");
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command run_command;
const Command run_command{"run", "Compiles a spec in memory and runs it on files.", declare};

}  // namespace halcyon::commands
