#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/argument_type.h"
#include "graph/array.h"
#include "graph/constant_expr.h"
#include "graph/operation.h"
#include "graph/scalar_expr.h"
#include "graph/tensor_type.h"
#include "graph/value.h"
#include "support/diagnostics.h"

namespace halcyon {

/// A tensor that a layer asks for. `name` is the part after the slash: "kernel".
struct WeightDef {
    std::string name;
    Shape shape;
    Value initializer;  ///< an Object, see argument::initializer
};

/// What a layer's hooks are given: its arguments, what it is applied to, and where to complain.
class LayerCall {
public:
    /// Where mistakes are reported: the span of the named argument as written, else of the call.
    using Report = std::function<void(Code code, std::string_view argument, std::string message)>;

    LayerCall(const Attributes& written, std::span<const TensorType> applied_to, Report report)
        : attributes(written), inputs(applied_to), report_(std::move(report)) {}

    const Attributes& attributes;
    std::span<const TensorType> inputs;

    /// Reports a mistake of the user at one of the layer's arguments ("" means at the call itself, e.g. wrong input).
    void error(Code code, std::string_view argument, std::string message) const {
        report_(code, argument, std::move(message));
    }

private:
    Report report_;
};

/// Builds operations during lowering. Values are numbered; 0 .. n-1 are the layer's inputs.
class Lowering {
public:
    virtual ~Lowering() = default;
    const Attributes* attributes = nullptr;
    std::vector<TensorType> inputs;
    TensorType output;                  ///< the layer's inferred type
    std::vector<ConstantExpr> weights;  ///< as LayerDef::weights listed them

    [[nodiscard]] virtual TensorType type_of(int value) const = 0;
    /// Adds an operation; `epilogue` (over input(0) = its result, constant(k) = constants[k]) may be the identity.
    /// For convolution and dense constants[0] is the kernel and the epilogue's constants count from 1 on.
    virtual int add(Operation operation, std::vector<int> inputs, std::vector<ConstantExpr> constants,
                    ScalarExpr epilogue, Shape shape) = 0;
    /// An elementwise operation over the inputs.
    virtual int elementwise(ScalarExpr expr, std::vector<int> inputs, std::vector<ConstantExpr> constants,
                            Shape shape) = 0;
};

/// One layer: all that Halcyon knows of it. Adding a layer is adding one of these in layers/<name>.cpp.
struct LayerDef {
    std::string_view name;                  ///< as in Keras: "Conv2D"
    std::string_view doc;                   ///< one sentence
    std::vector<std::string_view> aliases;  ///< "Convolution2D"
    std::vector<ArgumentDef> arguments;     ///< in Keras's positional order, without `name`, `dtype` and `**kwargs`
    int min_inputs = 1;
    int max_inputs = 1;  ///< many_inputs: takes a list
    /// The result's type; on a mistake reports it through `call` and returns nothing. Shapes grow checked against overflow;
    /// the caller checks max_elements. Elementwise layers may leave it out: the broadcast of the inputs.
    std::optional<TensorType> (*infer_type)(const LayerCall& call) = nullptr;
    /// May be left out: no weights. Called after infer_type succeeded.
    std::vector<WeightDef> (*weights)(const LayerCall& call) = nullptr;
    /// In double precision, plain loops, one item (no batch). Elementwise layers leave it out and give `scalar`.
    void (*reference)(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
                      Array& output) = nullptr;
    /// Elementwise layers: the result's element from input(i) and constant(k) = weight k, broadcast by NumPy's rule.
    ScalarExpr (*scalar)(const LayerCall& call) = nullptr;
    /// To operations; returns the number of the value that is the result. Elementwise layers may leave it out.
    int (*lower)(Lowering& lowering) = nullptr;
    /// Layers with a data_format or an axis: the same layer on channels-last inputs, used when the attributes say
    /// channels_first. Given attributes with axes meaning [C, spatial...], returns them meaning [spatial..., C].
    Attributes (*to_channels_last)(const Attributes& attributes, int rank) = nullptr;

    static constexpr int many_inputs = 1 << 20;
    [[nodiscard]] bool is_elementwise() const { return scalar != nullptr; }
};

/// Every layer, generated from the files of compiler/layers.
[[nodiscard]] const std::vector<const LayerDef*>& layer_table();
/// By name or alias; null if there is none.
[[nodiscard]] const LayerDef* find_layer(std::string_view name);
/// Keras's name for a first layer of that class in a fresh session: "Conv2D" -> "conv2d", "ReLU" -> "re_lu".
[[nodiscard]] std::string snake_case(std::string_view class_name);

}  // namespace halcyon
