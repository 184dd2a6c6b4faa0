#include "commands/common/layer_trial.h"

#include <limits>

#include "commands/common/difference.h"
#include "graph/evaluate.h"

namespace halcyon {
namespace {

bool weights_fit(const LayerTrial& trial, const LayerCall& call) {
    const std::vector<WeightDef> wanted =
        trial.layer->weights != nullptr ? trial.layer->weights(call) : std::vector<WeightDef>();
    if (wanted.size() != trial.weights.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].shape != trial.weights[i].shape()) return false;
    }
    return true;
}

std::optional<TensorType> elementwise_type(const std::vector<TensorType>& inputs) {
    std::optional<Shape> shape = inputs[0].shape;
    for (const TensorType& input : inputs) {
        if (shape) shape = broadcast(*shape, input.shape);
    }
    if (!shape) return std::nullopt;
    return TensorType{ElementType::float32, *shape};
}

/// `few_filters` places along an axis, evenly spread.
Array few_along(const Array& array, std::size_t axis) {
    const std::int64_t extent = array.shape()[axis];
    const std::int64_t step = array.strides()[axis];
    Shape shape = array.shape();
    shape[axis] = few_filters;
    Array result(shape);
    for (std::int64_t i = 0; i < result.size(); ++i) {
        const std::int64_t inner = i % step;
        const std::int64_t place = i / step % few_filters * extent / few_filters;
        result[i] = array[(i / (step * few_filters) * extent + place) * step + inner];
    }
    return result;
}

}  // namespace

std::optional<FewFilters> with_few_filters(const LayerTrial& trial, const Array& expected) {
    const Attributes& attributes = trial.attributes;
    const char* const name = attributes.find("units") != nullptr ? "units" : "filters";
    const Value* activation = attributes.find("activation");
    const Value* groups = attributes.find("groups");
    const bool independent = (!trial.after || trial.after_is_elementwise) && attributes.find(name) != nullptr &&
                             activation != nullptr && *activation != Value("softmax") &&
                             (groups == nullptr || *groups == Value(1));
    if (!independent || expected.shape().empty()) return std::nullopt;
    const std::int64_t count = attributes.integer(name);
    const Value* format = attributes.find("data_format");
    const std::size_t axis = format != nullptr && *format == Value("channels_first") ? 0 : expected.shape().size() - 1;
    if (count <= few_filters || expected.shape()[axis] != count) return std::nullopt;
    FewFilters few{{trial.layer, attributes, {}, trial.inputs, trial.after, trial.after_is_elementwise},
                   few_along(expected, axis)};
    few.trial.attributes.set(name, few_filters);
    for (const Array& weight : trial.weights) {
        const Shape& shape = weight.shape();
        const bool per_filter = !shape.empty() && shape.back() == count;
        few.trial.weights.push_back(per_filter ? few_along(weight, shape.size() - 1) : weight);
    }
    return few;
}

std::optional<Array> result_of(const LayerTrial& trial) {
    const auto count = static_cast<int>(trial.inputs.size());
    if (count < trial.layer->min_inputs || count > trial.layer->max_inputs || count == 0) return std::nullopt;
    std::vector<TensorType> types;
    for (const Array& input : trial.inputs) types.push_back({ElementType::float32, input.shape()});
    bool accepted = true;
    const LayerCall call(trial.attributes, types,
                         [&](Code, std::string_view, const std::string&) { accepted = false; });
    const std::optional<TensorType> type =
        trial.layer->infer_type != nullptr ? trial.layer->infer_type(call) : elementwise_type(types);
    if (!accepted || !type || !weights_fit(trial, call)) return std::nullopt;
    Array result = evaluate_layer(*trial.layer, trial.attributes, *type, trial.weights, trial.inputs);
    return trial.after ? trial.after(result) : std::move(result);
}

double trial_error(const std::optional<Array>& result, const Array& expected) {
    if (!result || result->shape() != expected.shape()) return std::numeric_limits<double>::infinity();
    return relative_difference(*result, expected);
}

}  // namespace halcyon
