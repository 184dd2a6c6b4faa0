#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "graph/array.h"
#include "graph/scalar_expr.h"

namespace halcyon {

/// A constant tensor as an expression over named weights. Passes fold by building larger expressions; numbers are computed
/// in double only when the library is packaged, tensor by tensor. Immutable and cheap to copy.
class ConstantExpr {
public:
    enum class Kind { weight, literal, elementwise, reshape, transpose };

    /// The tensor `name` ("conv2d_1/kernel") of the weight file.
    static ConstantExpr weight(std::string name, Shape shape);
    static ConstantExpr literal(Array array);
    /// `expr` over the operands (its inputs), broadcast by NumPy's rule; CHECK_INTERNAL that they agree.
    static ConstantExpr elementwise(ScalarExpr expr, std::vector<ConstantExpr> operands);
    [[nodiscard]] ConstantExpr reshaped(Shape shape) const;
    /// out axis i is this one's axis axes[i].
    [[nodiscard]] ConstantExpr transposed(std::vector<int> axes) const;

    [[nodiscard]] Kind kind() const;
    [[nodiscard]] const Shape& shape() const;
    [[nodiscard]] const std::string& name() const;                    ///< of weight
    [[nodiscard]] const std::vector<ConstantExpr>& operands() const;  ///< of all but weight and literal

    /// Asks `weights` for named tensors, whose shapes have been checked.
    [[nodiscard]] Array evaluate(const std::function<Array(const std::string& name)>& weights) const;

    /// "multiply(conv1/kernel, ...)": equal texts mean equal values (literals print a hash).
    [[nodiscard]] std::string text() const;

private:
    struct Tree;
    explicit ConstantExpr(std::shared_ptr<const Tree> tree) : tree_(std::move(tree)) {}
    std::shared_ptr<const Tree> tree_;
};

}  // namespace halcyon
