#include "kernels/common/kernel_builder.h"

#include <algorithm>

#include <fmt/format.h>

#include "graph/used_constants.h"
#include "kernels/common/emit_scalar.h"
#include "support/check.h"

namespace halcyon {
namespace {

Halide::Type halide_type(ElementType element) {
    switch (element) {
    case ElementType::float32: return Halide::Float(32);
    case ElementType::float16: return Halide::Float(16);
    case ElementType::bfloat16: return Halide::BFloat(16);
    case ElementType::uint8: return Halide::UInt(8);
    case ElementType::int8: return Halide::Int(8);
    }
    internal_error(__FILE__, __LINE__, "an element type without a Halide type");
}

std::vector<Halide::Var> named_axes(int rank) {
    std::vector<std::string> names;
    if (rank > 0) names.emplace_back("n");
    static const std::vector<std::string> spatial{"z", "y", "x"};
    const int spatial_rank = rank - 2;
    for (int i = 0; i < spatial_rank; ++i) {
        names.push_back(spatial_rank <= 3 ? spatial.at(static_cast<std::size_t>(3 - spatial_rank + i))
                                          : fmt::format("d{}", i));
    }
    if (rank > 1) names.emplace_back("c");
    std::vector<Halide::Var> axes;
    for (const std::string& name : names) axes.emplace_back(name);
    return axes;
}

template <typename Parameter>
void set_bounds(Parameter parameter, const Shape& shape, const std::vector<std::int64_t>& strides) {
    CHECK_INTERNAL(strides.size() == shape.size());
    const int rank = static_cast<int>(shape.size());
    for (int d = 0; d < rank; ++d) {
        const std::size_t axis = static_cast<std::size_t>(rank - 1 - d);
        parameter.dim(d).set_bounds(0, static_cast<int>(shape[axis]));
        parameter.dim(d).set_stride(static_cast<int>(strides[axis]));
    }
}

Halide::ImageParam make_parameter(ElementType element, const Shape& shape, const Layout& layout,
                                  const std::string& name) {
    CHECK_INTERNAL(layout.channel_block == 1);
    Halide::ImageParam parameter(halide_type(element), static_cast<int>(shape.size()), name);
    set_bounds(parameter, shape, layout.strides);
    return parameter;
}

/// The indices of `shape`'s axes, aligned at the right, where `at` are indices of a shape that it broadcasts to.
Coordinates broadcast_coordinates(const Shape& shape, const Coordinates& at) {
    CHECK_INTERNAL(shape.size() <= at.size());
    Coordinates aligned(at.end() - static_cast<std::ptrdiff_t>(shape.size()), at.end());
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (shape[axis] == 1) aligned[axis] = 0;
    }
    return aligned;
}

}  // namespace

std::vector<Halide::Var> halide_order(std::vector<Halide::Var> axes) {
    std::reverse(axes.begin(), axes.end());
    return axes;
}

Coordinates halide_order(Coordinates axes) {
    std::reverse(axes.begin(), axes.end());
    return axes;
}

KernelBuilder::KernelBuilder(const Task& task, const Candidate& candidate, const KernelFamily& family)
    : task_(task), candidate_(candidate), axes_(named_axes(task.output.rank())) {
    CHECK_INTERNAL(candidate.inputs.size() == task.inputs.size());
    for (std::size_t i = 0; i < task.inputs.size(); ++i) {
        inputs_.push_back(make_parameter(task.inputs[i].element, task.inputs[i].shape, candidate.inputs[i],
                                         fmt::format("input_{}", i)));
    }
    for (std::size_t k = 0; k < task.constants.size(); ++k) {
        const Shape shape = family.packed_shape == nullptr ? task.constants[k]
                                                           : family.packed_shape(task, candidate, static_cast<int>(k));
        constants_.push_back(
            make_parameter(ElementType::float32, shape, dense_layout(shape), fmt::format("constant_{}", k)));
    }
}

Coordinates KernelBuilder::coordinates() const {
    return {axes_.begin(), axes_.end()};
}

Halide::Expr KernelBuilder::input(int index, const Coordinates& at) const {
    const Halide::Expr value = Halide::cast<float>(inputs_.at(static_cast<std::size_t>(index))(halide_order(at)));
    if (index != 0 || task_.prologue.is_identity()) return value;
    const std::vector<Halide::Expr> inputs{value};
    std::vector<Halide::Expr> constants(task_.constants.size());
    for (int k : used_constants(task_.prologue)) constants.at(static_cast<std::size_t>(k)) = constant(k, at);
    return emit_scalar(task_.prologue, inputs, constants);
}

Halide::Expr KernelBuilder::broadcast_input(int index, const Coordinates& at) const {
    return input(index, broadcast_coordinates(task_.inputs.at(static_cast<std::size_t>(index)).shape, at));
}

Halide::Expr KernelBuilder::packed(int index, const Coordinates& at) const {
    return constants_.at(static_cast<std::size_t>(index))(halide_order(at));
}

Halide::Expr KernelBuilder::constant(int index, const Coordinates& at) const {
    return packed(index, broadcast_coordinates(task_.constants.at(static_cast<std::size_t>(index)), at));
}

std::vector<Halide::Expr> KernelBuilder::scalar_inputs(Halide::Expr result, const Coordinates& at) const {
    const int count = static_cast<int>(task_.inputs.size());
    std::vector<Halide::Expr> inputs;
    const bool elementwise = task_.operation.op == Op::elementwise;
    if (!elementwise) inputs.push_back(std::move(result));
    for (int i = elementwise ? 0 : task_.operand_count; i < count; ++i) inputs.push_back(broadcast_input(i, at));
    return inputs;
}

Halide::Expr KernelBuilder::epilogue(Halide::Expr result, const Coordinates& at) const {
    if (task_.epilogue.is_identity() && task_.operation.op != Op::elementwise) return result;
    const std::vector<Halide::Expr> inputs = scalar_inputs(std::move(result), at);
    std::vector<Halide::Expr> constants(task_.constants.size());
    for (int k : used_constants(task_.epilogue)) constants.at(static_cast<std::size_t>(k)) = constant(k, at);
    return emit_scalar(task_.epilogue, inputs, constants);
}

Halide::Expr KernelBuilder::stored(Halide::Expr value) const {
    const Halide::Type type = halide_type(task_.output.element);
    if (type.is_float()) return Halide::cast(type, value);
    const Halide::Expr low = Halide::cast<float>(type.min());
    const Halide::Expr high = Halide::cast<float>(type.max());
    return Halide::cast(type, Halide::clamp(Halide::round(value), low, high));
}

Halide::Expr KernelBuilder::pooled(const std::function<Halide::Expr(const Coordinates&)>& result) const {
    std::vector<Coordinates> block{coordinates()};
    const std::vector<std::int64_t>& sizes = task_.operation.pooled;
    for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
        std::vector<Coordinates> longer;
        for (const Coordinates& at : block) {
            for (int i = 0; i < static_cast<int>(sizes[axis]); ++i) {
                longer.push_back(at);
                longer.back()[axis + 1] = at[axis + 1] * static_cast<int>(sizes[axis]) + i;
            }
        }
        block = std::move(longer);
    }
    Halide::Expr largest = result(block.front());
    for (std::size_t i = 1; i < block.size(); ++i) largest = Halide::max(largest, result(block[i]));
    return largest;
}

Halide::Func KernelBuilder::padded_source(double outside, const std::string& name) const {
    const Shape& shape = task_.inputs.at(0).shape;
    const std::vector<Halide::Var> vars = named_axes(static_cast<int>(shape.size()));
    Halide::Func source(name + "_source");
    source(halide_order(vars)) = input(0, Coordinates(vars.begin(), vars.end()));
    Halide::Region bounds;
    for (std::int64_t extent : shape) bounds.insert(bounds.begin(), {0, static_cast<int>(extent)});
    Halide::Func padded(name);
    const Halide::Func bounded =
        Halide::BoundaryConditions::constant_exterior(source, static_cast<float>(outside), bounds);
    padded(halide_order(vars)) = bounded(halide_order(vars));
    return padded;
}

Halide::Func KernelBuilder::define_output(Halide::Expr result) const {
    Halide::Func output("output");
    output(halide_order(axes_)) = stored(epilogue(std::move(result), coordinates()));
    return output;
}

BuiltKernel KernelBuilder::finish(Halide::Func output) const {
    CHECK_INTERNAL(candidate_.output.channel_block == 1);
    set_bounds(output.output_buffer(), task_.output.shape, candidate_.output.strides);
    BuiltKernel kernel{std::move(output), {}};
    for (const Halide::ImageParam& parameter : inputs_) kernel.arguments.push_back(parameter);
    for (const Halide::ImageParam& parameter : constants_) kernel.arguments.push_back(parameter);
    return kernel;
}

BuiltKernel KernelBuilder::finish_streaming(Halide::Func output, const TargetInfo& target) const {
    BuiltKernel kernel = finish(std::move(output));
    if (target.fetches_ahead) kernel.streamed = constants_.at(0).name();
    return kernel;
}

}  // namespace halcyon
