#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "importers/onnx_constants.h"
#include "importers/onnx_operators.h"
#include "importers/onnx_window.h"

namespace halcyon::importers {
namespace {

/// Where an axis of the file lies, as Keras counts it: -1 for the last.
Value keras_axis(const std::vector<int>& order, int axis) {
    const auto place = std::find(order.begin(), order.end(), axis) - order.begin();
    return place + 1 == static_cast<std::ptrdiff_t>(order.size()) ? Value(-1)
                                                                  : Value(static_cast<std::int64_t>(place) + 1);
}

/// An input of one number for each channel.
Array per_channel(const OnnxCall& call, std::size_t index, std::string_view what, std::int64_t channels) {
    const Array array = call.constant(index, what);
    if (array.size() != channels)
        throw Refused{fmt::format("its {} has {} numbers for {} channels", what, array.size(), channels)};
    return array.reshaped({channels});
}

std::int64_t channels_of(const OnnxCall& call) {
    const Shape shape = call.input(0).shape();
    if (shape.size() < 2) throw Refused{"its input has no channels"};
    return shape[1];
}

void import_batch(OnnxCall& call) {
    if (call.integer("training_mode", 0) != 0) throw Refused{"it is in training"};
    const std::int64_t channels = channels_of(call);
    const std::vector<int> order = call.builder.order_of(call.input(0), {1});
    const int laid = call.builder.arranged(call.input(0), order);
    const int id =
        call.builder.layer("BatchNormalization",
                           {{"axis", keras_axis(order, 1)}, {"epsilon", Value(call.number("epsilon", 1e-5))}}, {laid});
    call.builder.weight("gamma", per_channel(call, 1, "scale", channels));
    call.builder.weight("beta", per_channel(call, 2, "bias", channels));
    call.builder.weight("moving_mean", per_channel(call, 3, "mean", channels));
    call.builder.weight("moving_variance", per_channel(call, 4, "variance", channels));
    call.give(id, order);
}

/// Numbers for each channel; a number for each group stands for all its channels.
Array for_channels(const Array& numbers, std::int64_t channels) {
    if (numbers.size() == channels) return numbers.reshaped({channels});
    if (numbers.size() == 0 || channels % numbers.size() != 0) throw Refused{"its scale does not fit its channels"};
    Array result(Shape{channels});
    for (std::int64_t i = 0; i < channels; ++i) result[i] = numbers[i / (channels / numbers.size())];
    return result;
}

void give_groups(OnnxCall& call, std::int64_t groups) {
    const std::int64_t channels = channels_of(call);
    if (groups < 1 || channels % groups != 0)
        throw Refused{fmt::format("{} channels are no {} groups", channels, groups)};
    const std::vector<int> order = call.builder.order_of(call.input(0), {1});
    const int laid = call.builder.arranged(call.input(0), order);
    const int id = call.builder.layer(
        "GroupNormalization",
        {{"groups", Value(groups)}, {"axis", keras_axis(order, 1)}, {"epsilon", Value(call.number("epsilon", 1e-5))}},
        {laid});
    call.builder.weight("gamma", for_channels(call.constant(1, "scale"), channels));
    call.builder.weight("beta", for_channels(call.constant(2, "bias"), channels));
    call.give(id, order);
}

void import_instance(OnnxCall& call) {
    give_groups(call, channels_of(call));
}

void import_group(OnnxCall& call) {
    give_groups(call, call.integer("num_groups", 0));
}

/// A weight of the last axes, in the order in which these lie; nothing where the input is left out.
std::optional<Array> of_last_axes(const OnnxCall& call, std::size_t index, std::string_view what,
                                  const std::vector<int>& order, int first) {
    if (!call.has(index)) return std::nullopt;
    const Shape shape = call.input(0).shape();
    const Array written = call.constant(index, what);
    const Shape last(shape.begin() + first, shape.end());
    Shape extents;
    std::vector<int> turned;
    Array array = written;
    if (written.shape() != last) {
        if (written.size() != 1) throw Refused{fmt::format("its {} does not fit its input", what)};
        array = Array(last, written[0]);
    }
    for (int axis : order) {
        if (axis < first) continue;
        turned.push_back(axis - first);
        extents.push_back(shape[static_cast<std::size_t>(axis)]);
    }
    for (int axis = 0; axis < static_cast<int>(last.size()); ++axis)
        if (std::find(turned.begin(), turned.end(), axis) == turned.end()) turned.push_back(axis);
    return array.transposed(turned).reshaped(extents);
}

Value axes_from(const std::vector<int>& order, int first) {
    Value::Sequence axes;
    for (std::size_t i = 0; i < order.size(); ++i)
        if (order[i] >= first) axes.emplace_back(static_cast<std::int64_t>(i) + 1);
    const bool last_alone = axes.size() == 1 && order.back() >= first;
    return last_alone ? Value(Value::Sequence{Value(-1)}) : Value(axes);
}

void import_layer_normalization(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    const int first = OnnxCall::axis(call.integer("axis", -1), value.rank());
    if (call.builder.batch_axis(value) >= first) throw Refused{"it computes across the items of the batch"};
    const std::vector<int> order = call.builder.order_of(value, {value.rank() - 1});
    const std::optional<Array> scale = of_last_axes(call, 1, "scale", order, first),
                               bias = of_last_axes(call, 2, "bias", order, first);
    const int laid = call.builder.arranged(value, order);
    const int id = call.builder.layer("LayerNormalization",
                                      {{"axis", axes_from(order, first)},
                                       {"epsilon", Value(call.number("epsilon", 1e-5))},
                                       {"center", Value(bias.has_value())},
                                       {"scale", Value(scale.has_value())}},
                                      {laid});
    if (scale) call.builder.weight("gamma", *scale);
    if (bias) call.builder.weight("beta", *bias);
    call.give(id, order);
}

/// The scale's axes have to lie last, in the file's order.
void import_rms_normalization(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    const int first = OnnxCall::axis(call.integer("axis", -1), value.rank());
    if (call.builder.batch_axis(value) >= first) throw Refused{"it computes across the items of the batch"};
    std::vector<int> order = call.builder.order_of(value, {value.rank() - 1});
    std::erase_if(order, [&](int axis) { return axis >= first; });
    for (int axis = first; axis < value.rank(); ++axis) order.push_back(axis);
    const Shape shape = value.shape();
    const Array scale = call.constant(1, "scale");
    if (scale.shape() != Shape(shape.begin() + first, shape.end())) throw Refused{"its scale does not fit its input"};
    const int laid = call.builder.arranged(value, order);
    const int id = call.builder.layer(
        "RMSNormalization", {{"axis", axes_from(order, first)}, {"epsilon", Value(call.number("epsilon", 1e-5))}},
        {laid});
    call.builder.weight("scale", scale);
    call.give(id, order);
}

/// x * (bias + alpha * mean of squares over neighbouring channels, zeros counted) ** -beta. The mean is that of a pool over an
/// image whose columns are the channels.
void import_local_response(OnnxCall& call) {
    const std::int64_t size = call.integer("size", 0);
    if (size < 1 || size > (1 << 20)) throw Refused{fmt::format("its size is {}", size)};
    OnnxBuilder& builder = call.builder;
    const OnnxImage image = image_of(call);
    const std::int64_t channels = image.shape[1];
    std::int64_t pixels = 1;
    Value::Sequence extents;
    for (int axis : image.order) {
        const std::int64_t extent = image.shape[static_cast<std::size_t>(axis)];
        extents.emplace_back(extent);
        if (axis != 1) pixels *= extent;
    }
    int id = builder.arithmetic('p', image.id, 2.0);
    id = builder.layer("Reshape", {{"target_shape", shape_argument({pixels, channels, 1})}}, {id});
    const Value::Sequence none{Value(0), Value(0)}, around{Value((size - 1) / 2), Value(size / 2)};
    if (size > 1)
        id = builder.layer("ZeroPadding2D", {{"padding", Value(Value::Sequence{Value(none), Value(around)})}}, {id});
    id = builder.layer("AveragePooling2D", {{"pool_size", shape_argument({1, size})}, {"strides", Value(1)}}, {id});
    id = builder.layer("Reshape", {{"target_shape", Value(extents)}}, {id});
    id = builder.arithmetic('*', id, call.number("alpha", 1e-4));
    id = builder.arithmetic('+', id, call.number("bias", 1.0));
    id = builder.arithmetic('p', id, -call.number("beta", 0.75));
    call.give(builder.arithmetic('*', image.id, id), image.order);
}

void import_lp(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    const std::int64_t p = call.integer("p", 2);
    const int axis = OnnxCall::axis(call.integer("axis", -1), value.rank());
    const std::vector<int> order = call.builder.order_of(value, {axis});
    const int laid = call.builder.arranged(value, order);
    if (p == 2)
        return call.give(call.builder.layer("UnitNormalization",
                                            {{"axis", Value(Value::Sequence{keras_axis(order, axis)})}}, {laid}),
                         order);
    if (p != 1) throw Refused{fmt::format("its p is {}", p)};
    int sum = call.builder.layer("Absolute", {}, {laid});
    sum = call.builder.layer(
        "Sum", {{"axis", Value(Value::Sequence{keras_axis(order, axis)})}, {"keepdims", Value(true)}}, {sum});
    call.give(call.builder.arithmetic('/', laid, sum), order);
}

/// (x - mean) / (deviation + 1e-9) over axes.
void import_mean_variance(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    OnnxBuilder& builder = call.builder;
    const std::vector<int> order = builder.order_of(value);
    Value::Sequence axes;
    for (std::int64_t written : call.integers("axes").value_or(std::vector<std::int64_t>{0, 2, 3})) {
        const int axis = OnnxCall::axis(written, value.rank());
        if (axis == builder.batch_axis(value)) throw Refused{"it computes across the items of the batch"};
        const auto place = std::find(order.begin(), order.end(), axis);
        if (place != order.end()) axes.emplace_back(static_cast<std::int64_t>(place - order.begin()) + 1);
    }
    if (axes.empty()) throw Refused{"it names no axis that is longer than 1"};
    const int laid = builder.arranged(value, order);
    const auto mean = [&](int id) {
        return builder.layer("Mean", {{"axis", Value(axes)}, {"keepdims", Value(true)}}, {id});
    };
    const int centered = builder.arithmetic('-', laid, mean(laid));
    const int deviation = builder.arithmetic('p', mean(builder.arithmetic('p', centered, 2.0)), 0.5);
    call.give(builder.arithmetic('/', centered, builder.arithmetic('+', deviation, 1e-9)), order);
}

}  // namespace

const std::vector<OnnxOperator>& onnx_normalizations() {
    static const std::vector<OnnxOperator> table = {
        {"BatchNormalization", import_batch},
        {"InstanceNormalization", import_instance},
        {"GroupNormalization", import_group},
        {"LayerNormalization", import_layer_normalization},
        {"RMSNormalization", import_rms_normalization},
        {"LRN", import_local_response},
        {"LpNormalization", import_lp},
        {"MeanVarianceNormalization", import_mean_variance},
    };
    return table;
}

}  // namespace halcyon::importers
