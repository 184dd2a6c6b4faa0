#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "importers/onnx_operators.h"

namespace halcyon::importers {
namespace {

/// What a reduction over axes of the file is over those of the value.
struct Reduction {
    int id;
    std::vector<int> order;  ///< of the value
    std::vector<int> left;   ///< of the result
    Value::Sequence axes;    ///< as Keras counts them; empty if all have extent 1
    Shape kept;              ///< the result's shape, with ones
    std::set<int> gone;
};

Reduction reduction_of(OnnxCall& call, const std::vector<std::int64_t>& written) {
    const OnnxValue& value = call.input(0);
    Reduction reduction{0, call.builder.order_of(value), {}, {}, value.shape(), {}};
    for (std::int64_t axis : written) reduction.gone.insert(OnnxCall::axis(axis, value.rank()));
    for (int axis : reduction.gone) {
        if (axis == call.builder.batch_axis(value)) throw Refused{"it computes across the items of the batch"};
        reduction.kept[static_cast<std::size_t>(axis)] = 1;
    }
    for (std::size_t i = 0; i < reduction.order.size(); ++i) {
        const int axis = reduction.order[i];
        if (reduction.gone.contains(axis)) {
            reduction.axes.emplace_back(static_cast<std::int64_t>(i) + 1);
        } else {
            reduction.left.push_back(axis);
        }
    }
    reduction.id = call.builder.arranged(value, reduction.order);
    return reduction;
}

/// Whether all is averaged but the channels of an image, for which Keras has a layer.
bool is_global_pool(const Reduction& reduction) {
    return reduction.order.size() == 3 && reduction.axes == Value::Sequence{Value(1), Value(2)};
}

/// Mean, Sum, Max or Min. What the reduced axes leave has to have one axis at least.
int reduced(OnnxBuilder& builder, std::string_view type, const Reduction& reduction, int id, bool keep = false) {
    if (reduction.axes.empty()) return id;
    if (is_global_pool(reduction) && (type == "Mean" || type == "Max"))
        return builder.layer(type == "Mean" ? "GlobalAveragePooling2D" : "GlobalMaxPooling2D",
                             {{"keepdims", Value(keep)}}, {id});
    return builder.layer(type, {{"axis", Value(reduction.axes)}, {"keepdims", Value(keep || reduction.left.empty())}},
                         {id});
}

/// `kept`: the value has the axes that were reduced, with an extent of 1.
void give(OnnxCall& call, const Reduction& reduction, int id, bool keep_dims, bool kept = false) {
    std::vector<int> order = reduction.left;
    if (kept || order.empty() || reduction.axes.empty()) order = reduction.order;
    OnnxValue result = call.builder.made(id, reduction.kept, order, call.input(0));
    if (!keep_dims) {
        for (auto axis = reduction.gone.rbegin(); axis != reduction.gone.rend(); ++axis)
            result.axes.erase(result.axes.begin() + *axis);
    }
    call.give(std::move(result));
}

enum class Kind { mean, sum, max, min, l1, l2, log_sum, log_sum_exp, sum_square };

/// The axes of a reduction; none are all.
std::vector<std::int64_t> axes_of(const OnnxCall& call) {
    std::vector<std::int64_t> axes = call.integers("axes", 1).value_or(std::vector<std::int64_t>{});
    if (!axes.empty() || call.integer("noop_with_empty_axes", 0) != 0) return axes;
    axes.resize(static_cast<std::size_t>(call.input(0).rank()));
    std::iota(axes.begin(), axes.end(), 0);
    return axes;
}

template <Kind kind>
void import_reduction(OnnxCall& call) {
    OnnxBuilder& builder = call.builder;
    const Reduction reduction = reduction_of(call, axes_of(call));
    const bool keep_dims = call.integer("keepdims", 1) != 0;
    // What goes with the image that it comes from keeps its axes; a vector of channels is one.
    const bool keep = keep_dims && (call.feeds_image || !is_global_pool(reduction));
    const auto over = [&](std::string_view type, int id, bool all = false) {
        return reduced(builder, type, reduction, id, keep || all);
    };
    int id = reduction.id;
    if (kind == Kind::l1) id = builder.layer("Absolute", {}, {id});
    if (kind == Kind::l2 || kind == Kind::sum_square) id = builder.arithmetic('p', id, 2.0);
    if (kind == Kind::log_sum_exp) {
        // The largest taken out, so that nothing overflows.
        const int largest = over("Max", id, true);
        const int sum = over("Sum", builder.layer("Exponential", {}, {builder.arithmetic('-', id, largest)}));
        const int log = builder.layer("Log", {}, {sum});
        id = builder.arithmetic('+', log, keep ? largest : over("Max", id));
    } else {
        id = over(kind == Kind::mean ? "Mean" : kind == Kind::max ? "Max" : kind == Kind::min ? "Min" : "Sum", id);
    }
    if (kind == Kind::l2) id = builder.arithmetic('p', id, 0.5);
    if (kind == Kind::log_sum) id = builder.layer("Log", {}, {id});
    give(call, reduction, id, keep_dims, keep);
}

template <bool largest>
void import_place(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    const int axis = OnnxCall::axis(call.integer("axis", 0), value.rank());
    const std::vector<int> order = call.builder.order_of(value, {axis});
    Reduction reduction{call.builder.arranged(value, order), order, {}, {}, value.shape(), {axis}};
    reduction.kept[static_cast<std::size_t>(axis)] = 1;
    const auto place = std::find(order.begin(), order.end(), axis) - order.begin();
    for (int each : order)
        if (each != axis) reduction.left.push_back(each);
    reduction.axes.emplace_back(static_cast<std::int64_t>(place) + 1);
    const bool last_of_equal = call.integer("select_last_index", 0) != 0;
    if (last_of_equal) {
        // The first of the other direction.
        std::string text = ":";
        for (int each : order) text += each == axis ? ", ::-1" : ", :";
        reduction.id = call.builder.slice(reduction.id, text);
    }
    int id =
        call.builder.layer(largest ? "ArgMax" : "ArgMin",
                           {{"axis", reduction.axes[0]}, {"keepdims", Value(reduction.left.empty())}}, {reduction.id});
    if (last_of_equal) {
        const std::int64_t extent = value.shape()[static_cast<std::size_t>(axis)];
        id = call.builder.arithmetic('-', id, static_cast<double>(extent - 1), true);
    }
    give(call, reduction, id, call.integer("keepdims", 1) != 0);
    call.outputs[0].whole = true;
}

/// Over several axes together, as versions before 13 did from `axis` on.
struct Span {
    int id;
    std::vector<int> order;
    Value::Sequence axes;
};

Span softmax_span(OnnxCall& call) {
    const OnnxValue& value = call.input(0);
    constexpr std::int64_t one_axis = 13;
    const bool one = call.opset >= one_axis;
    const int first = OnnxCall::axis(call.integer("axis", one ? -1 : 1), value.rank());
    const int batch = call.builder.batch_axis(value);
    if (batch == first || (!one && batch > first)) throw Refused{"it computes across the items of the batch"};
    Span span{0, call.builder.order_of(value, {first}), {}};
    for (std::size_t i = 0; i < span.order.size(); ++i) {
        if (span.order[i] != first && (one || span.order[i] < first)) continue;
        const bool last = i + 1 == span.order.size();
        span.axes.emplace_back(last ? std::int64_t{-1} : static_cast<std::int64_t>(i) + 1);
    }
    span.id = call.builder.arranged(value, span.order);
    return span;
}

void import_softmax(OnnxCall& call) {
    const Span span = softmax_span(call);
    call.give(call.builder.layer("Softmax", {{"axis", Value(span.axes)}}, {span.id}), span.order);
}

/// x - max - log(sum(exp(x - max))): the logarithm of a Softmax would lose small numbers.
void import_log_softmax(OnnxCall& call) {
    const Span span = softmax_span(call);
    OnnxBuilder& builder = call.builder;
    const auto over = [&](std::string_view type, int id) {
        return builder.layer(type, {{"axis", Value(span.axes)}, {"keepdims", Value(true)}}, {id});
    };
    const int centered = builder.arithmetic('-', span.id, over("Max", span.id));
    const int sum = over("Sum", builder.layer("Exponential", {}, {centered}));
    call.give(builder.arithmetic('-', centered, builder.layer("Log", {}, {sum})), span.order);
}

/// The largest and its place, k times, each time without what was found before.
void import_top(OnnxCall& call) {
    OnnxBuilder& builder = call.builder;
    const OnnxValue& value = call.input(0);
    const std::vector<std::int64_t> counts = call.integers_in(1, "k");
    const int axis = OnnxCall::axis(call.integer("axis", -1), value.rank());
    Shape shape = value.shape();
    const std::int64_t extent = shape[static_cast<std::size_t>(axis)];
    constexpr std::int64_t most = 32;
    if (counts.size() != 1 || counts[0] < 1 || counts[0] > extent)
        throw Refused{"its k is no number of elements that are there"};
    if (counts[0] > most)
        throw Refused{fmt::format("it takes {} elements, and Halcyon at most {} by looking for each", counts[0], most)};
    const bool largest = call.integer("largest", 1) != 0;
    std::vector<int> order = builder.order_of(value, {axis});
    std::erase(order, axis);
    order.push_back(axis);
    int rest = builder.arranged(value, order);
    if (!largest) rest = builder.arithmetic('*', rest, -1.0, true);
    const OnnxBuilder::Arguments last{{"axis", Value(Value::Sequence{Value(-1)})}, {"keepdims", Value(true)}};
    const OnnxBuilder::Arguments last_place{{"axis", Value(-1)}, {"keepdims", Value(true)}};
    Array numbers(Shape{extent});
    for (std::int64_t i = 0; i < extent; ++i) numbers[i] = -static_cast<double>(i);
    constexpr double out_of_sight = 3.0e38;
    std::vector<int> found, places;
    for (std::int64_t i = 0; i < counts[0]; ++i) {
        found.push_back(builder.layer("Max", last, {rest}));
        places.push_back(builder.layer("ArgMax", last_place, {rest}));
        if (i + 1 == counts[0]) break;
        // 1 where it was found, else 0: 1 - min(|place - index|, 1).
        int distance = builder.layer("Affine", {{"offset", shape_argument({extent})}}, {places.back()});
        builder.weight("offset", numbers);
        distance = builder.layer("Clip", {{"x_max", Value(1.0)}}, {builder.layer("Absolute", {}, {distance})});
        const int taken = builder.arithmetic('-', distance, 1.0, true);
        rest = builder.arithmetic('-', rest, builder.arithmetic('*', taken, out_of_sight));
    }
    const auto together = [&](const std::vector<int>& ids) {
        return ids.size() == 1 ? ids[0] : builder.layer("Concatenate", {{"axis", Value(-1)}}, ids);
    };
    shape[static_cast<std::size_t>(axis)] = counts[0];
    int values = together(found);
    if (!largest) values = builder.arithmetic('*', values, -1.0, true);
    call.outputs.resize(2);
    call.outputs[0] = builder.made(values, shape, order, value);
    call.outputs[1] = builder.made(together(places), shape, order, value);
    call.outputs[1].whole = true;
}

}  // namespace

const std::vector<OnnxOperator>& onnx_reductions() {
    static const std::vector<OnnxOperator> table = {
        {"ReduceMean", import_reduction<Kind::mean>},
        {"ReduceSum", import_reduction<Kind::sum>},
        {"ReduceMax", import_reduction<Kind::max>},
        {"ReduceMin", import_reduction<Kind::min>},
        {"ReduceL1", import_reduction<Kind::l1>},
        {"ReduceL2", import_reduction<Kind::l2>},
        {"ReduceLogSum", import_reduction<Kind::log_sum>},
        {"ReduceLogSumExp", import_reduction<Kind::log_sum_exp>},
        {"ReduceSumSquare", import_reduction<Kind::sum_square>},
        {"ArgMax", import_place<true>},
        {"ArgMin", import_place<false>},
        {"Softmax", import_softmax},
        {"LogSoftmax", import_log_softmax},
        {"TopK", import_top},
    };
    return table;
}

}  // namespace halcyon::importers
