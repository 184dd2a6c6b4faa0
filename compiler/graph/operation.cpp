#include "graph/operation.h"

#include <nlohmann/json.hpp>

#include "support/check.h"

namespace halcyon {
namespace {

constexpr std::pair<Op, std::string_view> names[] = {
    {Op::input, "input"},
    {Op::convolution, "convolution"},
    {Op::transposed_convolution, "transposed_convolution"},
    {Op::dense, "dense"},
    {Op::max_pool, "max_pool"},
    {Op::average_pool, "average_pool"},
    {Op::reduce_mean, "reduce_mean"},
    {Op::reduce_max, "reduce_max"},
    {Op::reduce_min, "reduce_min"},
    {Op::reduce_sum, "reduce_sum"},
    {Op::softmax, "softmax"},
    {Op::elementwise, "elementwise"},
    {Op::pad, "pad"},
    {Op::concatenate, "concatenate"},
    {Op::transpose, "transpose"},
    {Op::reshape, "reshape"},
    {Op::slice, "slice"},
    {Op::resize_nearest, "resize_nearest"},
    {Op::resize_bilinear, "resize_bilinear"},
};

}  // namespace

std::string_view to_text(Op op) {
    for (const auto& [candidate, name] : names) {
        if (candidate == op) return name;
    }
    internal_error(__FILE__, __LINE__, "an operation without a name");
}

// Only what differs from the default is written, so that tasks stay short and old ones keep their text.
nlohmann::json to_json(const Operation& operation) {
    nlohmann::json json = {{"op", to_text(operation.op)}};
    const Window& window = operation.window;
    if (window != Window{}) {
        json["window"] = {{"size", window.size},
                          {"stride", window.stride},
                          {"dilation", window.dilation},
                          {"pad_before", window.pad_before},
                          {"pad_after", window.pad_after}};
    }
    if (operation.groups != 1) json["groups"] = operation.groups;
    if (!operation.pooled.empty()) json["pooled"] = operation.pooled;
    if (!operation.axes.empty()) json["axes"] = operation.axes;
    if (!operation.pad_before.empty()) json["pad_before"] = operation.pad_before;
    if (!operation.pad_after.empty()) json["pad_after"] = operation.pad_after;
    if (!operation.begin.empty()) json["begin"] = operation.begin;
    if (!operation.step.empty()) json["step"] = operation.step;
    if (operation.has_pad_value) json["has_pad_value"] = true;
    if (operation.pad_value != 0.0) json["pad_value"] = operation.pad_value;
    return json;
}

Operation operation_from_json(const nlohmann::json& json) {
    using Integers = std::vector<std::int64_t>;
    Operation operation;
    bool known = false;
    for (const auto& [op, name] : names) {
        if (json.at("op") != name) continue;
        operation.op = op;
        known = true;
    }
    CHECK_INTERNAL(known);
    if (json.contains("window")) {
        const nlohmann::json& window = json.at("window");
        operation.window = {window.at("size").get<Integers>(), window.at("stride").get<Integers>(),
                            window.at("dilation").get<Integers>(), window.at("pad_before").get<Integers>(),
                            window.at("pad_after").get<Integers>()};
    }
    operation.groups = json.value("groups", std::int64_t{1});
    operation.pooled = json.value("pooled", Integers{});
    operation.axes = json.value("axes", std::vector<int>{});
    operation.pad_before = json.value("pad_before", Integers{});
    operation.pad_after = json.value("pad_after", Integers{});
    operation.begin = json.value("begin", Integers{});
    operation.step = json.value("step", Integers{});
    operation.has_pad_value = json.value("has_pad_value", false);
    operation.pad_value = json.value("pad_value", 0.0);
    return operation;
}

}  // namespace halcyon
