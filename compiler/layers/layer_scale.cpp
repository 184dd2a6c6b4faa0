#include <fmt/format.h>

#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

Shape scale_shape(const Attributes& attributes) {
    return {attributes.integer("projection_dim")};
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    const Shape& input = call.inputs[0].shape;
    if (broadcast(input, scale_shape(call.attributes)) == input) return computed(input);
    call.error(Code::shape_mismatch, "projection_dim",
               fmt::format("{} factors do not fit the last axis of the input {}",
                           call.attributes.integer("projection_dim"), to_text(input)));
    return std::nullopt;
}

std::vector<WeightDef> weights(const LayerCall& call) {
    Value::Object constant{"Constant", {}};
    constant.arguments["value"] = call.attributes["init_values"];
    return {{"gamma", scale_shape(call.attributes), Value(std::move(constant))}};
}

}  // namespace

extern const LayerDef layer_scale;
const LayerDef layer_scale{
    .name = "LayerScale",
    .doc = "A trained factor for each channel, as keras.applications.convnext has it.",
    .arguments = {{"init_values", argument::real(), std::nullopt, "the factors before training"},
                  {"projection_dim", argument::positive_integer(), std::nullopt, "how many channels there are"}},
    .infer_type = infer_type,
    .weights = weights,
    .scalar = [](const LayerCall&) { return ScalarExpr::input(0) * ScalarExpr::constant(0); },
};

}  // namespace halcyon::layers
