#include "graph/apply_scalar.h"

#include <algorithm>
#include <map>

#include "graph/scalar_op.h"
#include "support/check.h"

namespace halcyon {
namespace {

constexpr std::int64_t block = 256;

/// One operation over slots, each of which holds a block of numbers.
struct Step {
    ScalarOp op;
    double number = 0.0;
    const Array* operand = nullptr;  ///< of input and constant
    std::size_t from[3] = {};        ///< earlier slots
};

/// The expression in the order of computing; its last slot is the result.
class Steps {
public:
    Steps(const ScalarExpr& expr, std::span<const Array> inputs, std::span<const Array> constants)
        : inputs_(inputs), constants_(constants) {
        visit(expr);
    }
    [[nodiscard]] const std::vector<Step>& all() const { return steps_; }

private:
    std::size_t visit(const ScalarExpr& expr) {
        // A tree is told from another by where its operands lie; leaves have none to share.
        const bool leaf = expr.operands().empty();
        if (const auto found = done_.find(&expr.operands()); !leaf && found != done_.end()) return found->second;
        Step step{expr.op()};
        if (expr.op() == ScalarOp::number) step.number = expr.number();
        if (expr.op() == ScalarOp::input) step.operand = operand(inputs_, expr.index());
        if (expr.op() == ScalarOp::constant) step.operand = operand(constants_, expr.index());
        for (std::size_t i = 0; i < expr.operands().size(); ++i) step.from[i] = visit(expr.operands()[i]);
        steps_.push_back(step);
        if (!leaf) done_.emplace(&expr.operands(), steps_.size() - 1);
        return steps_.size() - 1;
    }

    static const Array* operand(std::span<const Array> arrays, int index) {
        CHECK_INTERNAL(static_cast<std::size_t>(index) < arrays.size());
        return &arrays[static_cast<std::size_t>(index)];
    }

    std::span<const Array> inputs_, constants_;
    std::vector<Step> steps_;
    std::map<const void*, std::size_t> done_;
};

/// Reads an array as if it had the shape that it is broadcast to, in row-major order.
class BroadcastReader {
public:
    BroadcastReader(const Array& array, const Shape& shape) : array_(array), shape_(shape), index_(shape.size(), 0) {
        CHECK_INTERNAL(broadcast(array.shape(), shape) == shape);
        const std::vector<std::int64_t> own = array.strides();
        step_.assign(shape.size(), 0);
        for (std::size_t i = 0; i < own.size(); ++i) {
            if (array.shape()[own.size() - 1 - i] != 1) step_[shape.size() - 1 - i] = own[own.size() - 1 - i];
        }
        whole_ = array.shape() == shape;
    }

    void read(std::span<double> into) {
        if (whole_) {
            std::copy_n(array_.values().begin() + at_, into.size(), into.begin());
            at_ += static_cast<std::int64_t>(into.size());
            return;
        }
        for (double& value : into) {
            value = array_[at_];
            for (std::size_t axis = shape_.size(); axis-- > 0;) {
                at_ += step_[axis];
                if (++index_[axis] < shape_[axis]) break;
                at_ -= step_[axis] * shape_[axis];
                index_[axis] = 0;
            }
        }
    }

private:
    const Array& array_;
    const Shape& shape_;
    std::vector<std::int64_t> index_, step_;
    std::int64_t at_ = 0;
    bool whole_ = false;
};

void run(const Step& step, std::vector<double>& slots, std::size_t slot, std::size_t count) {
    double* out = slots.data() + slot * block;
    const double* a = slots.data() + step.from[0] * block;
    const double* b = slots.data() + step.from[1] * block;
    const double* c = slots.data() + step.from[2] * block;
    for (std::size_t i = 0; i < count; ++i) out[i] = apply(step.op, a[i], b[i], c[i]);
}

}  // namespace

// Block by block, so that slots stay in the cache.
Array apply_scalar(const ScalarExpr& expr, std::span<const Array> inputs, std::span<const Array> constants,
                   const Shape& shape) {
    const Steps steps(expr, inputs, constants);
    std::vector<double> slots(steps.all().size() * block);
    std::vector<BroadcastReader> readers;
    for (std::size_t slot = 0; slot < steps.all().size(); ++slot) {
        const Step& step = steps.all()[slot];
        if (step.operand != nullptr) readers.emplace_back(*step.operand, shape);
        if (step.op == ScalarOp::number)
            std::fill_n(slots.begin() + static_cast<std::ptrdiff_t>(slot * block), block, step.number);
    }
    Array result(shape);
    for (std::int64_t done = 0; done < result.size(); done += block) {
        const auto count = static_cast<std::size_t>(std::min(block, result.size() - done));
        std::size_t reader = 0;
        for (std::size_t slot = 0; slot < steps.all().size(); ++slot) {
            const Step& step = steps.all()[slot];
            if (step.operand != nullptr) {
                readers[reader++].read({slots.data() + slot * block, count});
            } else if (step.op != ScalarOp::number) {
                run(step, slots, slot, count);
            }
        }
        std::copy_n(slots.end() - block, count, result.values().begin() + done);
    }
    return result;
}

}  // namespace halcyon
