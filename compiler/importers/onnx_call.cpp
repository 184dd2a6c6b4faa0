#include "importers/onnx_call.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "importers/onnx_constants.h"

namespace halcyon::importers {

const OnnxValue& OnnxCall::input(std::size_t index) const {
    if (!has(index)) throw Refused{fmt::format("its input {} is missing", index)};
    return *inputs[index];
}

Array OnnxCall::constant(std::size_t index, std::string_view what) const {
    if (!input(index).constant) throw Refused{fmt::format("its {} is no constant", what)};
    return to_array(*inputs[index]->constant);
}

std::vector<std::int64_t> OnnxCall::integers_in(std::size_t index, std::string_view what) const {
    if (!input(index).constant) throw Refused{fmt::format("its {} is no constant", what)};
    return integers_of(*inputs[index]->constant);
}

double OnnxCall::number_in(std::size_t index, std::string_view what) const {
    const Array array = constant(index, what);
    if (array.size() != 1) throw Refused{fmt::format("its {} is not one number", what)};
    return as_written(array[0]);
}

const onnx_file::Attribute* OnnxCall::attribute(std::string_view name) const {
    const auto found = std::find_if(node.attributes.begin(), node.attributes.end(),
                                    [&](const auto& each) { return each.name == name; });
    return found == node.attributes.end() ? nullptr : &*found;
}

std::int64_t OnnxCall::integer(std::string_view name, std::int64_t otherwise) const {
    const onnx_file::Attribute* found = attribute(name);
    return found != nullptr && found->kind == onnx_file::Attribute::Kind::integer ? found->integer : otherwise;
}

double OnnxCall::number(std::string_view name, double otherwise) const {
    const onnx_file::Attribute* found = attribute(name);
    return found != nullptr && found->kind == onnx_file::Attribute::Kind::number
               ? as_written(static_cast<double>(found->number))
               : otherwise;
}

std::string OnnxCall::text(std::string_view name, std::string_view otherwise) const {
    const onnx_file::Attribute* found = attribute(name);
    return found != nullptr && found->kind == onnx_file::Attribute::Kind::text ? found->text : std::string(otherwise);
}

std::optional<std::vector<std::int64_t>> OnnxCall::integers(std::string_view name) const {
    const onnx_file::Attribute* found = attribute(name);
    if (found == nullptr || found->kind != onnx_file::Attribute::Kind::integers) return std::nullopt;
    return found->integers;
}

std::optional<std::vector<std::int64_t>> OnnxCall::integers(std::string_view name, std::size_t index) const {
    if (has(index)) return integers_in(index, name);
    return integers(name);
}

int OnnxCall::axis(std::int64_t written, int rank) {
    if (written < -rank || written >= rank)
        throw Refused{fmt::format("it speaks of axis {} of a tensor that has {}", written, rank)};
    return static_cast<int>(written < 0 ? written + rank : written);
}

void OnnxCall::give(OnnxValue value) {
    if (outputs.empty()) outputs.emplace_back();
    outputs[0] = std::move(value);
}

bool is_integer(const OnnxValue& value) {
    return value.constant ? is_whole(value.constant->type) : value.integer;
}

bool is_integer_type(std::int64_t type) {
    return (type >= 2 && type <= 9 && type != 8) || type == 12 || type == 13;
}

bool gives_integers(const OnnxCall& call, std::size_t output) {
    const std::string& type = call.node.type;
    static constexpr std::string_view always[] = {
        "ArgMax", "ArgMin", "Equal", "Less", "LessOrEqual", "Greater", "And", "Or", "GreaterOrEqual", "Xor", "Not"};
    if (type == "Cast") return is_integer_type(call.integer("to", 1));
    if (std::find(std::begin(always), std::end(always), type) != std::end(always)) return true;
    if (type == "TopK" && output == 1) return true;
    const std::size_t like = type == "Where" ? 1 : 0;
    return call.has(like) && is_integer(*call.inputs[like]);
}

double as_written(double number) {
    const auto single = static_cast<float>(number);
    if (!std::isfinite(number) || static_cast<double>(single) != number) return number;
    const std::string text = fmt::format("{}", single);
    double shortest = number;
    std::from_chars(text.data(), text.data() + text.size(), shortest);
    return shortest;
}

}  // namespace halcyon::importers
