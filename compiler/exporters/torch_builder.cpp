#include "exporters/torch_builder.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporters/torch_scalar.h"
#include "passes/common.h"
#include "support/check.h"

namespace halcyon {
namespace {

bool same_arguments(const TorchModule& a, const TorchModule& b) {
    return a.type == b.type && std::equal(a.arguments.begin(), a.arguments.end(), b.arguments.begin(),
                                          b.arguments.end(), [](const TorchArgument& x, const TorchArgument& y) {
                                              return x.name == y.name && x.value == y.value;
                                          });
}

/// The axes that have more than one element, in the order.
AxisOrder axes_that_matter(const AxisOrder& order, const Shape& shape) {
    AxisOrder axes;
    for (int axis : order) {
        if (shape[static_cast<std::size_t>(axis)] != 1) axes.push_back(axis);
    }
    return axes;
}

}  // namespace

Value brief(const std::vector<std::int64_t>& numbers) {
    const bool alike = std::all_of(numbers.begin(), numbers.end(), [&](std::int64_t n) { return n == numbers[0]; });
    if (alike && !numbers.empty()) return numbers[0];
    return Value::Sequence(numbers.begin(), numbers.end());
}

std::string tuple_text(const std::vector<std::int64_t>& numbers) {
    return fmt::format("({}{})", fmt::join(numbers, ", "), numbers.size() == 1 ? "," : "");
}

std::string describe_door(const TensorType& type, const AxisOrder& order) {
    std::vector<std::string> extents{"N"};
    for (int axis : order) extents.push_back(fmt::format("{}", type.shape[static_cast<std::size_t>(axis)]));
    std::string text =
        fmt::format("{} ({}{})", to_text(type.element), fmt::join(extents, ", "), extents.size() == 1 ? "," : "");
    if (order != own_order(type.rank())) text += fmt::format(": the spec's {} with channels first", to_text(type));
    return text;
}

TorchBuilder::Tensor TorchBuilder::add_input(const std::string& name, TensorType type, AxisOrder order) {
    const int value = network_.value_count++;
    network_.inputs.push_back({name, value, describe_door(type, order)});
    return define(std::move(type), std::move(order), value);
}

void TorchBuilder::begin_layer(const std::string& name, bool is_written) {
    layer_ = is_written ? name : "";
    whose_ = name;
}

int TorchBuilder::push(TorchStep step) {
    step.layer = layer_;
    layer_.clear();
    step.output = network_.value_count++;
    network_.steps.push_back(std::move(step));
    return network_.value_count - 1;
}

int TorchBuilder::add(std::string expression, std::vector<int> inputs, std::string kind) {
    return push({-1, std::move(expression), std::move(inputs), -1, "", std::move(kind)});
}

int TorchBuilder::add(TorchModule module, std::vector<int> inputs, std::string kind) {
    if (!module.weights.empty()) module.layer = whose_;
    std::vector<TorchModule>& modules = network_.modules;
    const auto found = std::find_if(modules.begin(), modules.end(), [&](const TorchModule& each) {
        return same_arguments(each, module) && each.layer == module.layer && each.part == module.part &&
               each.weights.size() == module.weights.size();
    });
    const auto index = static_cast<int>(found - modules.begin());
    if (found == modules.end()) modules.push_back(std::move(module));
    return push({index, "", std::move(inputs), -1, "", std::move(kind)});
}

TorchBuilder::Tensor TorchBuilder::define(TensorType type, AxisOrder order, int value) {
    CHECK_INTERNAL(static_cast<int>(order.size()) == type.rank());
    tensors_.push_back({std::move(type), {{std::move(order), value}}, -1, {}, {}, -1});
    return static_cast<Tensor>(tensors_.size()) - 1;
}

AxisOrder TorchBuilder::order_of(Tensor tensor) const {
    const Known& known = at(tensor);
    return known.forms.empty() ? order_of(known.padded) : known.forms.front().order;
}

bool TorchBuilder::lies_in(Tensor tensor, const AxisOrder& order) const {
    return axes_that_matter(order_of(tensor), shape_of(tensor)) == axes_that_matter(order, shape_of(tensor));
}

int TorchBuilder::in_order(Tensor tensor, const AxisOrder& order) {
    if (at(tensor).forms.empty()) add_pads(tensor);
    for (const Form& form : at(tensor).forms) {
        if (form.order == order) return form.value;
    }
    const Form from = at(tensor).forms.front();
    std::vector<std::int64_t> axes{0};
    for (int axis : order) axes.push_back(static_cast<std::int64_t>(position_of(from.order, axis)) + 1);
    const int value = add(fmt::format("{{0}}.permute({})", fmt::join(axes, ", ")), {from.value});
    if (!lies_in(tensor, order)) ++network_.moves;
    tensors_[static_cast<std::size_t>(tensor)].forms.push_back({order, value});
    return value;
}

TorchBuilder::Tensor TorchBuilder::as_float(Tensor tensor) {
    TensorType type = type_of(tensor);
    if (type.element == ElementType::float32) return tensor;
    if (at(tensor).as_float >= 0) return at(tensor).as_float;
    type.element = ElementType::float32;
    const AxisOrder order = order_of(tensor);
    const Tensor result = define(std::move(type), order, add("{0}.float()", {in_order(tensor, order)}));
    tensors_[static_cast<std::size_t>(tensor)].as_float = result;
    return result;
}

TorchBuilder::Tensor TorchBuilder::pad_later(Tensor tensor, Shape before, Shape after, TensorType type) {
    tensors_.push_back({std::move(type), {}, tensor, std::move(before), std::move(after), -1});
    return static_cast<Tensor>(tensors_.size()) - 1;
}

TorchBuilder::Padded TorchBuilder::without_pads(Tensor tensor) const {
    const Known& known = at(tensor);
    // Once the pads are there for somebody else, adding them again is no gain.
    if (known.padded < 0 || !known.forms.empty()) {
        const Shape none(known.type.shape.size(), 0);
        return {tensor, none, none};
    }
    return {known.padded, known.before, known.after};
}

void TorchBuilder::add_pads(Tensor tensor) {
    const Known known = at(tensor);
    const AxisOrder order = order_of(known.padded);
    const int value = pad(in_order(known.padded, order), order, known.before, known.after, 0.0);
    tensors_[static_cast<std::size_t>(tensor)].forms.push_back({order, value});
}

int TorchBuilder::pad(int value, const AxisOrder& order, const Shape& before, const Shape& after, double outside) {
    // The last axis first; what is left out at the end is not padded.
    std::vector<std::int64_t> pads;
    std::size_t needed = 0;
    for (std::size_t i = order.size(); i-- > 0;) {
        const auto axis = static_cast<std::size_t>(order[i]);
        pads.insert(pads.end(), {before[axis], after[axis]});
        if (before[axis] != 0 || after[axis] != 0) needed = pads.size();
    }
    pads.resize(needed);
    if (pads.empty()) return value;
    if (std::none_of(pads.begin(), pads.end(), [](std::int64_t n) { return n > 0; })) {
        std::vector<std::string> slices{":"};
        for (int axis : order) {
            const std::int64_t first = -before[static_cast<std::size_t>(axis)];
            const std::int64_t last = after[static_cast<std::size_t>(axis)];
            slices.push_back(fmt::format("{}:{}", first == 0 ? "" : fmt::format("{}", first),
                                         last == 0 ? "" : fmt::format("{}", last)));
        }
        while (slices.back() == ":") slices.pop_back();
        return add(fmt::format("{{0}}[{}]", fmt::join(slices, ", ")), {value}, "Cropping");
    }
    const std::string what = outside == 0.0 ? "" : fmt::format(", value={}", torch_number(outside));
    return add(fmt::format("F.pad({{0}}, {}{})", tuple_text(pads), what), {value}, "ZeroPadding");
}

void TorchBuilder::add_output(const std::string& name, Tensor tensor) {
    tensor = as_float(tensor);  // as in a library
    const int rank = rank_of(tensor);
    AxisOrder order = order_of(tensor);
    if (order != channels_first_order(rank)) order = own_order(rank);
    const int value = in_order(tensor, order);
    network_.outputs.push_back({name, value, describe_door(type_of(tensor), order)});
}

std::string TorchBuilder::add_class(const std::string& wanted, const std::string& text) {
    for (int number = 1;; ++number) {
        const std::string name = number == 1 ? wanted : fmt::format("{}{}", wanted, number);
        std::string named = text;
        for (std::size_t at = named.find("CLASS"); at != std::string::npos; at = named.find("CLASS", at))
            named.replace(at, 5, name);
        const auto known = std::find_if(network_.classes.begin(), network_.classes.end(),
                                        [&](const TorchClass& each) { return each.name == name; });
        if (known == network_.classes.end()) {
            network_.classes.push_back({name, std::move(named)});
            return name;
        }
        if (known->text == named) return name;
    }
}

void TorchBuilder::add_classes(const std::vector<TorchClass>& classes) {
    for (const TorchClass& each : classes) {
        const std::string name = add_class(each.name, each.text);
        CHECK_INTERNAL(name == each.name);
    }
}

}  // namespace halcyon
