#include "commands/common/call_value.h"

#include "commands/common/element.h"
#include "support/check.h"

namespace halcyon {
namespace {

/// Where element `index` of a tensor lies, in elements from its origin.
std::int64_t offset_of(const Layout& layout, const std::vector<std::int64_t>& index) {
    std::int64_t offset = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
        const bool blocked = layout.channel_block > 1 && axis + 1 == index.size();
        offset += blocked
                      ? index[axis] / layout.channel_block * layout.strides[axis] + index[axis] % layout.channel_block
                      : index[axis] * layout.strides[axis];
    }
    return offset;
}

/// The first item of the batch, by its own axes.
Array first_item(const Kernel& kernel, const char* origin) {
    const TensorType& type = kernel.task.output;
    const Shape item(type.shape.begin() + 1, type.shape.end());
    const std::int64_t bytes = bytes_of(type.element);
    const TensorType number{type.element, {}};
    Array array(item);
    std::vector<std::int64_t> index(type.shape.size(), 0);
    for (double& value : array.values()) {
        const char* at = origin + offset_of(kernel.candidate.output, index) * bytes;
        value = type.element == ElementType::float32 ? static_cast<double>(*reinterpret_cast<const float*>(at))
                                                     : array_of(number, {at, static_cast<std::size_t>(bytes)})[0];
        for (std::size_t axis = index.size(); axis-- > 1;) {
            if (++index[axis] < type.shape[axis]) break;
            index[axis] = 0;
        }
    }
    return array;
}

}  // namespace

Array call_value(const Program& program, const Graph& layers, LoadedProgram& loaded, int call) {
    const KernelCall& step = program.calls[static_cast<std::size_t>(call)];
    const Kernel& kernel = program.kernels[static_cast<std::size_t>(step.kernel)];
    Array array = first_item(kernel, static_cast<const char*>(loaded.address(step.arguments.back())));
    if (step.origin.node < 0) return array;

    const Shape& shape = layers.nodes[static_cast<std::size_t>(step.origin.node)].type.shape;
    CHECK_INTERNAL(array.size() == element_count(shape));
    const std::vector<int>& axes = step.origin.axes;
    if (axes.empty()) return array.reshaped(shape);
    // The kernel may see the value flattened; as the layer's value permuted it has these extents.
    Shape permuted;
    std::vector<int> back(axes.size());
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
        permuted.push_back(shape[static_cast<std::size_t>(axes[axis])]);
        back[static_cast<std::size_t>(axes[axis])] = static_cast<int>(axis);
    }
    return array.reshaped(permuted).transposed(back);
}

TensorType call_type(const Program& program, const Graph& layers, int call) {
    const KernelCall& step = program.calls[static_cast<std::size_t>(call)];
    TensorType type = program.kernels[static_cast<std::size_t>(step.kernel)].task.output;
    type.shape.erase(type.shape.begin());
    if (step.origin.node >= 0) type.shape = layers.nodes[static_cast<std::size_t>(step.origin.node)].type.shape;
    return type;
}

}  // namespace halcyon
