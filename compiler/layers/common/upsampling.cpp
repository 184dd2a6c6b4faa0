#include "layers/common/upsampling.h"

#include "layers/common/image.h"
#include "layers/common/shapes.h"

namespace halcyon {

// No product here can overflow: extents and sizes stay below 2^31.
std::optional<TensorType> infer_upsampling(const LayerCall& call, std::string_view layer, int rank) {
    if (!is_image(call, layer, rank)) return std::nullopt;
    const bool first = is_channels_first(call.attributes);
    const std::vector<std::int64_t> size = call.attributes.integers("size");
    Shape shape = call.inputs[0].shape;
    for (std::size_t i = 0; i < size.size(); ++i) shape[first ? i + 1 : i] *= size[i];
    return computed(std::move(shape));
}

void upsampling_reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs,
                          Array& output) {
    const std::vector<std::int64_t> size = attributes.integers("size");
    const Array image = image_of(attributes, inputs[0]);
    const std::vector<std::int64_t> strides = image.strides();
    Array result(image_of(attributes, output.shape()));
    std::int64_t flat = 0;
    for_each_index(result.shape(), [&](const std::vector<std::int64_t>& index) {
        std::int64_t from = index.back();
        for (std::size_t i = 0; i < size.size(); ++i) from += index[i] / size[i] * strides[i];
        result[flat++] = image[from];
    });
    output = is_channels_first(attributes) ? channels_moved_first(result) : result;
}

// Each spatial axis gets an axis of 1 behind it, along which the image is broadcast: the same order of numbers.
int lower_upsampling(Lowering& lowering) {
    const std::vector<std::int64_t> size = lowering.attributes->integers("size");
    const Shape& image = lowering.inputs[0].shape;
    Shape apart, repeated;
    for (std::size_t i = 0; i < size.size(); ++i) {
        apart.insert(apart.end(), {image[i], 1});
        repeated.insert(repeated.end(), {image[i], size[i]});
    }
    apart.push_back(image.back());
    repeated.push_back(image.back());
    const int rows = lowering.add({.op = Op::reshape}, {0}, {}, ScalarExpr::input(0), apart);
    const int copies = lowering.elementwise(ScalarExpr::input(0), {rows}, {}, repeated);
    return lowering.add({.op = Op::reshape}, {copies}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace halcyon
