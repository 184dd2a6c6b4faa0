#include "graph/keras_functions.h"

#include <algorithm>

#include "graph/call_binding.h"
#include "graph/layer_application.h"
#include "graph/operators.h"
#include "graph/sequences.h"
#include "graph/tensor_slices.h"
#include "support/check.h"

namespace halcyon::language {
namespace {

LanguageValue to_language_value(Elaboration& elaboration, const Value& value, Span span) {
    if (const auto* n = value.integer()) return *n;
    if (const auto* flag = value.boolean()) return *flag;
    if (const auto* text = value.string()) return elaboration.make_text(*text, span);
    if (const auto x = value.real()) return *x;
    return None{};
}

/// The call's first argument, or the one of that name; reports if there is none.
const CallArgument* first_argument(Elaboration& elaboration, const KerasFunction& function,
                                   const CallArguments& arguments, std::string_view name) {
    for (const CallArgument& argument : arguments.list) {
        if (argument.keyword.empty() || argument.keyword == name) return &argument;
    }
    elaboration.error(Code::missing_argument, arguments.call, "{}() needs '{}'", function.name, name);
    return nullptr;
}

std::optional<Tensor> tensor_in(Elaboration& elaboration, const KerasFunction& function, const CallArgument& argument) {
    if (const Tensor* tensor = argument.value.get<Tensor>()) return *tensor;
    Diagnostic& d = elaboration.error(Code::bad_layer_call, argument.span, "{}() takes a tensor, not {}", function.name,
                                      describe(argument.value));
    if (argument.value.layer()) d.hint = "apply that layer to a tensor first";
    return std::nullopt;
}

/// Makes `def` with the arguments behind the tensors, under the function's name, and applies it.
LanguageValue make_and_apply(Elaboration& elaboration, const KerasFunction& function, const LayerDef& def,
                             const CallArguments& arguments) {
    const CallArgument* input = first_argument(elaboration, function, arguments, function.input);
    if (input == nullptr) return Poison{};
    CallArguments rest = arguments;
    rest.list.clear();
    std::size_t position = 0;
    std::vector<std::string_view> written;
    for (const CallArgument& argument : arguments.list) {
        if (&argument == input) continue;
        if (argument.keyword.empty() && argument.value.get<Tensor>() && def.max_inputs > 1) {
            elaboration.error(Code::bad_layer_call, argument.span, "{}() takes its tensors as one list", function.name)
                .hint = fmt::format("{}([a, b])", function.name);
            return Poison{};
        }
        if (!argument.keyword.empty()) written.push_back(argument.keyword);
        if (argument.keyword.empty() && position < def.arguments.size())
            written.push_back(def.arguments[position++].name);
        rest.list.push_back(argument);
    }
    for (const auto& [name, value] : function.presets) {
        if (std::find(written.begin(), written.end(), name) != written.end()) continue;
        const LanguageValue preset = to_language_value(elaboration, value, arguments.call);
        rest.list.push_back({std::string(name), arguments.callee, preset, arguments.callee, nullptr});
    }
    const LanguageValue made = construct_layer(elaboration, def, rest);
    if (made.is_poison() || input->value.is_poison()) return Poison{};
    LayerInstance& layer = *made.layer();
    layer.name_prefix = function.name;
    CallArgument applied = *input;
    applied.keyword.clear();
    return call_layer(elaboration, layer, {{applied}, arguments.call, arguments.callee});
}

template <ast::BinaryOperator op>
LanguageValue call_binary(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, function.name, arguments, {"x1", "x2"}, 2);
    if (!bound) return Poison{};
    return apply_binary(elaboration, op, {(*bound)[0].value, (*bound)[0].span}, {(*bound)[1].value, (*bound)[1].span},
                        arguments.call);
}

/// maximum and minimum: of two tensors the layer, of a tensor and a number a bound.
LanguageValue call_extreme(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    auto bound = bound_arguments(elaboration, function.name, arguments, {"x1", "x2"}, 2);
    if (!bound) return Poison{};
    CallArgument& a = (*bound)[0];
    CallArgument& b = (*bound)[1];
    if (!a.value.get<Tensor>()) std::swap(a, b);
    const auto tensor = tensor_in(elaboration, function, a);
    if (!tensor) return Poison{};
    const bool largest = function.name == "maximum";
    if (b.value.is_number()) {
        LayerInstance& layer =
            make_layer(elaboration, *find_layer("Clip"), {{largest ? "x_min" : "x_max", Value(*b.value.real())}},
                       std::string(function.name), arguments.call);
        return apply_layer(elaboration, layer, {tensor->node}, arguments.call);
    }
    const auto other = tensor_in(elaboration, function, b);
    if (!other) return Poison{};
    LayerInstance& layer =
        make_layer(elaboration, *find_layer(function.layer), {}, std::string(function.name), arguments.call);
    // In the order of writing: messages about shapes name the first one first.
    const Tensor* first = arguments.list[0].value.get<Tensor>();
    const bool swapped = first && first->node == other->node;
    return apply_layer(elaboration, layer,
                       swapped ? std::vector{other->node, tensor->node} : std::vector{tensor->node, other->node},
                       arguments.call);
}

/// A tensor is what it is to these: cast, convert_to_tensor, ...
LanguageValue call_identity(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, function.name, arguments, {"x", "dtype"}, 1);
    if (!bound || !tensor_in(elaboration, function, (*bound)[0])) return Poison{};
    const std::string* dtype = (*bound)[1].value.text();
    if (dtype && *dtype != "float32") {
        elaboration.error(Code::not_supported, (*bound)[1].span, "layers compute in float32, not in {}", *dtype);
        return Poison{};
    }
    return (*bound)[0].value;
}

LanguageValue call_shape(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, function.name, arguments, {"x"}, 1);
    if (!bound || !tensor_in(elaboration, function, (*bound)[0])) return Poison{};
    return attribute_value(elaboration, (*bound)[0].value, (*bound)[0].span, std::string(function.layer),
                           arguments.callee);
}

/// An axis counted with the batch, as a place in the shape without it; `room` more may follow the last. Nothing, reported, for
/// the batch and beyond.
std::optional<std::size_t> axis_in(Elaboration& elaboration, const CallArgument& argument, std::int64_t axes,
                                   std::int64_t room = 0) {
    const auto axis = argument.value.integer();
    const std::int64_t all = axes + 1 + room;
    if (axis && *axis != 0 && *axis != -all && *axis < all && *axis > -all)
        return static_cast<std::size_t>(*axis < 0 ? *axis + all - 1 : *axis - 1);
    elaboration.error(Code::bad_axis, argument.span,
                      "axis must be a whole number from 1 to {} or from -{} to -1 (0 is the batch), got {}", all - 1,
                      all - 1, axis ? display(argument.value) : describe(argument.value));
    return std::nullopt;
}

/// The axes named by one number or several.
std::optional<std::vector<std::size_t>> axes_in(Elaboration& elaboration, const CallArgument& argument,
                                                std::int64_t axes) {
    std::vector<std::size_t> result;
    const Elements* several = argument.value.elements();
    for (const LanguageValue& one : several ? *several : Elements{argument.value}) {
        CallArgument each = argument;
        each.value = one;
        const auto axis = axis_in(elaboration, each, axes);
        if (!axis) return std::nullopt;
        result.push_back(*axis);
    }
    return result;
}

LanguageValue apply_made(Elaboration& elaboration, const KerasFunction& function, Tensor tensor, const char* layer,
                         const std::vector<std::pair<std::string, Value>>& attributes, Span call) {
    LayerInstance& made = make_layer(elaboration, *find_layer(layer), attributes, std::string(function.name), call);
    return apply_layer(elaboration, made, {tensor.node}, call);
}

Value sequence_of(const Shape& shape) {
    return Value(Value::Sequence(shape.begin(), shape.end()));
}

/// newshape counts the batch, which stays whatever it is.
LanguageValue call_reshape(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, function.name, arguments, {"x", "newshape"}, 2);
    const auto tensor = bound ? tensor_in(elaboration, function, (*bound)[0]) : std::nullopt;
    if (!tensor) return Poison{};
    const CallArgument& written = (*bound)[1];
    const Elements* extents = written.value.elements();
    Shape shape;
    bool good = extents && !extents->empty() && ((*extents)[0].is_none() || (*extents)[0].integer() == -1);
    for (std::size_t i = 1; good && i < extents->size(); ++i) {
        const auto extent = (*extents)[i].integer();
        good = extent && *extent >= -1 && *extent <= max_elements;
        if (good) shape.push_back(*extent);
    }
    if (!good) {
        elaboration
            .error(Code::bad_argument, written.span, "newshape must be sizes with -1 for the batch in front, got {}",
                   display(written.value))
            .hint = "for instance (-1, 28 * 28)";
        return Poison{};
    }
    return apply_made(elaboration, function, *tensor, "Reshape", {{"target_shape", sequence_of(shape)}},
                      arguments.call);
}

LanguageValue call_transpose(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, function.name, arguments, {"x", "axes"}, 2);
    const auto tensor = bound ? tensor_in(elaboration, function, (*bound)[0]) : std::nullopt;
    if (!tensor) return Poison{};
    const CallArgument& written = (*bound)[1];
    const std::int64_t rank = elaboration.node(*tensor).type.rank();
    const Elements* axes = written.value.elements();
    const bool keeps_batch = axes && static_cast<std::int64_t>(axes->size()) == rank + 1 && (*axes)[0].integer() == 0;
    if (!keeps_batch) {
        elaboration.error(Code::bad_argument, written.span,
                          "axes must name all {} axes of the input, with the batch, 0, in front, got {}", rank + 1,
                          display(written.value));
        return Poison{};
    }
    CallArgument behind = written;
    behind.value = elaboration.make_tuple({axes->begin() + 1, axes->end()}, written.span);
    const auto order = axes_in(elaboration, behind, rank);
    if (!order) return Poison{};
    Value::Sequence dims;
    for (const std::size_t axis : *order) dims.emplace_back(static_cast<std::int64_t>(axis) + 1);
    for (std::size_t i = 0; i < order->size(); ++i) {
        if (std::find(order->begin(), order->end(), i) != order->end()) continue;
        elaboration.error(Code::bad_argument, written.span, "axes must name each axis once, got {}",
                          display(written.value));
        return Poison{};
    }
    return apply_made(elaboration, function, *tensor, "Permute", {{"dims", dims}}, arguments.call);
}

LanguageValue call_expand_dims(Elaboration& elaboration, const KerasFunction& function,
                               const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, function.name, arguments, {"x", "axis"}, 2);
    const auto tensor = bound ? tensor_in(elaboration, function, (*bound)[0]) : std::nullopt;
    if (!tensor) return Poison{};
    Shape shape = elaboration.node(*tensor).type.shape;
    const auto axis = axis_in(elaboration, (*bound)[1], static_cast<std::int64_t>(shape.size()), 1);
    if (!axis) return Poison{};
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(*axis), 1);
    return apply_made(elaboration, function, *tensor, "Reshape", {{"target_shape", sequence_of(shape)}},
                      arguments.call);
}

LanguageValue call_squeeze(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, function.name, arguments, {"x", "axis"}, 1);
    const auto tensor = bound ? tensor_in(elaboration, function, (*bound)[0]) : std::nullopt;
    if (!tensor) return Poison{};
    Shape shape = elaboration.node(*tensor).type.shape;
    if ((*bound)[1].value.is_none()) {
        std::erase(shape, 1);
    } else {
        auto axes = axes_in(elaboration, (*bound)[1], static_cast<std::int64_t>(shape.size()));
        if (!axes) return Poison{};
        std::sort(axes->rbegin(), axes->rend());
        for (const std::size_t axis : *axes) {
            if (axis < shape.size() && shape[axis] == 1) {
                shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
                continue;
            }
            elaboration.error(Code::bad_axis, (*bound)[1].span, "axis {} of {} is not of extent 1", axis + 1,
                              halcyon::to_text(elaboration.node(*tensor).type.shape));
            return Poison{};
        }
    }
    return apply_made(elaboration, function, *tensor, "Reshape", {{"target_shape", sequence_of(shape)}},
                      arguments.call);
}

/// `count` elements from `begin` on along one axis, all of the others.
LanguageValue part_along(Elaboration& elaboration, const KerasFunction& function, Tensor tensor, std::size_t axis,
                         std::int64_t begin, std::int64_t step, std::int64_t count, Span call) {
    Shape taken = elaboration.node(tensor).type.shape;
    Shape begins(taken.size(), 0), steps(taken.size(), 1);
    taken[axis] = count;
    begins[axis] = begin;
    steps[axis] = step;
    return apply_made(elaboration, function, tensor, "GetItem",
                      {{"begin", sequence_of(begins)}, {"step", sequence_of(steps)}, {"count", sequence_of(taken)}},
                      call);
}

LanguageValue call_flip(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, function.name, arguments, {"x", "axis"}, 2);
    const auto tensor = bound ? tensor_in(elaboration, function, (*bound)[0]) : std::nullopt;
    if (!tensor) return Poison{};
    const Shape shape = elaboration.node(*tensor).type.shape;
    const auto axes = axes_in(elaboration, (*bound)[1], static_cast<std::int64_t>(shape.size()));
    if (!axes) return Poison{};
    LanguageValue result = *tensor;
    for (const std::size_t axis : *axes) {
        if (!result.get<Tensor>()) break;
        const std::int64_t extent = shape[axis];
        result = part_along(elaboration, function, *result.get<Tensor>(), axis, extent - 1, extent == 1 ? 1 : -1,
                            extent, arguments.call);
    }
    return result;
}

/// A tuple of equal parts, or of the parts between given places.
LanguageValue call_split(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, function.name, arguments, {"x", "indices_or_sections", "axis"}, 3);
    const auto tensor = bound ? tensor_in(elaboration, function, (*bound)[0]) : std::nullopt;
    if (!tensor) return Poison{};
    const Shape shape = elaboration.node(*tensor).type.shape;
    const auto axis = axis_in(elaboration, (*bound)[2], static_cast<std::int64_t>(shape.size()));
    if (!axis) return Poison{};
    const CallArgument& where = (*bound)[1];
    const std::int64_t extent = shape[*axis];
    std::vector<std::int64_t> ends;
    if (const auto sections = where.value.integer()) {
        if (*sections < 1 || extent % *sections != 0) {
            elaboration.error(Code::bad_argument, where.span, "an axis of {} does not split into {} equal parts",
                              extent, *sections);
            return Poison{};
        }
        for (std::int64_t i = 1; i <= *sections; ++i) ends.push_back(extent / *sections * i);
    } else {
        const auto indices = elements_of(elaboration, {where.value, where.span});
        if (!indices) return Poison{};
        for (const LanguageValue& index : *indices) ends.push_back(index.integer().value_or(-1));
        ends.push_back(extent);
    }
    Elements parts;
    std::int64_t begin = 0;
    for (const std::int64_t end : ends) {
        if (end <= begin || end > extent) {
            elaboration.error(Code::bad_argument, where.span,
                              "the places to split at must grow, within an axis of {}, got {}", extent,
                              display(where.value));
            return Poison{};
        }
        parts.push_back(part_along(elaboration, function, *tensor, *axis, begin, 1, end - begin, arguments.call));
        begin = end;
    }
    return elaboration.make_tuple(std::move(parts), arguments.call);
}

/// Tensors of one shape along a new axis.
LanguageValue call_stack(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, function.name, arguments, {"x", "axis"}, 2);
    const auto tensors = bound ? elements_of(elaboration, {(*bound)[0].value, (*bound)[0].span}) : std::nullopt;
    if (!tensors) return Poison{};
    std::vector<int> expanded;
    std::optional<std::size_t> axis;
    for (const LanguageValue& element : *tensors) {
        CallArgument each = (*bound)[0];
        each.value = element;
        const auto tensor = tensor_in(elaboration, function, each);
        if (!tensor) return Poison{};
        Shape shape = elaboration.node(*tensor).type.shape;
        axis = axis_in(elaboration, (*bound)[1], static_cast<std::int64_t>(shape.size()), 1);
        if (!axis) return Poison{};
        shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(*axis), 1);
        const LanguageValue one = apply_made(elaboration, function, *tensor, "Reshape",
                                             {{"target_shape", sequence_of(shape)}}, arguments.call);
        if (!one.get<Tensor>()) return Poison{};
        expanded.push_back(one.get<Tensor>()->node);
    }
    if (expanded.empty()) {
        elaboration.error(Code::bad_value, (*bound)[0].span, "stack() of nothing");
        return Poison{};
    }
    LayerInstance& layer =
        make_layer(elaboration, *find_layer("Concatenate"), {{"axis", Value(static_cast<std::int64_t>(*axis) + 1)}},
                   std::string(function.name), arguments.call);
    return apply_layer(elaboration, layer, expanded, arguments.call);
}

/// image.resize(images, (height, width)): the layer takes them one by one.
LanguageValue call_resize(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, function.name, arguments, {"images", "size", "interpolation"}, 2);
    const auto tensor = bound ? tensor_in(elaboration, function, (*bound)[0]) : std::nullopt;
    if (!tensor) return Poison{};
    const CallArgument& size = (*bound)[1];
    const Elements* sides = size.value.elements();
    if (sides == nullptr || sides->size() != 2) {
        elaboration.error(Code::bad_argument, size.span, "size must be (height, width), got {}", display(size.value));
        return Poison{};
    }
    CallArguments made{
        {{"height", size.span, (*sides)[0], size.span, nullptr}, {"width", size.span, (*sides)[1], size.span, nullptr}},
        arguments.call,
        arguments.callee};
    if (!(*bound)[2].value.is_none()) made.list.push_back((*bound)[2]);
    if (!(*bound)[2].value.is_none()) made.list.back().keyword = "interpolation";
    const LanguageValue layer = construct_layer(elaboration, *find_layer(function.layer), made);
    return layer.layer() ? apply_layer(elaboration, *layer.layer(), {tensor->node}, arguments.call) : layer;
}

/// max_pool and average_pool: the layer for as many axes as the tensor has.
LanguageValue call_pool(Elaboration& elaboration, const KerasFunction& function, const CallArguments& arguments) {
    const CallArgument* input = first_argument(elaboration, function, arguments, "inputs");
    if (input == nullptr || input->value.is_poison()) return Poison{};
    const auto tensor = tensor_in(elaboration, function, *input);
    if (!tensor) return Poison{};
    const int spatial = elaboration.node(*tensor).type.rank() - 1;
    const LayerDef* def = find_layer(fmt::format("{}{}D", function.layer, spatial));
    if (def != nullptr) return make_and_apply(elaboration, function, *def, arguments);
    elaboration.error(Code::bad_rank, input->span, "{}() needs an image, got {}", function.name,
                      halcyon::to_text(elaboration.node(*tensor).type.shape));
    return Poison{};
}

}  // namespace

const std::vector<KerasFunction>& keras_functions() {
    static const std::vector<KerasFunction> table = [] {
        constexpr std::string_view ops = "keras.ops", layers = "keras.layers";
        std::vector<KerasFunction> functions = {
            {layers, "add", "Add", "inputs"},
            {layers, "subtract", "Subtract", "inputs"},
            {layers, "multiply", "Multiply", "inputs"},
            {layers, "average", "Average", "inputs"},
            {layers, "maximum", "Maximum", "inputs"},
            {layers, "minimum", "Minimum", "inputs"},
            {layers, "concatenate", "Concatenate", "inputs"},
            {layers, "dot", "Dot", "inputs"},

            {ops, "add", "", "x", {}, call_binary<ast::BinaryOperator::add>},
            {ops, "subtract", "", "x", {}, call_binary<ast::BinaryOperator::subtract>},
            {ops, "multiply", "", "x", {}, call_binary<ast::BinaryOperator::multiply>},
            {ops, "divide", "", "x", {}, call_binary<ast::BinaryOperator::divide>},
            {ops, "true_divide", "", "x", {}, call_binary<ast::BinaryOperator::divide>},
            {ops, "power", "", "x", {}, call_binary<ast::BinaryOperator::power>},
            {ops, "maximum", "Maximum", "x", {}, call_extreme},
            {ops, "minimum", "Minimum", "x", {}, call_extreme},

            {ops, "mean", "Mean"},
            {ops, "sum", "Sum"},
            {ops, "max", "Max"},
            {ops, "min", "Min"},
            {ops, "amax", "Max"},
            {ops, "amin", "Min"},

            {ops, "argmax", "ArgMax"},
            {ops, "argmin", "ArgMin"},

            {ops, "abs", "Absolute"},
            {ops, "absolute", "Absolute"},
            {ops, "exp", "Exponential"},
            {ops, "log", "Log"},
            {ops, "clip", "Clip"},
            {ops, "negative", "Rescaling", "x", {{"scale", -1}}},
            {ops, "sqrt", "Power", "x", {{"exponent", 0.5}}},
            {ops, "rsqrt", "Power", "x", {{"exponent", -0.5}}},
            {ops, "square", "Power", "x", {{"exponent", 2}}},
            {ops, "reciprocal", "Power", "x", {{"exponent", -1}}},

            {ops, "relu", "ReLU"},
            {ops, "relu6", "ReLU", "x", {{"max_value", 6}}},
            {ops, "leaky_relu", "LeakyReLU", "x", {{"negative_slope", 0.2}}},
            {ops, "elu", "ELU"},
            {ops, "gelu", "GELU", "x", {{"approximate", true}}},
            {ops, "softmax", "Softmax"},
            {ops, "max_pool", "MaxPooling", "inputs", {}, call_pool},
            {ops, "average_pool", "AveragePooling", "inputs", {}, call_pool},

            {ops, "concatenate", "Concatenate", "xs", {{"axis", 0}}},
            {ops, "stack", "", "x", {}, call_stack},
            {ops, "split", "", "x", {}, call_split},
            {ops, "flip", "", "x", {}, call_flip},
            {ops, "pad", "Pad"},
            {ops, "reshape", "", "x", {}, call_reshape},
            {ops, "transpose", "", "x", {}, call_transpose},
            {ops, "expand_dims", "", "x", {}, call_expand_dims},
            {ops, "squeeze", "", "x", {}, call_squeeze},
            {ops, "cast", "", "x", {}, call_identity},
            {ops, "convert_to_tensor", "", "x", {}, call_identity},
            {ops, "stop_gradient", "", "x", {}, call_identity},
            {ops, "shape", "shape", "x", {}, call_shape},
            {ops, "ndim", "ndim", "x", {}, call_shape},

            {"keras.image", "resize", "Resizing", "images", {}, call_resize},

            {"tensorflow", "reduce_mean", "Mean", "input_tensor"},
            {"tensorflow", "reduce_sum", "Sum", "input_tensor"},
            {"tensorflow", "reduce_max", "Max", "input_tensor"},
            {"tensorflow", "reduce_min", "Min", "input_tensor"},
            {"tensorflow", "concat", "Concatenate", "values"},
        };
        // The other activations are layers without arguments, or Activation with their name.
        for (const std::string_view name : {"sigmoid", "hard_sigmoid", "tanh", "silu", "swish", "hard_silu",
                                            "hard_swish", "selu", "softplus", "softsign", "mish"}) {
            functions.push_back({ops, name, "Activation", "x", {{"activation", Value(std::string(name))}}});
        }
        return functions;
    }();
    return table;
}

const KerasFunction* find_keras_function(std::string_view home, std::string_view name) {
    for (const KerasFunction& function : keras_functions()) {
        if (function.home == home && function.name == name) return &function;
    }
    return nullptr;
}

LanguageValue call_keras_function(Elaboration& elaboration, const KerasFunction& function,
                                  const CallArguments& arguments) {
    if (function.call != nullptr) return function.call(elaboration, function, arguments);
    const LayerDef* def = find_layer(function.layer);
    if (def != nullptr) return make_and_apply(elaboration, function, *def, arguments);
    elaboration.error(Code::not_supported, arguments.callee, "{}() is not supported yet", function.name);
    return Poison{};
}

}  // namespace halcyon::language
