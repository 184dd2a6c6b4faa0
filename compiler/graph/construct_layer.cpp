// Conv2D(8, 3): arguments bound as the layer's definition says.

#include <algorithm>
#include <array>

#include "graph/interpreter.h"
#include "graph/keras_names.h"
#include "graph/layer_application.h"
#include "support/check.h"
#include "support/checked.h"
#include "support/utf8.h"

namespace halcyon::language {
namespace {

/// Keras's base class takes these for every layer.
constexpr std::array<std::string_view, 8> common_arguments = {
    "name", "dtype", "trainable", "autocast", "activity_regularizer", "input_shape", "input_dim", "batch_input_shape"};

const ArgumentDef* find_argument(const LayerDef& def, std::string_view name) {
    for (const ArgumentDef& argument : def.arguments) {
        if (argument.name == name) return &argument;
    }
    return nullptr;
}

/// keras.layers.ReLU() given as an activation: the activation that computes the same.
std::optional<std::string> activation_of(const LayerInstance& layer) {
    const Attributes& a = layer.attributes;
    const auto is_number = [&](const char* name, double expected) {
        const Value* value = a.find(name);
        return value && value->real() == expected;
    };
    if (layer.def->name == "Activation") return a.string("activation");
    if (layer.def->name == "ReLU" && is_number("negative_slope", 0) && is_number("threshold", 0)) {
        if (a.is_none("max_value")) return "relu";
        if (is_number("max_value", 6)) return "relu6";
    }
    if (layer.def->name == "ELU" && is_number("alpha", 1)) return "elu";
    if (layer.def->name == "LeakyReLU" && is_number("negative_slope", 0.2)) return "leaky_relu";
    if (layer.def->name == "Softmax" && is_number("axis", -1)) return "softmax";
    return std::nullopt;
}

void note_dtype(Elaboration& elaboration, const CallArgument& argument) {
    const std::string* dtype = argument.value.text();
    if (argument.value.is_none() || argument.value.is_poison() || (dtype && *dtype == "float32")) return;
    elaboration.diag.add(Severity::note, Code::training_only, argument.span,
                         "'dtype' of a layer is ignored: layers compute in float32");
}

/// input_shape=(28, 28, 1) or batch_input_shape=(None, 28, 28, 1).
bool read_input_shape(Elaboration& elaboration, const CallArgument& argument, bool with_batch, LayerInstance& layer) {
    std::optional<Elements> extents;
    if (const Elements* elements = argument.value.elements()) extents = *elements;
    if (argument.keyword == "input_dim" && argument.value.integer()) extents = Elements{argument.value};
    Shape shape;
    bool good = extents && extents->size() >= (with_batch ? 1 : 0);
    for (std::size_t i = with_batch ? 1 : 0; good && i < extents->size(); ++i) {
        const auto extent = (*extents)[i].integer();
        good = extent && *extent > 0 && *extent <= max_elements;
        if (good) shape.push_back(*extent);
    }
    if (!good) {
        elaboration.error(Code::bad_input, argument.span, "{} must be sizes that are known, like (28, 28, 1), got {}",
                          argument.keyword, display(argument.value));
        return false;
    }
    layer.input_shape = shape;
    layer.input_shape_span = argument.span;
    return check_size(elaboration, shape, "the input", argument.span);
}

/// An argument that every layer takes. False after a mistake.
bool bind_common(Elaboration& elaboration, const CallArgument& argument, LayerInstance& layer) {
    const std::string& name = argument.keyword;
    if (argument.value.is_poison()) return false;
    if (name == "name") return check_layer_name(elaboration, argument.value, argument.span, layer.name);
    if (name == "input_shape" || name == "input_dim") return read_input_shape(elaboration, argument, false, layer);
    if (name == "batch_input_shape") return read_input_shape(elaboration, argument, true, layer);
    if (name == "dtype") {
        note_dtype(elaboration, argument);
    } else if (name == "trainable" || (name == "activity_regularizer" && !argument.value.is_none())) {
        note_training_only(elaboration, name, argument.keyword_span);
    }
    return true;
}

void report_unknown(Elaboration& elaboration, const LayerDef& def, const CallArgument& argument) {
    std::vector<std::string_view> known;
    for (const ArgumentDef& other : def.arguments) known.push_back(other.name);
    known.insert(known.end(), common_arguments.begin(), common_arguments.end());
    Diagnostic& d = elaboration.error(Code::unknown_argument, argument.keyword_span, "{} has no argument '{}'",
                                      def.name, argument.keyword);
    if (const auto similar = nearest(argument.keyword, known); !similar.empty())
        d.hint = fmt::format("did you mean '{}'?", similar);
}

/// Checks one written argument and keeps its normal form. False after a mistake.
bool bind_argument(Elaboration& elaboration, const ArgumentDef& def, const CallArgument& argument,
                   LayerInstance& layer) {
    if (layer.argument_spans.contains(def.name)) {
        const Span span = argument.keyword.empty() ? argument.span : argument.keyword_span;
        elaboration.error(Code::repeated_argument, span, "'{}' is given twice", def.name)
            .notes.emplace_back(layer.argument_spans[def.name], "it already has a value here");
        return false;
    }
    layer.argument_spans[def.name] = argument.span;
    if (argument.value.is_poison()) return false;
    const auto plain = def.training_only ? std::optional(to_plain_value(argument.value).value_or(Value()))
                                         : to_plain_value(argument.value);
    std::string why;
    const std::optional<Value> normal = plain ? def.type.normalize(*plain, why) : std::nullopt;
    if (!normal) {
        const bool hint = why.starts_with("did you mean");
        Diagnostic& d =
            elaboration.error(Code::bad_argument, argument.span, "{} must be {}, got {}{}{}", def.name,
                              def.type.description, plain ? display(argument.value) : describe(argument.value),
                              hint || why.empty() ? "" : ": ", hint ? "" : why);
        if (hint) d.hint = why;
        if (argument.keyword.empty() && argument.value.get<Tensor>())
            d.hint = fmt::format("make the layer, then apply it: {}()(x)", layer.def->name);
        return false;
    }
    if (def.training_only && (!def.default_value || *normal != *def.default_value)) {
        note_training_only(elaboration, def.name, argument.keyword.empty() ? argument.span : argument.keyword_span);
    }
    layer.attributes.set(def.name, *normal);
    return true;
}

/// What is not written has its default; what has none and is not written is a mistake.
bool fill_defaults(Elaboration& elaboration, LayerInstance& layer) {
    std::string missing;
    for (const ArgumentDef& argument : layer.def->arguments) {
        if (layer.argument_spans.contains(argument.name)) continue;
        if (!argument.default_value) {
            missing += fmt::format("{}'{}'", missing.empty() ? "" : ", ", argument.name);
            continue;
        }
        std::string why;
        const std::optional<Value> normal = argument.type.normalize(*argument.default_value, why);
        CHECK_INTERNAL(normal.has_value());
        layer.attributes.set(argument.name, *normal);
    }
    if (missing.empty()) return true;
    elaboration.error(Code::missing_argument, layer.span, "{} needs {}", layer.def->name, missing);
    return false;
}

bool report_too_many(Elaboration& elaboration, const LayerDef& def, const CallArgument& argument) {
    const std::size_t count = def.arguments.size();
    if (argument.value.is_poison()) return false;
    Diagnostic& d =
        count == 0
            ? elaboration.error(Code::too_many_arguments, argument.span, "{} takes no positional arguments", def.name)
            : elaboration.error(Code::too_many_arguments, argument.span, "{} takes at most {} positional argument{}",
                                def.name, count, count == 1 ? "" : "s");
    if (argument.keyword.empty() && argument.value.get<Tensor>())
        d.hint = fmt::format("make the layer, then apply it: {}()(x)", def.name);
    return false;
}

/// {"class_name": "VarianceScaling", "config": {"scale": 2.0}}: an object as Keras stores it.
std::optional<Value> configured_object(const Dict& dict) {
    Value::Object object;
    for (const auto& [key, value] : dict.items) {
        const std::string* name = key.text();
        if (name == nullptr) return std::nullopt;
        if (*name == "class_name" && value.text()) object.class_name = *value.text();
        const auto* config = value.get<Dict*>();
        if (*name != "config" || config == nullptr) continue;
        for (const auto& [parameter, argument] : (*config)->items) {
            const auto plain = argument.get<Dict*>() ? std::nullopt : to_plain_value(argument);
            if (!parameter.text() || !plain) return std::nullopt;
            object.arguments[*parameter.text()] = *plain;
        }
    }
    if (object.class_name.empty()) return std::nullopt;
    return Value(std::move(object));
}

LayerInstance& new_layer(Elaboration& elaboration, const LayerDef& def, std::string name_prefix, Span span) {
    LayerInstance& layer = elaboration.layers.emplace_back();
    layer.def = &def;
    layer.name_prefix = std::move(name_prefix);
    layer.span = span;
    layer.creation = static_cast<int>(elaboration.layers.size());
    layer.session = elaboration.scope().session;
    elaboration.scope().created.push_back(&layer);
    return layer;
}

}  // namespace

bool check_size(Elaboration& elaboration, const Shape& shape, std::string_view what, Span span) {
    const auto count = checked_product(shape);
    if (count && *count <= max_elements) return true;
    const std::string product = count ? fmt::format("{}", *count) : std::string("more than 2^63");
    elaboration.error(Code::too_large, span, "{} has the shape {}, {} elements; at most {} are possible", what,
                      to_text(shape), product, max_elements);
    return false;
}

bool check_layer_name(Elaboration& elaboration, const LanguageValue& value, Span span, std::string& name) {
    constexpr std::size_t max_length = 255;
    if (value.is_none()) return true;
    const std::string* text = value.text();
    if (text == nullptr) {
        elaboration.error(Code::bad_argument, span, "name must be a text, got {}", describe(value));
        return false;
    }
    const auto is_visible = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f && c != '/'; };
    std::string_view rest = *text;
    bool good = !rest.empty() && rest.size() <= max_length && std::all_of(rest.begin(), rest.end(), is_visible);
    while (good && !rest.empty()) {
        const CodePoint c = first_code_point(rest);
        good = c.bytes > 0 && !is_bidirectional_control(c.value) && (c.value < 0x80 || c.value > 0xa0);
        rest.remove_prefix(std::max<std::size_t>(c.bytes, 1));
    }
    if (!good) {
        elaboration.error(Code::bad_name, span,
                          "{} cannot be a name: names are 1 to {} visible characters without '/' and blanks",
                          display(value), max_length);
        return false;
    }
    name = *text;
    return true;
}

void note_training_only(Elaboration& elaboration, std::string_view name, Span span) {
    if (!elaboration.noted.insert(std::string(name)).second) return;
    elaboration.diag.add(Severity::note, Code::training_only, span,
                         fmt::format("'{}' only matters for training and is ignored", name));
}

std::optional<Value> to_plain_value(const LanguageValue& value) {
    if (value.is_none()) return Value();
    if (const bool* b = value.get<bool>()) return Value(*b);
    if (const auto* n = value.get<std::int64_t>()) return Value(*n);
    if (const double* x = value.get<double>()) return Value(*x);
    if (const std::string* text = value.text()) return Value(*text);
    if (const auto* object = value.get<const Value::Object*>()) return Value(**object);
    if (const auto* activation = value.get<const ActivationFunction*>()) return Value((*activation)->name);
    if (const auto* type = value.get<const KerasClass*>()) return class_value(**type);
    if (const LayerInstance* layer = value.layer()) {
        if (auto name = activation_of(*layer)) return Value(*name);
        return std::nullopt;
    }
    if (const auto* dict = value.get<Dict*>()) return configured_object(**dict);
    const Elements* elements = value.elements();
    constexpr std::size_t max_length = 1000;
    if (elements == nullptr || elements->size() > max_length) return std::nullopt;
    Value::Sequence sequence;
    for (const LanguageValue& element : *elements) {
        // Arguments nest at most twice, ((1, 1), (1, 1)); this also ends lists that contain themselves.
        const Elements* inner = element.elements();
        if (inner &&
            std::any_of(inner->begin(), inner->end(), [](const LanguageValue& v) { return v.elements() != nullptr; })) {
            return std::nullopt;
        }
        const auto plain = to_plain_value(element);
        if (!plain) return std::nullopt;
        sequence.push_back(*plain);
    }
    return Value(std::move(sequence));
}

LanguageValue construct_layer(Elaboration& elaboration, const LayerDef& def, const CallArguments& arguments) {
    LayerInstance& layer = new_layer(elaboration, def, snake_case(def.name), arguments.call);
    bool good = true;
    std::size_t position = 0;
    std::set<std::string_view> common;
    for (const CallArgument& argument : arguments.list) {
        if (argument.keyword.empty()) {
            if (position == def.arguments.size()) {
                good = report_too_many(elaboration, def, argument);
                break;
            }
            good = bind_argument(elaboration, def.arguments[position++], argument, layer) && good;
        } else if (const ArgumentDef* known = find_argument(def, argument.keyword)) {
            good = bind_argument(elaboration, *known, argument, layer) && good;
        } else if (std::find(common_arguments.begin(), common_arguments.end(), argument.keyword) !=
                   common_arguments.end()) {
            if (!common.insert(argument.keyword).second) {
                elaboration.error(Code::repeated_argument, argument.keyword_span, "'{}' is given twice",
                                  argument.keyword);
                good = false;
            }
            good = bind_common(elaboration, argument, layer) && good;
        } else {
            report_unknown(elaboration, def, argument);
            good = false;
        }
    }
    good = fill_defaults(elaboration, layer) && good;
    if (!good) return Poison{};
    return &layer;
}

LayerInstance& make_layer(Elaboration& elaboration, const LayerDef& def,
                          const std::vector<std::pair<std::string, Value>>& attributes, std::string name_prefix,
                          Span span) {
    LayerInstance& layer = new_layer(elaboration, def, std::move(name_prefix), span);
    for (const auto& [name, value] : attributes) {
        const ArgumentDef* argument = find_argument(def, name);
        CHECK_INTERNAL(argument != nullptr);
        std::string why;
        const std::optional<Value> normal = argument->type.normalize(value, why);
        CHECK_INTERNAL(normal.has_value());
        layer.attributes.set(name, *normal);
        layer.argument_spans[name] = span;
    }
    CHECK_INTERNAL(fill_defaults(elaboration, layer));
    return layer;
}

}  // namespace halcyon::language
