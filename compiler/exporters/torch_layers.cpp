#include "exporters/torch_layers.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "exporters/find_upsampling.h"
#include "exporters/torch_class.h"
#include "exporters/torch_operations.h"
#include "layers/common/data_format.h"
#include "layers/common/normalization.h"
#include "layers/common/shapes.h"
#include "passes/lower_layers.h"

namespace halcyon {
namespace {

using Tensor = TorchBuilder::Tensor;
using Tensors = std::vector<Tensor>;

/// What a layer of the table becomes; nothing where its arguments ask for what the module cannot do.
using LayerWriter = std::optional<Tensor> (*)(TorchBuilder& builder, const Node& layer, const Tensors& inputs);

const Weight* weight_of(const Node& layer, std::string_view role) {
    for (const Weight& weight : layer.weights) {
        if (std::string_view(weight.name).substr(weight.name.rfind('/') + 1) == role) return &weight;
    }
    return nullptr;
}

std::vector<TorchWeight> weights_of(const Node& layer, const std::vector<std::pair<const char*, const char*>>& roles) {
    std::vector<TorchWeight> weights;
    for (const auto& [role, parameter] : roles) {
        if (const Weight* weight = weight_of(layer, role)) weights.push_back({parameter, *weight});
    }
    return weights;
}

/// 1 - 0.99 is not 0.01 in binary.
double rounded(double number) {
    constexpr double digits = 1e12;
    return std::round(number * digits) / digits;
}

/// A module of one tensor whose result has the tensor's type and order.
Tensor apply(TorchBuilder& builder, TorchModule module, Tensor input, const AxisOrder& order, const Node& layer,
             std::string kind) {
    const int value = builder.add(std::move(module), {builder.in_order(input, order)}, std::move(kind));
    return builder.define(layer.type, order, value);
}

/// The axes but one in their order, after it.
AxisOrder order_with_first(int axis, int rank) {
    AxisOrder order{axis};
    for (int i = 0; i < rank; ++i) {
        if (i != axis) order.push_back(i);
    }
    return order;
}

bool has_affine(const Node& layer) {
    return layer.attributes.boolean("scale") || layer.attributes.boolean("center");
}

std::optional<Tensor> batch_normalization(TorchBuilder& builder, const Node& layer, const Tensors& inputs) {
    const int rank = layer.type.rank();
    if (rank > 4) return std::nullopt;
    const int axis = checked_axis(layer.attributes.integer("axis"), rank);
    const Tensor input = builder.as_float(inputs[0]);
    TorchModule module{torch_type("BatchNorm", static_cast<std::size_t>(std::max(rank - 1, 1))),
                       {{"num_features", layer.type.shape[static_cast<std::size_t>(axis)]},
                        {"eps", layer.attributes.real("epsilon"), Value(1e-5)},
                        {"momentum", rounded(1.0 - layer.attributes.real("momentum")), Value(0.1)},
                        {"affine", has_affine(layer), Value(true)}},
                       weights_of(layer, {{"gamma", "weight"},
                                          {"beta", "bias"},
                                          {"moving_mean", "running_mean"},
                                          {"moving_variance", "running_var"}})};
    return apply(builder, std::move(module), input, order_with_first(axis, rank), layer, "BatchNormalization");
}

std::optional<Tensor> layer_normalization(TorchBuilder& builder, const Node& layer, const Tensors& inputs) {
    const int rank = layer.type.rank();
    const std::vector<int> axes = sorted_axes(layer.attributes, rank);
    // Keras stores weights in another order where axes are counted from both ends.
    if (!std::is_sorted(axes.begin(), axes.end())) return std::nullopt;
    AxisOrder order;
    for (int i = 0; i < rank; ++i) {
        if (std::find(axes.begin(), axes.end(), i) == axes.end()) order.push_back(i);
    }
    order.insert(order.end(), axes.begin(), axes.end());
    TorchModule module{"nn.LayerNorm",
                       {{"normalized_shape", brief(extents_of(axes, layer.type.shape))},
                        {"eps", layer.attributes.real("epsilon"), Value(1e-5)},
                        {"elementwise_affine", has_affine(layer), Value(true)}},
                       weights_of(layer, {{"gamma", "weight"}, {"beta", "bias"}})};
    if (axes.size() > 1) {
        const Shape shape = extents_of(axes, layer.type.shape);
        module.arguments[0].value = Value::Sequence(shape.begin(), shape.end());
    }
    return apply(builder, std::move(module), builder.as_float(inputs[0]), order, layer, "LayerNormalization");
}

std::optional<Tensor> group_normalization(TorchBuilder& builder, const Node& layer, const Tensors& inputs) {
    const int rank = layer.type.rank();
    const int axis = checked_axis(layer.attributes.integer("axis"), rank);
    const std::int64_t channels = layer.type.shape[static_cast<std::size_t>(axis)];
    const std::int64_t groups = layer.attributes.integer("groups");
    TorchModule module{"nn.GroupNorm",
                       {{"num_groups", groups == -1 ? channels : groups},
                        {"num_channels", channels},
                        {"eps", layer.attributes.real("epsilon"), Value(1e-5)},
                        {"affine", has_affine(layer), Value(true)}},
                       weights_of(layer, {{"gamma", "weight"}, {"beta", "bias"}})};
    return apply(builder, std::move(module), builder.as_float(inputs[0]), order_with_first(axis, rank), layer,
                 "GroupNormalization");
}

/// One alpha for each channel; PyTorch has no others.
std::optional<Tensor> p_re_lu(TorchBuilder& builder, const Node& layer, const Tensors& inputs) {
    const int rank = layer.type.rank();
    const Shape& alpha = layer.weights[0].shape;
    if (rank == 0 || element_count(alpha) != alpha.back() || alpha.back() != layer.type.shape.back())
        return std::nullopt;
    TorchModule module{
        "nn.PReLU", {{"num_parameters", alpha.back(), Value(1)}}, weights_of(layer, {{"alpha", "weight"}})};
    return apply(builder, std::move(module), builder.as_float(inputs[0]), channels_first_order(rank), layer, "PReLU");
}

/// Without its axis the mean's and the variance's own arithmetic: (x - mean) / max(sqrt(variance), 1e-7).
std::optional<Tensor> normalization(TorchBuilder& builder, const Node& layer, const Tensors& inputs) {
    if (layer.weights.empty()) return std::nullopt;
    const bool all = layer.attributes.is_none("axis");
    const Shape kept = all ? Shape{} : ones_but(sorted_axes(layer.attributes, layer.type.rank()), layer.type.shape);
    const ScalarExpr x = ScalarExpr::input(0), mean = ScalarExpr::constant(0);
    const ScalarExpr deviation = max(sqrt(ScalarExpr::constant(1)), 1e-7);
    Node door;
    door.name = "x";
    door.operation = {.op = Op::input};
    door.operand_count = 0;
    door.type = layer.type;
    Node node;
    node.layer = layer.layer;
    node.type = layer.type;
    node.inputs = {0};
    node.epilogue = layer.attributes.boolean("invert") ? x * deviation + mean : (x - mean) / deviation;
    for (const char* role : {"mean", "variance"}) {
        const Weight& weight = *weight_of(layer, role);
        node.constants.push_back(ConstantExpr::weight(weight.name, weight.shape).reshaped(kept));
    }
    Graph lowered;
    lowered.nodes = {door, node};
    lowered.inputs = {0};
    lowered.outputs = {{"output", 1}};
    return write_own_module(builder, layer, lowered, inputs);
}

template <const char* const& type>
std::optional<Tensor> dropout(TorchBuilder& builder, const Node& layer, const Tensors& inputs) {
    AxisOrder order = builder.order_of(inputs[0]);
    if (std::string_view(type).ends_with('d')) {
        // Whole channels are dropped.
        const int rank = layer.type.rank();
        order = is_channels_first(layer.attributes) ? own_order(rank) : channels_first_order(rank);
    }
    TorchModule module{type, {{"p", rounded(layer.attributes.real("rate"))}}};
    return apply(builder, std::move(module), builder.as_float(inputs[0]), order, layer, "Dropout");
}

constexpr const char* plain_dropout = "nn.Dropout";
constexpr const char* alpha_dropout = "nn.AlphaDropout";
constexpr const char* dropout1d = "nn.Dropout1d";
constexpr const char* dropout2d = "nn.Dropout2d";
constexpr const char* dropout3d = "nn.Dropout3d";

template <const char* const& name>
std::optional<Tensor> adaptive_pool(TorchBuilder& builder, const Node& layer, const Tensors& inputs) {
    const Tensor input = builder.as_float(inputs[0]);
    const int rank = builder.rank_of(input);
    const AxisOrder order = is_channels_first(layer.attributes) ? own_order(rank) : channels_first_order(rank);
    TorchModule module{torch_type(name, static_cast<std::size_t>(rank) - 1),
                       {{"output_size", brief(layer.attributes.integers("output_size"))}}};
    return apply(builder, std::move(module), input, order, layer, "AdaptivePooling");
}

constexpr const char* adaptive_average = "AdaptiveAvgPool";
constexpr const char* adaptive_max = "AdaptiveMaxPool";

template <const char* const& function>
std::optional<Tensor> arg_extreme(TorchBuilder& builder, const Node& layer, const Tensors& inputs) {
    const Tensor input = builder.as_float(inputs[0]);
    const int rank = builder.rank_of(input);
    const AxisOrder order = own_order(rank);
    const int axis = checked_axis(layer.attributes.integer("axis"), rank);
    const bool kept = layer.attributes.boolean("keepdims");
    const int value =
        builder.add(fmt::format("{{0}}.{}({}{}).float()", function, axis + 1, kept ? ", keepdim=True" : ""),
                    {builder.in_order(input, order)});
    return builder.define(layer.type, own_order(layer.type.rank()), value);
}

constexpr const char* arg_max = "argmax";
constexpr const char* arg_min = "argmin";

struct Entry {
    std::string_view layer;
    LayerWriter write;
};

constexpr Entry entries[] = {
    {"BatchNormalization", batch_normalization},
    {"LayerNormalization", layer_normalization},
    {"GroupNormalization", group_normalization},
    {"Normalization", normalization},
    {"PReLU", p_re_lu},
    {"Dropout", dropout<plain_dropout>},
    {"AlphaDropout", dropout<alpha_dropout>},
    {"SpatialDropout1D", dropout<dropout1d>},
    {"SpatialDropout2D", dropout<dropout2d>},
    {"SpatialDropout3D", dropout<dropout3d>},
    {"AdaptiveAveragePooling1D", adaptive_pool<adaptive_average>},
    {"AdaptiveAveragePooling2D", adaptive_pool<adaptive_average>},
    {"AdaptiveAveragePooling3D", adaptive_pool<adaptive_average>},
    {"AdaptiveMaxPooling1D", adaptive_pool<adaptive_max>},
    {"AdaptiveMaxPooling2D", adaptive_pool<adaptive_max>},
    {"AdaptiveMaxPooling3D", adaptive_pool<adaptive_max>},
    {"ArgMax", arg_extreme<arg_max>},
    {"ArgMin", arg_extreme<arg_min>},
};

/// The layer alone, as operations on what its inputs are.
Graph lowered_alone(const TorchBuilder& builder, const Node& layer, const Tensors& inputs) {
    Graph alone;
    alone.name = "layer";
    Node call = layer;
    call.inputs.clear();
    for (Tensor input : inputs) {
        Node door;
        door.name = fmt::format("input_{}", alone.nodes.size());
        door.layer = find_layer("InputLayer");
        door.type = builder.type_of(input);
        call.inputs.push_back(static_cast<NodeId>(alone.nodes.size()));
        alone.inputs.push_back(call.inputs.back());
        alone.nodes.push_back(std::move(door));
    }
    alone.outputs = {{"output", static_cast<NodeId>(alone.nodes.size())}};
    alone.nodes.push_back(std::move(call));
    return find_upsampling(lower_layers(alone));
}

}  // namespace

Tensor write_torch_layer(TorchBuilder& builder, const Node& layer, const Tensors& inputs) {
    for (const Entry& entry : entries) {
        if (entry.layer != layer.layer->name) continue;
        if (const std::optional<Tensor> result = entry.write(builder, layer, inputs)) return *result;
    }
    const Graph lowered = lowered_alone(builder, layer, inputs);
    if (needs_constants(lowered)) return write_own_module(builder, layer, lowered, inputs);
    return TorchOperations(builder, layer, nullptr).write(lowered, inputs);
}

}  // namespace halcyon
