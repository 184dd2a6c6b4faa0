#include "layers/common/shapes.h"

#include <fmt/format.h>

#include "layers/common/data_format.h"
#include "support/checked.h"

namespace halcyon {

bool is_image(const LayerCall& call, std::string_view layer, int rank) {
    const Shape& shape = call.inputs[0].shape;
    if (static_cast<int>(shape.size()) == rank + 1) return true;
    static constexpr std::string_view axes[] = {"", "steps", "height, width", "depth, height, width"};
    const std::string wanted = is_channels_first(call.attributes) ? fmt::format("(channels, {})", axes[rank])
                                                                  : fmt::format("({}, channels)", axes[rank]);
    call.error(Code::bad_rank, "",
               fmt::format("{} needs an input of {} axes, {}, got {}", layer, rank + 1, wanted, to_text(shape)));
    return false;
}

std::optional<int> axis_of(const LayerCall& call, std::string_view argument, std::int64_t axis, int rank) {
    if (axis == 0 || axis == -rank - 1) {
        call.error(Code::bad_axis, argument,
                   fmt::format("{} {} is the batch; the axes of the input count from 1 to {}", argument, axis, rank));
        return std::nullopt;
    }
    if (axis > rank || axis < -rank) {
        call.error(Code::bad_axis, argument,
                   fmt::format(
                       "{} {} does not exist: the input {} has axes 1 to {}, counted with the batch as 0, or -{} to -1",
                       argument, axis, to_text(call.inputs[0].shape), rank, rank));
        return std::nullopt;
    }
    return checked_axis(axis, rank);
}

int checked_axis(std::int64_t axis, int rank) {
    return static_cast<int>(axis < 0 ? axis + rank : axis - 1);
}

bool weight_fits(const LayerCall& call, std::string_view argument, std::string_view weight, const Shape& shape) {
    const std::optional<std::int64_t> count = checked_product(shape);
    if (count && *count <= max_elements) return true;
    call.error(Code::too_large, argument,
               fmt::format("the weight '{}' would have the shape {}, more than {} elements", weight, to_text(shape),
                           max_elements));
    return false;
}

std::optional<TensorType> merged_type(const LayerCall& call, std::string_view layer) {
    Shape shape = call.inputs[0].shape;
    for (const TensorType& input : call.inputs.subspan(1)) {
        const std::optional<Shape> joined = broadcast(shape, input.shape);
        if (!joined) {
            call.error(Code::shape_mismatch, "",
                       fmt::format("{} cannot bring {} and {} to one shape: axes must be equal or 1", layer,
                                   to_text(shape), to_text(input.shape)));
            return std::nullopt;
        }
        shape = *joined;
    }
    return computed(std::move(shape));
}

TensorType computed(Shape shape) {
    return {ElementType::float32, std::move(shape)};
}

}  // namespace halcyon
