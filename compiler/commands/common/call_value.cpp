#include "commands/common/call_value.h"

#include <algorithm>

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

/// The value by the layer's axes, from its elements by those of the kernel.
Array by_axes_of_layer(const Array& value, const Shape& shape, const std::vector<int>& axes) {
    if (axes.empty()) return value.reshaped(shape);
    // The kernel may see the value flattened; as the layer's value permuted it has these extents.
    Shape permuted;
    std::vector<int> back(axes.size());
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
        permuted.push_back(shape[static_cast<std::size_t>(axes[axis])]);
        back[static_cast<std::size_t>(axes[axis])] = static_cast<int>(axis);
    }
    return value.reshaped(permuted).transposed(back);
}

}  // namespace

std::optional<Array> CallValues::after(int call) {
    const KernelCall& step = program_.calls[static_cast<std::size_t>(call)];
    if (step.origin.node < 0) return std::nullopt;
    const Kernel& kernel = program_.kernels[static_cast<std::size_t>(step.kernel)];
    const Array written = first_item(kernel, static_cast<const char*>(loaded_.address(step.arguments.back())));
    const Shape& shape = layers_.nodes[static_cast<std::size_t>(step.origin.node)].type.shape;
    if (!step.origin.is_band()) {
        CHECK_INTERNAL(written.size() == element_count(shape));
        return by_axes_of_layer(written, shape, step.origin.axes);
    }
    // Bands come in order.
    std::vector<double>& so_far = bands_[step.origin.node];
    const std::int64_t row = written.size() / written.shape().at(0);
    so_far.resize(static_cast<std::size_t>(step.origin.first_row * row));
    so_far.insert(so_far.end(), written.values().begin(), written.values().end());
    const std::int64_t all = element_count(shape);
    CHECK_INTERNAL(static_cast<std::int64_t>(so_far.size()) <= all);
    if (static_cast<std::int64_t>(so_far.size()) < all) return std::nullopt;
    Array whole({all});
    std::copy(so_far.begin(), so_far.end(), whole.values().begin());
    bands_.erase(step.origin.node);
    return by_axes_of_layer(whole, shape, step.origin.axes);
}

}  // namespace halcyon
