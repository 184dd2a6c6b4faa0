#pragma once

#include <functional>
#include <vector>

#include "importers/onnx_builder.h"

namespace halcyon::importers {

/// Values brought together by ONNX's rule of broadcasting, which is NumPy's, whatever order their axes lie in. `join` is given
/// all of them as values of the network that broadcast likewise.
[[nodiscard]] OnnxValue joined(OnnxBuilder& builder, std::vector<OnnxValue> values,
                               const std::function<int(const std::vector<int>&)>& join);
[[nodiscard]] OnnxValue joined(OnnxBuilder& builder, const OnnxValue& a, const OnnxValue& b,
                               const std::function<int(int, int)>& join);

/// A value and a constant that broadcasts with it.
struct ConstantOperand {
    int id;  ///< the value, its axes in this order
    std::vector<int> order;
    Shape shape;               ///< the result's, as the file would have it
    OnnxValue value;           ///< the value with as many axes as the result
    Array array;               ///< the constant, its axes in this order, without leading ones
    bool expands;              ///< the result is larger than the value
    std::int64_t last_extent;  ///< of the last axis in this order
};
[[nodiscard]] ConstantOperand constant_beside(OnnxBuilder& builder, const OnnxValue& value, const Array& constant);

/// A constant as a value of the network, where a layer takes nothing else: an element of `like`, whatever it is, becomes 0, and
/// the constant is added. It lies as `like` does.
[[nodiscard]] OnnxValue as_value(OnnxBuilder& builder, const Array& constant, OnnxValue like);

}  // namespace halcyon::importers
