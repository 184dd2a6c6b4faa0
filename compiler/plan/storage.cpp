#include "plan/storage.h"

#include <cstdlib>

#include "kernels/common/convolution_geometry.h"
#include "passes/common.h"
#include "plan/materialize.h"
#include "support/check.h"

namespace halcyon {

Shape batched(std::int64_t batch, const Shape& shape) {
    Shape result{batch};
    result.insert(result.end(), shape.begin(), shape.end());
    return result;
}

std::int64_t span_of(const Layout& layout, const Shape& shape) {
    std::int64_t last = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) last += std::abs(layout.strides[axis]) * (shape[axis] - 1);
    return last + 1;
}

namespace {

/// Row-major, with spread pixels.
Layout spread_layout(const Shape& shape) {
    Layout layout = dense_layout(shape);
    const std::size_t last = shape.size() - 1;
    if (shape.size() < 3 || element_count(shape) == shape[last]) return layout;
    std::int64_t stride = spread_stride(shape[last]);
    for (std::size_t axis = last; axis-- > 0;) {
        layout.strides[axis] = stride;
        stride *= shape[axis];
    }
    return layout;
}

class StorageAssignment {
public:
    StorageAssignment(const Graph& graph, std::int64_t batch, bool spread_pixels)
        : graph_(graph), batch_(batch), spread_pixels_(spread_pixels) {
        storage_.views.resize(graph.nodes.size());
        is_reshaped_.resize(graph.nodes.size());
        for (const Node& node : graph.nodes)
            if (node.operation.op == Op::reshape) is_reshaped_[static_cast<std::size_t>(node.inputs[0])] = true;
    }

    Storage run() {
        for (std::size_t door = 0; door < graph_.inputs.size(); ++door)
            add_door(graph_.inputs[door], Place::Kind::input, static_cast<int>(door));
        for (std::size_t door = 0; door < graph_.outputs.size(); ++door)
            add_door(graph_.outputs[door].node, Place::Kind::output, static_cast<int>(door));
        // Users decide where their operands lie, so from the outputs back ...
        for (auto id = static_cast<NodeId>(graph_.nodes.size()); id-- > 0;) place_operands(id);
        // ... and what is a view of something placed takes its place from there.
        for (NodeId id = 0; id < static_cast<NodeId>(graph_.nodes.size()); ++id)
            if (!placed(id)) view(id) = derived(id);
        return std::move(storage_);
    }

private:
    const Node& node(NodeId id) const { return graph_.nodes[static_cast<std::size_t>(id)]; }
    View& view(NodeId id) { return storage_.views[static_cast<std::size_t>(id)]; }
    bool placed(NodeId id) { return view(id).buffer >= 0; }
    Shape shape(NodeId id) const { return batched(batch_, node(id).type.shape); }

    View in_new_buffer(NodeId id, Place::Kind kind, int door, Layout layout) {
        const std::int64_t element = bytes_of(node(id).type.element);
        storage_.buffers.push_back({kind, door, span_of(layout, shape(id)) * element, layout.strides[0] * element});
        return {static_cast<int>(storage_.buffers.size()) - 1, 0, std::move(layout)};
    }

    void add_door(NodeId id, Place::Kind kind, int door) {
        CHECK_INTERNAL(!placed(id));
        view(id) = in_new_buffer(id, kind, door, dense_layout(shape(id)));
    }

    /// What is reshaped must be one run of memory.
    View in_workspace(NodeId id) {
        const bool dense = !spread_pixels_ || is_reshaped_[static_cast<std::size_t>(id)];
        return in_new_buffer(id, Place::Kind::workspace, 0, dense ? dense_layout(shape(id)) : spread_layout(shape(id)));
    }

    void place_operands(NodeId id) {
        const Op op = node(id).operation.op;
        if (op == Op::concatenate) {
            if (!placed(id)) view(id) = in_workspace(id);
            place_slices(id);
        } else if (is_view(op) && placed(id)) {
            const NodeId source = node(id).inputs[0];
            if (placed(source) || node(source).operation.op == Op::input) return;
            view(source) = {view(id).buffer, view(id).offset, dense_layout(shape(source))};
            if (op == Op::transpose) {
                // This node's axis i is the source's axis axes[i]: the source gets that axis's stride. Axis 0 is the batch.
                view(source).layout = view(id).layout;
                for (std::size_t i = 0; i < node(id).operation.axes.size(); ++i)
                    view(source).layout.strides[static_cast<std::size_t>(node(id).operation.axes[i]) + 1] =
                        view(id).layout.strides[i + 1];
            }
            if (op == Op::slice) {
                // It shows all of the source, along some axes from the end.
                view(source).layout = view(id).layout;
                for (std::size_t i = 0; i < node(id).operation.begin.size(); ++i) {
                    std::int64_t& stride = view(source).layout.strides[i + 1];
                    view(source).offset += node(id).operation.begin[i] * stride;
                    stride *= node(id).operation.step[i];
                }
            }
        }
    }

    void place_slices(NodeId id) {
        const auto axis = static_cast<std::size_t>(node(id).operation.axes[0]);
        const View whole = view(id);
        std::int64_t offset = whole.offset;
        for (NodeId input : node(id).inputs) {
            CHECK_INTERNAL(!placed(input));
            view(input) = {whole.buffer, offset, whole.layout};
            offset += node(input).type.shape[axis] * whole.layout.strides[axis + 1];
        }
    }

    View derived(NodeId id) {
        const Op op = node(id).operation.op;
        if (!is_view(op)) return in_workspace(id);
        const NodeId source = node(id).inputs[0];
        View result = view(source);
        if (op == Op::reshape) {
            CHECK_INTERNAL(is_dense(result.layout, shape(source)));
            result.layout = dense_layout(shape(id));
        } else if (op == Op::slice) {
            for (std::size_t i = 0; i < node(id).operation.begin.size(); ++i) {
                result.offset += node(id).operation.begin[i] * result.layout.strides[i + 1];
                result.layout.strides[i + 1] *= node(id).operation.step[i];
            }
        } else {
            for (std::size_t i = 0; i < node(id).operation.axes.size(); ++i)
                result.layout.strides[i + 1] =
                    view(source).layout.strides[static_cast<std::size_t>(node(id).operation.axes[i]) + 1];
        }
        return result;
    }

    const Graph& graph_;
    std::int64_t batch_;
    bool spread_pixels_;
    std::vector<bool> is_reshaped_;  // by node
    Storage storage_;
};

}  // namespace

Storage assign_storage(const Graph& graph, std::int64_t batch, bool spread_pixels) {
    return StorageAssignment(graph, batch, spread_pixels).run();
}

}  // namespace halcyon
