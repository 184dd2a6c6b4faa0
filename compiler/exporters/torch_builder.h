#pragma once

#include <string>
#include <vector>

#include "exporters/axis_order.h"
#include "exporters/torch_network.h"

namespace halcyon {

/// Grows a TorchNetwork step by step. A tensor of the graph, here known by a number, is what one or several values are:
/// with its axes in several orders if somebody asks for it. All values have the batch in front.
class TorchBuilder {
public:
    using Tensor = int;

    Tensor add_input(const std::string& name, TensorType type, AxisOrder order);
    /// The steps that follow are the layer's; the first of them is called so if somebody wrote the name.
    void begin_layer(const std::string& name, bool is_written);
    /// Steps; they return the value. `kind` is what Keras calls such a step.
    int add(std::string expression, std::vector<int> inputs, std::string kind = "");
    /// Modules without weights that are alike are one; those with weights are one if they are the same layer's.
    int add(TorchModule module, std::vector<int> inputs, std::string kind = "");
    Tensor define(TensorType type, AxisOrder order, int value);

    [[nodiscard]] const TensorType& type_of(Tensor tensor) const { return at(tensor).type; }
    [[nodiscard]] const Shape& shape_of(Tensor tensor) const { return at(tensor).type.shape; }
    [[nodiscard]] int rank_of(Tensor tensor) const { return at(tensor).type.rank(); }
    /// The order in which it was computed: the one that costs nothing.
    [[nodiscard]] AxisOrder order_of(Tensor tensor) const;
    /// Whether its elements in this order lie as they were computed: only axes of one element would move.
    [[nodiscard]] bool lies_in(Tensor tensor, const AxisOrder& order) const;
    int in_order(Tensor tensor, const AxisOrder& order);
    /// The same with numbers that PyTorch computes with: uint8 and float16 become float32.
    Tensor as_float(Tensor tensor);
    /// What an activation says of its result: a maximum over it may take zeros round it for nothing at all.
    void set_non_negative(Tensor tensor) { tensors_[static_cast<std::size_t>(tensor)].non_negative = true; }
    [[nodiscard]] bool is_non_negative(Tensor tensor) const { return at(tensor).non_negative; }

    /// Zeros round a tensor, which a convolution may take upon itself: they are added when somebody else asks.
    Tensor pad_later(Tensor tensor, Shape before, Shape after, TensorType type);
    struct Padded {
        Tensor inner;
        Shape before, after;
    };
    /// What pad_later was asked for; the tensor itself without pads otherwise.
    [[nodiscard]] Padded without_pads(Tensor tensor) const;
    /// Pads by axis; negative ones take away.
    int pad(int value, const AxisOrder& order, const Shape& before, const Shape& after, double outside);

    void add_output(const std::string& name, Tensor tensor);
    /// A class with this text, in which "CLASS" stands for its name: `wanted`, or with a number. Equal ones are one.
    std::string add_class(const std::string& wanted, const std::string& text);
    /// Those of another builder too.
    void add_classes(const std::vector<TorchClass>& classes);

    [[nodiscard]] TorchNetwork& network() { return network_; }

private:
    struct Form {
        AxisOrder order;
        int value;
    };
    struct Known {
        TensorType type;
        std::vector<Form> forms;  ///< the first is the one that was computed
        Tensor padded = -1;       ///< what pad_later was given
        Shape before, after;
        Tensor as_float = -1;
        bool non_negative = false;
    };
    [[nodiscard]] const Known& at(Tensor tensor) const { return tensors_[static_cast<std::size_t>(tensor)]; }
    int push(TorchStep step);
    void add_pads(Tensor tensor);

    TorchNetwork network_;
    std::vector<Known> tensors_;
    std::string layer_;  ///< of the next step; empty after it
    std::string whose_;  ///< the layer in work
};

/// "float32 (N, 3, 224, 224), channels first", with what the spec says where that is something else.
[[nodiscard]] std::string describe_door(const TensorType& type, const AxisOrder& order);

/// 3 for (3, 3).
[[nodiscard]] Value brief(const std::vector<std::int64_t>& numbers);
/// (3, 3) as Python has it: a tuple of one too.
[[nodiscard]] std::string tuple_text(const std::vector<std::int64_t>& numbers);

}  // namespace halcyon
