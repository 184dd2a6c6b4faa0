#include "exporters/torch_weights.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporters/torch_initializers.h"
#include "exporters/torch_layer_names.h"
#include "importers/source_text.h"

namespace halcyon {
namespace {

std::string role_of(const Weight& weight) {
    return weight.name.substr(weight.name.rfind('/') + 1);
}

std::string layer_of(const Weight& weight) {
    return weight.name.substr(0, weight.name.rfind('/'));
}

std::string quoted(const std::string& text) {
    return importers::string_literal(text);
}

/// The roles that most layers give to a type's parameters: {"weight": "kernel", "bias": "bias"}.
using Roles = std::vector<std::pair<std::string, std::string>>;

/// How Keras calls the parameters of a module of PyTorch's.
Roles keras_roles(const TorchModule& module) {
    const std::string& type = module.type;
    if (type.starts_with("nn.Conv") || type == "nn.Linear") return {{"weight", "kernel"}, {"bias", "bias"}};
    if (type.starts_with("nn.BatchNorm"))
        return {
            {"weight", "gamma"}, {"bias", "beta"}, {"running_mean", "moving_mean"}, {"running_var", "moving_variance"}};
    if (type == "nn.LayerNorm" || type == "nn.GroupNorm") return {{"weight", "gamma"}, {"bias", "beta"}};
    if (type == "nn.PReLU") return {{"weight", "alpha"}};
    Roles own;
    for (const TorchWeight& weight : module.weights) own.emplace_back(weight.parameter, role_of(weight.weight));
    return own;
}

/// Norms have both parameters in PyTorch, where Keras may have one.
bool lacks_one(const TorchModule& module) {
    const bool norm =
        module.type.starts_with("nn.BatchNorm") || module.type == "nn.LayerNorm" || module.type == "nn.GroupNorm";
    const auto has = [&](const char* parameter) {
        return std::any_of(module.weights.begin(), module.weights.end(),
                           [&](const TorchWeight& weight) { return weight.parameter == parameter; });
    };
    return norm && has("weight") != has("bias");
}

/// Whether the kernel is a depthwise one, (window..., in, multiplier).
bool is_depthwise(const TorchModule& module) {
    if (!module.type.starts_with("nn.Conv") || module.type.starts_with("nn.ConvTranspose")) return false;
    return module.weights[0].weight.shape.back() != *module.arguments[1].value.integer();
}

/// What from_keras does with the kernels of convolutions, of one or several types.
std::string kernel_conversion(const std::vector<std::string>& types, bool depthwise) {
    const std::string all = types.size() == 1 ? types[0] : fmt::format("({})", fmt::join(types, ", "));
    const auto is_transposed = [](const std::string& type) { return type.starts_with("nn.ConvTranspose"); };
    const bool transposed = std::any_of(types.begin(), types.end(), is_transposed);
    const bool plain = !std::all_of(types.begin(), types.end(), is_transposed);
    std::string text = fmt::format("    if isinstance(module, {}) and weight.dim() > 1:\n", all);
    if (plain) text += "        # (window..., in / groups, out) -> (out, in / groups, window...)\n";
    if (transposed) text += "        # Transposed convolutions: (window..., out, in) -> (in, out, window...)\n";
    if (depthwise) {
        text +=
            "        # Depthwise ones: (window..., in, multiplier), the filters of one channel after those of the "
            "other\n"
            "        weight = weight.reshape(*module.kernel_size, module.weight.shape[1], module.weight.shape[0])\n";
    }
    return text + "        return weight.permute(-1, -2, *range(weight.dim() - 2))\n";
}

/// def from_keras(weight, module): only what the network needs.
std::string conversion(const std::vector<TorchPath>& paths) {
    std::set<std::string> types;
    bool depthwise = false;
    for (const TorchPath& path : paths) {
        types.insert(path.module->type);
        depthwise = depthwise || is_depthwise(*path.module);
    }
    std::vector<std::string> convolutions;
    for (const std::string& type : types) {
        if (type.starts_with("nn.Conv")) convolutions.push_back(type);
    }
    std::string text = "def from_keras(weight, module):\n"
                       "    \"\"\"A weight as Keras lays it out, as PyTorch does.\"\"\"\n";
    if (!convolutions.empty()) text += kernel_conversion(convolutions, depthwise);
    if (types.contains("nn.Linear")) {
        text += "    if isinstance(module, nn.Linear) and weight.dim() == 2:\n"
                "        return weight.T  # (in, out) -> (out, in)\n";
    }
    if (types.contains("nn.PReLU")) {
        text += "    if isinstance(module, nn.PReLU):\n"
                "        return weight.flatten()  # (1, 1, channels) -> (channels,)\n";
    }
    return text + "    return weight\n";
}

void add_table(std::string& text, const std::string& name, const std::vector<std::string>& entries) {
    if (entries.empty()) return;
    text += fmt::format("{} = {{\n", name);
    for (const std::string& entry : entries) text += fmt::format("    {},\n", entry);
    text += "}\n\n";
}

}  // namespace

TorchWeightsText torch_weights(const std::vector<TorchPath>& paths) {
    TorchWeightsText result;
    if (paths.empty()) return result;
    std::map<std::string, Roles> roles;
    std::vector<std::pair<std::string, std::string>> layers;  // of modules with other names
    std::vector<std::string> tensors;
    bool some_lack = false, some_tensors = false;
    for (const TorchPath& path : paths) {
        const TorchModule& module = *path.module;
        const Roles known = roles.emplace(module.type, keras_roles(module)).first->second;
        const std::string layer = layer_of(module.weights[0].weight);
        if (layer != path.path) layers.emplace_back(path.path, layer);
        for (const TorchWeight& weight : module.weights) {
            const auto role = std::find_if(known.begin(), known.end(),
                                           [&](const auto& each) { return each.first == weight.parameter; });
            if (role->second == role_of(weight.weight) && layer == layer_of(weight.weight)) continue;
            tensors.push_back(
                fmt::format("{}: {}", quoted(path.path + "." + weight.parameter), quoted(weight.weight.name)));
        }
        some_lack = some_lack || lacks_one(module);
    }
    some_tensors = !tensors.empty();

    std::vector<std::string> names;
    for (const auto& [type, list] : roles) {
        std::vector<std::string> entries;
        for (const auto& [parameter, role] : list)
            entries.push_back(fmt::format("{}: {}", quoted(parameter), quoted(role)));
        const std::string one_line = fmt::format("{}: {{{}}},", type, fmt::join(entries, ", "));
        constexpr std::size_t indent = 12;
        if (indent + one_line.size() <= torch_line_width) {
            names.push_back(one_line);
            continue;
        }
        names.push_back(fmt::format("{}: {{", type));
        for (const std::string& entry : entries) names.push_back(fmt::format("    {},", entry));
        names.emplace_back("},");
    }
    const TorchLayerNames layer_names = torch_layer_names(layers);
    result.tables += layer_names.tables;
    if (some_tensors) result.tables += "# Parameters whose tensor has a name of its own.\n";
    add_table(result.tables, "TENSORS", tensors);
    result.tables += "\n" + conversion(paths) + "\n";

    TorchInitializers initializers = torch_initializers(paths);
    if (!initializers.function.empty()) result.tables += "\n" + initializers.function + "\n";
    result.resets = !initializers.lines.empty();
    auto& lines = result.methods;
    if (result.resets) {
        lines.insert(lines.end(), {"", "@torch.no_grad()", "def reset_parameters(self):",
                                   "    \"\"\"What the spec's initializers say, which are Keras's.\"\"\""});
        for (const std::string& line : initializers.lines) lines.push_back("    " + line);
    }
    lines.insert(
        lines.end(),
        {"", "def load_weights(self, file):",
         "    \"\"\"Reads a safetensors file in which Halcyon has the weights: LAYER/WEIGHT, in Keras's layouts.\"\"\"",
         "    names = {"});
    for (const std::string& name : names) lines.push_back("        " + name);
    lines.insert(lines.end(), {"    }", "    tensors = load_file(file)", "    state = {}",
                               "    for path, module in self.named_modules():",
                               "        for parameter, weight in names.get(type(module), {}).items():"});
    const std::string tensor = fmt::format("f\"{{{}}}/{{weight}}\"", layer_names.lookup);
    if (some_tensors) {
        lines.push_back(fmt::format("            name = TENSORS.get(f\"{{path}}.{{parameter}}\", {})", tensor));
    } else {
        lines.push_back(fmt::format("            name = {}", tensor));
    }
    // Of a layer that is two modules only one has the bias.
    lines.push_back(fmt::format("            if name in tensors{}:",
                                some_tensors ? " and getattr(module, parameter) is not None" : ""));
    lines.emplace_back("                state[f\"{path}.{parameter}\"] = from_keras(tensors[name], module)");
    if (some_lack) {
        lines.insert(
            lines.end(),
            {"            elif weight in (\"gamma\", \"beta\") and getattr(module, parameter) is not None:",
             "                # A norm without it (scale=False, center=False): PyTorch's is 1 or 0, and stays so.",
             "                state[f\"{path}.{parameter}\"] = getattr(module, parameter)"});
    }
    lines.push_back("    self.load_state_dict(state)");
    return result;
}

}  // namespace halcyon
