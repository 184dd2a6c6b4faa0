#pragma once

#include <functional>
#include <string>
#include <vector>

#include <Halide.h>

#include "kernels/candidate.h"
#include "kernels/common/built_kernel.h"
#include "kernels/kernel_family.h"
#include "kernels/target_info.h"
#include "kernels/task.h"

namespace halcyon {

/// One index per logical axis [batch, spatial..., channels].
using Coordinates = std::vector<Halide::Expr>;

/// The axes' variables in Halide's order (innermost first: c, x, y, ..., n), from logical order, and back.
[[nodiscard]] std::vector<Halide::Var> halide_order(std::vector<Halide::Var> axes);
[[nodiscard]] Coordinates halide_order(Coordinates axes);

/// What every family's `build` shares: one ImageParam per input, constant and output, whose minima (0), extents and strides
/// are constants taken from task and candidate, so that compiled code reads nothing but host pointers; reading operands as
/// float32; prologue and epilogue. The dimensions of the parameters are the logical axes reversed (c, x, y, ..., n).
class KernelBuilder {
public:
    /// Constants have the shape that `family.packed_shape` says. Layouts with channel blocks are refused by CHECK_INTERNAL.
    KernelBuilder(const Task& task, const Candidate& candidate, const KernelFamily& family);

    [[nodiscard]] const Task& task() const { return task_; }
    /// The output's axes in logical order; named n, z, y, x, c by what they are.
    [[nodiscard]] const std::vector<Halide::Var>& axes() const { return axes_; }
    /// The same as indices.
    [[nodiscard]] Coordinates coordinates() const;

    /// An element of an input as float32; inputs[0] with the prologue.
    [[nodiscard]] Halide::Expr input(int index, const Coordinates& at) const;
    /// An element of an input that NumPy's rule broadcasts to the output's shape: `at` are indices into the output.
    [[nodiscard]] Halide::Expr broadcast_input(int index, const Coordinates& at) const;
    /// An element of a constant as it is packed.
    [[nodiscard]] Halide::Expr packed(int index, const Coordinates& at) const;
    /// An element of an unpacked constant that NumPy's rule broadcasts to one item of the output (no batch axis; for the
    /// prologue: of inputs[0]): `at` are indices into it, batch in front.
    [[nodiscard]] Halide::Expr constant(int index, const Coordinates& at) const;
    /// The epilogue applied to the operation's result at that place of the output. Elementwise: the result is ignored.
    [[nodiscard]] Halide::Expr epilogue(Halide::Expr result, const Coordinates& at) const;
    /// As the output's element type; integers are rounded half to even and saturate.
    [[nodiscard]] Halide::Expr stored(Halide::Expr value) const;

    /// What a convolution's epilogue is applied to, given its results: result(coordinates()), or where it is pooled the
    /// largest of a block of them.
    [[nodiscard]] Halide::Expr pooled(const std::function<Halide::Expr(const Coordinates&)>& result) const;

    /// inputs[0] with the prologue as a Func (c, x, y, ..., n) that is `outside` beyond its bounds, inlined unless scheduled.
    [[nodiscard]] Halide::Func padded_source(double outside, const std::string& name) const;

    /// A Func (c, x, y, ..., n) of the epilogue applied to `result` and stored: the kernel's output, still to be scheduled.
    [[nodiscard]] Halide::Func define_output(Halide::Expr result) const;
    /// The kernel, after the output's buffer got its bounds and strides.
    [[nodiscard]] BuiltKernel finish(Halide::Func output) const;
    /// The same, with constant 0 fetched ahead where the target gains by that.
    [[nodiscard]] BuiltKernel finish_streaming(Halide::Func output, const TargetInfo& target) const;

private:
    [[nodiscard]] std::vector<Halide::Expr> scalar_inputs(Halide::Expr result, const Coordinates& at) const;

    const Task& task_;
    const Candidate& candidate_;
    std::vector<Halide::Var> axes_;
    std::vector<Halide::ImageParam> inputs_, constants_;
};

}  // namespace halcyon
