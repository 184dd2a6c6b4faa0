#include "graph/tensor_slices.h"

#include <algorithm>

#include "graph/layer_application.h"
#include "support/check.h"

namespace halcyon::language {
namespace {

bool is_ellipsis(const TensorIndex& index) {
    return !index.slice && index.value.get<Ellipsis>();
}
bool is_new_axis(const TensorIndex& index) {
    return !index.slice && index.value.is_none();
}

/// The indices with '...' written out as whole axes, null, and with nulls for the axes behind the last one; each but None has
/// one axis.
std::optional<std::vector<const TensorIndex*>>
written_out(Elaboration& elaboration, const std::vector<TensorIndex>& indices, std::size_t axes, Span span) {
    const auto ellipses = static_cast<std::size_t>(std::count_if(indices.begin(), indices.end(), is_ellipsis));
    if (ellipses > 1) {
        elaboration.error(Code::bad_index, span, "'...' can stand only once");
        return std::nullopt;
    }
    const auto fresh = static_cast<std::size_t>(std::count_if(indices.begin(), indices.end(), is_new_axis));
    const std::size_t named = indices.size() - ellipses - fresh;
    if (named > axes) {
        elaboration.error(Code::bad_index, span, "{} indices for a tensor of {} axes, the batch among them", named,
                          axes);
        return std::nullopt;
    }
    std::vector<const TensorIndex*> result;
    for (const TensorIndex& index : indices) {
        if (is_ellipsis(index)) {
            result.insert(result.end(), axes - named, nullptr);
        } else {
            result.push_back(&index);
        }
    }
    if (ellipses == 0) result.insert(result.end(), axes - named, nullptr);
    return result;
}

/// The elements of an axis that the index takes.
std::optional<SliceRange> part_of(Elaboration& elaboration, const TensorIndex& index, std::int64_t length) {
    if (index.slice) {
        const auto range = slice_range(elaboration, *index.slice, length);
        if (range && range->count == 0) {
            elaboration.error(Code::empty_result, index.span, "nothing is left of this axis of {} element{}", length,
                              length == 1 ? "" : "s");
            return std::nullopt;
        }
        return range;
    }
    if (index.value.is_poison()) return std::nullopt;
    const auto position = index.value.integer();
    if (!position || index.value.get<bool>()) {
        elaboration.error(Code::bad_index, index.span,
                          "a tensor is indexed with whole numbers, slices, '...' and None, not with {}",
                          describe(index.value));
        return std::nullopt;
    }
    if (*position < -length || *position >= length) {
        elaboration.error(Code::bad_index, index.span, "index {} is out of range: the axis has {} element{}", *position,
                          length, length == 1 ? "" : "s");
        return std::nullopt;
    }
    return SliceRange{*position < 0 ? *position + length : *position, 1, 1};
}

/// Whether the index leaves the batch whole; reports if not.
bool keeps_batch(Elaboration& elaboration, const TensorIndex* index) {
    if (index == nullptr) return true;
    if (index->slice && index->slice->lower.is_none() && index->slice->upper.is_none() && index->slice->step.is_none())
        return true;
    if (!index->slice && index->value.is_poison()) return false;
    elaboration.error(Code::bad_index, index->span, "the first axis is the batch, which stays whole").hint =
        "write ':' for it: x[:, 0]";
    return false;
}

}  // namespace

LanguageValue slice_tensor(Elaboration& elaboration, const Operand& object, const std::vector<TensorIndex>& indices,
                           Span span) {
    const int node = object.value.get<Tensor>()->node;
    const Shape shape = elaboration.node(Tensor{node}).type.shape;
    const auto parts = written_out(elaboration, indices, shape.size() + 1, span);
    if (!parts || !keeps_batch(elaboration, parts->front())) return Poison{};

    Value::Sequence begin, step, count, result;
    for (std::size_t i = 1; i < parts->size(); ++i) {
        const TensorIndex* index = (*parts)[i];
        if (index != nullptr && is_new_axis(*index)) {
            result.emplace_back(1);
            continue;
        }
        const std::int64_t length = shape[begin.size()];
        const auto part = index ? part_of(elaboration, *index, length) : SliceRange{0, 1, length};
        if (!part) return Poison{};
        begin.emplace_back(part->begin);
        step.emplace_back(part->count == 1 ? std::int64_t{1} : part->step);
        count.emplace_back(part->count);
        if (index == nullptr || index->slice) result.emplace_back(part->count);
    }
    const LayerDef* def = find_layer("GetItem");
    CHECK_INTERNAL(def != nullptr);
    LayerInstance& layer = make_layer(
        elaboration, *def, {{"begin", begin}, {"step", step}, {"count", count}, {"shape", result}}, "get_item", span);
    return apply_layer(elaboration, layer, {node}, span);
}

}  // namespace halcyon::language
