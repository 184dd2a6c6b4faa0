#include "kernels/candidate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "kernels/task.h"
#include "support/check.h"

namespace halcyon {
namespace {

/// Axes in the order in which they lie in memory, outermost first, with strides as if there were no gaps.
std::vector<std::int64_t> strides_in_order(const Shape& shape, const std::vector<std::size_t>& order) {
    std::vector<std::int64_t> strides(shape.size());
    std::int64_t stride = 1;
    for (std::size_t i = order.size(); i-- > 0;) {
        strides[order[i]] = stride;
        stride *= shape[order[i]];
    }
    return strides;
}

/// Whether two sets of strides address the same elements: those of axes of extent 1 do not matter.
bool same_places(const Shape& shape, const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (shape[axis] != 1 && a[axis] != b[axis]) return false;
    }
    return true;
}

/// The gap after each pixel's channels if that is all that differs from dense rows.
std::optional<std::int64_t> channel_gap(const Shape& shape, const std::vector<std::int64_t>& strides) {
    if (shape.size() < 3 || strides.size() != shape.size()) return std::nullopt;
    const std::int64_t gap = strides[shape.size() - 2] - shape.back();
    Shape padded = shape;
    padded.back() += gap;
    if (gap <= 0 || !same_places(shape, strides, dense_layout(padded).strides)) return std::nullopt;
    return gap;
}

nlohmann::json layout_to_json(const Layout& layout) {
    nlohmann::json json{{"strides", layout.strides}};
    if (layout.channel_block != 1) json["channel_block"] = layout.channel_block;
    return json;
}

Layout layout_from_json(const nlohmann::json& json) {
    return {json.at("strides").get<std::vector<std::int64_t>>(), json.value("channel_block", 1)};
}

}  // namespace

Layout dense_layout(const Shape& shape) {
    Layout layout;
    layout.strides.resize(shape.size());
    std::int64_t stride = 1;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
        layout.strides[axis] = stride;
        stride *= shape[axis];
    }
    return layout;
}

bool is_dense(const Layout& layout, const Shape& shape) {
    return layout.channel_block == 1 && layout.strides.size() == shape.size() &&
           same_places(shape, layout.strides, dense_layout(shape).strides);
}

std::string to_text(const Layout& layout, const Shape& shape) {
    const std::size_t rank = shape.size();
    const std::string spatial = rank == 5 ? "dhw" : rank == 4 ? "hw" : rank == 3 ? "w" : "";
    if (layout.channel_block > 1) return fmt::format("nc{}{}c", spatial, layout.channel_block);
    if (is_dense(layout, shape)) return rank <= 5 ? "n" + spatial + (rank > 1 ? "c" : "") : "dense";
    if (const std::optional<std::int64_t> gap = channel_gap(shape, layout.strides)) {
        return fmt::format("n{}c+{}", spatial, *gap);
    }
    if (rank >= 3 && rank <= 5) {
        std::vector<std::size_t> order{0, rank - 1};
        for (std::size_t axis = 1; axis + 1 < rank; ++axis) order.push_back(axis);
        if (same_places(shape, layout.strides, strides_in_order(shape, order))) return "nc" + spatial;
    }
    return fmt::format("({})", fmt::join(layout.strides, ","));
}

const std::vector<int>& Candidate::values(std::string_view name) const {
    for (const Parameter& parameter : parameters) {
        if (parameter.name == name) return parameter.values;
    }
    internal_error(__FILE__, __LINE__, fmt::format("no parameter '{}' in a candidate of {}", name, family));
}

std::string to_text(const Candidate& candidate, const Task& task) {
    std::vector<std::string> inputs;
    for (std::size_t i = 0; i < candidate.inputs.size(); ++i) {
        inputs.push_back(to_text(candidate.inputs[i], task.inputs.at(i).shape));
    }
    std::string text = fmt::format("{}  layout {} -> {}", candidate.family, fmt::join(inputs, ", "),
                                   to_text(candidate.output, task.output.shape));
    if (candidate.in_place >= 0) text += fmt::format("  in_place {}", candidate.in_place);
    for (const Parameter& parameter : candidate.parameters) {
        text += fmt::format("  {} {}", parameter.name, fmt::join(parameter.values, "x"));
    }
    return text;
}

nlohmann::json to_json(const Candidate& candidate) {
    nlohmann::json inputs = nlohmann::json::array();
    for (const Layout& layout : candidate.inputs) inputs.push_back(layout_to_json(layout));
    nlohmann::json parameters = nlohmann::json::array();
    for (const Parameter& parameter : candidate.parameters) {
        parameters.push_back({{"name", parameter.name}, {"values", parameter.values}});
    }
    return {{"family", candidate.family},
            {"inputs", inputs},
            {"output", layout_to_json(candidate.output)},
            {"in_place", candidate.in_place},
            {"parameters", parameters}};
}

Candidate candidate_from_json(const nlohmann::json& json) {
    Candidate candidate;
    candidate.family = json.at("family").get<std::string>();
    for (const nlohmann::json& layout : json.at("inputs")) candidate.inputs.push_back(layout_from_json(layout));
    candidate.output = layout_from_json(json.at("output"));
    candidate.in_place = json.at("in_place").get<int>();
    for (const nlohmann::json& parameter : json.at("parameters")) {
        candidate.parameters.push_back(
            {parameter.at("name").get<std::string>(), parameter.at("values").get<std::vector<int>>()});
    }
    return candidate;
}

}  // namespace halcyon
