#include "exporters/torch_initializers.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporters/torch_scalar.h"
#include "importers/source_text.h"

namespace halcyon {
namespace {

struct Fans {
    double in = 1.0, out = 1.0;
    friend bool operator==(const Fans&, const Fans&) = default;
};

/// Keras's, of a weight's shape as Keras has it.
Fans keras_fans(const Shape& shape) {
    if (shape.empty()) return {};
    if (shape.size() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
    double window = 1.0;
    for (std::size_t i = 0; i + 2 < shape.size(); ++i) window *= static_cast<double>(shape[i]);
    return {static_cast<double>(shape[shape.size() - 2]) * window, static_cast<double>(shape.back()) * window};
}

std::int64_t argument_of(const TorchModule& module, std::string_view name) {
    for (const TorchArgument& argument : module.arguments) {
        if (argument.name == name) return argument.value.integer() != nullptr ? *argument.value.integer() : 0;
    }
    return 0;
}

/// What nn.init computes of the same weight as PyTorch lays it out.
Fans torch_fans(const TorchModule& module, const Shape& shape) {
    if (!module.type.starts_with("nn.Conv")) return keras_fans(shape);
    Fans fans;
    double window = 1.0;
    for (std::size_t i = 0; i + 2 < shape.size(); ++i) window *= static_cast<double>(shape[i]);
    const auto in = static_cast<double>(argument_of(module, "in_channels"));
    const auto out = static_cast<double>(argument_of(module, "out_channels"));
    const auto groups = static_cast<double>(std::max<std::int64_t>(argument_of(module, "groups"), 1));
    fans = {in / groups * window, out * window};
    // The transposed weight is (in, out, window), and both frameworks count its second axis as what goes in.
    if (module.type.starts_with("nn.ConvTranspose")) fans = {out * window, in * window};
    return fans;
}

/// A call on "{}".
struct Call {
    std::string text;
    bool calls_function = false;
};

/// From a variance: {} uniform within its limits, or normal, or normal and cut at two deviations.
std::string drawn(double variance, const std::string& distribution) {
    // The deviation of a standard normal truncated at two.
    constexpr double truncated_deviation = 0.87962566103423978;
    constexpr double digits = 1e9;
    const auto rounded = [](double number) { return torch_number(std::round(number * digits) / digits); };
    if (distribution == "uniform") {
        const std::string limit = rounded(std::sqrt(3.0 * variance));
        return fmt::format("nn.init.uniform_({{}}, -{0}, {0})", limit);
    }
    if (distribution != "truncated_normal")
        return fmt::format("nn.init.normal_({{}}, std={})", rounded(std::sqrt(variance)));
    const double deviation = std::sqrt(variance) / truncated_deviation;
    return fmt::format("nn.init.trunc_normal_({{}}, std={}, a=-{}, b={})", rounded(deviation), rounded(2.0 * deviation),
                       rounded(2.0 * deviation));
}

Call scaled(const TorchModule& module, const Shape& shape, double scale, const std::string& mode,
            const std::string& distribution) {
    const Fans keras = keras_fans(shape), torch = torch_fans(module, shape);
    const auto fan = [&](const Fans& fans) {
        return std::max(1.0, mode == "fan_in" ? fans.in : mode == "fan_out" ? fans.out : (fans.in + fans.out) / 2.0);
    };
    const bool known = shape.size() >= 2 && module.type.starts_with("nn.");
    if (!known || fan(keras) != fan(torch)) return {drawn(scale / fan(keras), distribution)};
    if (distribution == "uniform" && mode == "fan_avg" && scale == 1.0) return {"nn.init.xavier_uniform_({})"};
    if (distribution == "uniform" && mode == "fan_in" && scale == 2.0)
        return {"nn.init.kaiming_uniform_({}, nonlinearity=\"relu\")"};
    if (distribution == "uniform" && mode == "fan_in" && scale == 1.0)
        return {"nn.init.kaiming_uniform_({}, nonlinearity=\"linear\")"};
    return {fmt::format("variance_scaling_({{}}, {}, \"{}\", \"{}\")", torch_number(scale), mode, distribution), true};
}

Call call_for(const TorchModule& module, const Weight& weight) {
    const Value::Object& initializer = *weight.initializer.object();
    const std::string& name = initializer.class_name;
    const auto number = [&](const char* argument) { return *initializer.arguments.at(argument).real(); };
    if (name == "Zeros") return {"nn.init.zeros_({})"};
    if (name == "Ones") return {"nn.init.ones_({})"};
    if (name == "Constant") return {fmt::format("nn.init.constant_({{}}, {})", torch_number(number("value")))};
    if (name == "RandomUniform")
        return {fmt::format("nn.init.uniform_({{}}, {}, {})", torch_number(number("minval")),
                            torch_number(number("maxval")))};
    if (name == "RandomNormal")
        return {
            fmt::format("nn.init.normal_({{}}, {}, {})", torch_number(number("mean")), torch_number(number("stddev")))};
    if (name == "TruncatedNormal") {
        const double mean = number("mean"), deviation = number("stddev");
        return {fmt::format("nn.init.trunc_normal_({{}}, {}, {}, {}, {})", torch_number(mean), torch_number(deviation),
                            torch_number(mean - 2.0 * deviation), torch_number(mean + 2.0 * deviation))};
    }
    if (name == "VarianceScaling")
        return scaled(module, weight.shape, number("scale"), *initializer.arguments.at("mode").string(),
                      *initializer.arguments.at("distribution").string());
    const double scale = name.starts_with("He") ? 2.0 : 1.0;
    return scaled(module, weight.shape, scale, name.starts_with("Glorot") ? "fan_avg" : "fan_in",
                  name.ends_with("Uniform") ? "uniform" : "truncated_normal");
}

/// What PyTorch's constructor, or that of a class of the file's own, has done already.
bool is_done(const TorchModule& module, const TorchWeight& weight) {
    const std::string& name = weight.weight.initializer.object()->class_name;
    if (module.type.starts_with("nn.BatchNorm") || module.type == "nn.LayerNorm" || module.type == "nn.GroupNorm") {
        const bool one = weight.parameter == "weight" || weight.parameter == "running_var";
        return name == (one ? "Ones" : "Zeros");
    }
    return !module.type.starts_with("nn.") && (name == "Zeros" || name == "Ones" || name == "Constant");
}

constexpr const char* scaling_function = R"(def variance_scaling_(weight, scale, mode, distribution):
    """Keras's VarianceScaling; a truncated normal has the asked variance after what lies beyond two deviations is cut."""
    fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(weight)
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
    std = (scale / fan) ** 0.5
    if distribution == "uniform":
        nn.init.uniform_(weight, -(3**0.5) * std, 3**0.5 * std)
    elif distribution == "truncated_normal":
        std /= 0.87962566103423978
        nn.init.trunc_normal_(weight, std=std, a=-2 * std, b=2 * std)
    else:
        nn.init.normal_(weight, std=std)
)";

struct Parameter {
    std::string path, name;  ///< "blocks.0.conv1", "weight"
    std::string call;
};

}  // namespace

TorchInitializers torch_initializers(const std::vector<TorchPath>& paths) {
    TorchInitializers result;
    // By module type and parameter: what most of them get is said once.
    std::map<std::string, std::map<std::string, std::vector<Parameter>>> by_type;
    std::map<std::string, std::size_t> modules;
    for (const TorchPath& path : paths) {
        ++modules[path.module->type];
        for (const TorchWeight& weight : path.module->weights) {
            if (is_done(*path.module, weight)) continue;
            Call call = call_for(*path.module, weight.weight);
            if (call.calls_function) result.function = scaling_function;
            by_type[path.module->type][weight.parameter].push_back({path.path, weight.parameter, std::move(call.text)});
        }
    }
    std::map<std::string, std::vector<std::string>> types_by_body;
    std::map<std::string, std::vector<std::string>> exceptions;  // calls: the parameters that get them
    for (const auto& [type, parameters] : by_type) {
        std::string body;
        for (const char* role : {"weight", "bias", "running_mean", "running_var"}) {
            const auto found = parameters.find(role);
            if (found == parameters.end() || !type.starts_with("nn.")) continue;
            std::map<std::string, std::size_t> counts;
            for (const Parameter& parameter : found->second) ++counts[parameter.call];
            const auto most = std::max_element(counts.begin(), counts.end(),
                                               [](const auto& a, const auto& b) { return a.second < b.second; });
            // One module alone of its type, or of its initializer, is an exception by its name.
            const bool all_have = found->second.size() == modules[type];
            std::string call = most->first;
            call.replace(call.find("{}"), 2, fmt::format("module.{}", role));
            body += all_have ? fmt::format("    {}\n", call)
                             : fmt::format("    if module.{} is not None:\n        {}\n", role, call);
            for (const Parameter& parameter : found->second) {
                if (parameter.call != most->first)
                    exceptions[parameter.call].push_back(fmt::format("{}.{}", parameter.path, role));
            }
        }
        if (!body.empty()) types_by_body[body].push_back(type);
        for (const auto& [role, list] : parameters) {
            if (type.starts_with("nn.")) continue;
            for (const Parameter& parameter : list)
                exceptions[parameter.call].push_back(fmt::format("{}.{}", parameter.path, role));
        }
    }
    if (types_by_body.empty() && exceptions.empty()) return result;
    if (!types_by_body.empty()) {
        result.lines.emplace_back("for module in self.modules():");
        bool first = true;
        for (const auto& [body, types] : types_by_body) {
            const std::string all = types.size() == 1 ? types[0] : fmt::format("({})", fmt::join(types, ", "));
            result.lines.push_back(fmt::format("    {} isinstance(module, {}):", first ? "if" : "elif", all));
            first = false;
            std::size_t at = 0;
            while (at < body.size()) {
                const std::size_t end = body.find('\n', at);
                result.lines.push_back("    " + body.substr(at, end - at));
                at = end + 1;
            }
        }
    }
    for (const auto& [call, parameters] : exceptions) {
        std::string text = call;
        if (parameters.size() == 1) {
            text.replace(text.find("{}"), 2,
                         fmt::format("self.get_parameter({})", importers::string_literal(parameters[0])));
            result.lines.push_back(text);
            continue;
        }
        text.replace(text.find("{}"), 2, "self.get_parameter(name)");
        std::vector<std::string> names;
        for (const std::string& parameter : parameters) names.push_back(importers::string_literal(parameter));
        constexpr std::size_t indent = 8;
        for (const std::string& line : wrapped("for name in ", names, ":", indent)) result.lines.push_back(line);
        result.lines.push_back("    " + text);
    }
    return result;
}

}  // namespace halcyon
