#include "exporters/torch_doc.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporters/torch_source.h"
#include "importers/source_text.h"

namespace halcyon {
namespace {

/// Words on lines of at most 120 columns, the first after `first`, the others after as many blanks.
std::string filled(const std::string& first, std::string_view words) {
    std::string text, line = first;
    const std::string indent(first.size(), ' ');
    bool empty = true;
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(' '), words.size());
        const std::string_view word = words.substr(0, end);
        words.remove_prefix(std::min(end + 1, words.size()));
        if (!empty && line.size() + 1 + word.size() > torch_line_width) {
            text += line + "\n";
            line = indent;
            empty = true;
        }
        line += (empty ? "" : " ") + std::string(word);
        empty = false;
    }
    return text + line + "\n";
}

struct Note {
    std::string_view type;  ///< what the module's type begins with
    std::string_view text;
};

constexpr Note notes[] = {
    {"nn.Conv1d", "Conv1D: the kernel (width, in / groups, out) is a weight (out, in / groups, width)."},
    {"nn.Conv2d",
     "Conv2D: the kernel (height, width, in / groups, out) is a weight (out, in / groups, height, width)."},
    {"nn.Conv3d",
     "Conv3D: the kernel (depth, height, width, in / groups, out) is a weight (out, in / groups, depth, height, "
     "width)."},
    {"nn.ConvTranspose",
     "Transposed convolutions: the kernel (window..., out, in) is a weight (in, out, window...). padding is what is "
     "cut off both sides of the result, output_padding is given back after it."},
    {"nn.Linear", "Dense: the kernel (in, out) is a weight (out, in)."},
    {"nn.BatchNorm",
     "BatchNormalization: gamma, beta, moving_mean and moving_variance are weight, bias, running_mean and running_var. "
     "Keras's momentum says what stays of the old average, PyTorch's what the new one is given: 0.99 there is 0.01 "
     "here. epsilon is written because the defaults differ, 1e-3 there, 1e-5 here."},
    {"nn.LayerNorm", "LayerNormalization: gamma and beta are weight and bias; its axes are brought to the end."},
    {"nn.GroupNorm", "GroupNormalization: gamma and beta are weight and bias."},
    {"nn.AvgPool", "AveragePooling: Keras never counts padding, PyTorch does unless count_include_pad=False."},
    {"nn.Dropout", "Dropout and the norms act as in training until the model's eval() is called."},
};

bool pads_unevenly(const TorchNetwork& network) {
    return std::any_of(network.modules.begin(), network.modules.end(), [](const TorchModule& module) {
        return std::any_of(module.arguments.begin(), module.arguments.end(),
                           [](const TorchArgument& argument) { return uneven_padding_of(argument.value).has_value(); });
    });
}

}  // namespace

std::string torch_doc(const TorchNetwork& network, const std::string& model_class, const std::string& spec,
                      const std::string& weights) {
    std::string text =
        fmt::format("\"\"\"{} as a module of PyTorch, written by Halcyon from {}.\n\n", model_class, spec);
    std::string doc = network.doc;
    for (std::size_t at = doc.find("\"\"\""); at != std::string::npos; at = doc.find("\"\"\""))
        doc.replace(at, 3, "'''");
    std::replace(doc.begin(), doc.end(), '\\', '/');
    if (!doc.empty()) text += doc + (doc.ends_with('\n') ? "\n" : "\n\n");
    std::vector<std::string> inputs;
    for (const TorchDoor& input : network.inputs) inputs.push_back(torch_name(input.name, "inputs"));
    text += fmt::format("    model = {}()\n", model_class);
    if (!weights.empty())
        text += fmt::format("    model.load_weights({})\n    model.eval()\n", importers::string_literal(weights));
    const std::string result = network.outputs.size() == 1 ? torch_name(network.outputs[0].name, "output") : "outputs";
    text += fmt::format("    {} = model({})\n\n", result == "model" ? "output" : result, fmt::join(inputs, ", "));
    for (std::size_t i = 0; i < inputs.size(); ++i)
        text += fmt::format("Input {}: {}.\n", inputs[i], network.inputs[i].description);
    for (const TorchDoor& output : network.outputs) {
        const std::string name =
            network.outputs.size() == 1 ? result : fmt::format("outputs[{}]", importers::string_literal(output.name));
        text += fmt::format("Output {}: {}.\n", name, output.description);
    }
    std::string changes;
    for (const Note& note : notes) {
        const bool applies = std::any_of(network.modules.begin(), network.modules.end(),
                                         [&](const TorchModule& module) { return module.type.starts_with(note.type); });
        if (applies) changes += filled("- ", note.text);
    }
    const bool grouped = std::any_of(network.modules.begin(), network.modules.end(), [](const TorchModule& module) {
        return std::any_of(module.arguments.begin(), module.arguments.end(), [](const TorchArgument& argument) {
            return argument.name == "groups" && argument.value != argument.default_value;
        });
    });
    if (grouped) changes += filled("- ", "Depthwise convolutions are convolutions with as many groups as channels.");
    const auto says = [&](std::string_view function) {
        return std::any_of(network.steps.begin(), network.steps.end(),
                           [&](const TorchStep& step) { return step.expression.find(function) != std::string::npos; });
    };
    if (pads_unevenly(network))
        changes +=
            filled("- ", "padding=\"same\" pads as much as ceil(in / stride) results need, and what is odd after the "
                         "image: PyTorch's padding is the same on both sides, so F.pad does it where it is not. Its "
                         "list begins with the last axis.");
    if (says(".permute("))
        changes +=
            filled("- ", "Where the spec flattens, reshapes or multiplies along its last axis, permute brings the "
                         "axes into its order first: weights after it keep the rows that they have there.");
    if (!changes.empty())
        text += "\nThe spec speaks Keras's language, with channels last. What is different here:\n\n" + changes;
    return text + "\"\"\"\n\n";
}

}  // namespace halcyon
