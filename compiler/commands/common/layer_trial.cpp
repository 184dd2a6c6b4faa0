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

}  // namespace

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
