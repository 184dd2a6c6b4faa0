#include "exporters/find_upsampling.h"

#include "passes/common.h"

namespace halcyon {
namespace {

/// [h, w, c] and [h, 2, w, 2, c] make [2 h, 2 w, c]; nothing else does.
bool is_repeated(const Shape& image, const Shape& repeated, const Shape& result) {
    const std::size_t spatial = image.size() - 1;
    if (image.empty() || repeated.size() != 2 * spatial + 1 || result.size() != image.size()) return false;
    for (std::size_t i = 0; i < spatial; ++i) {
        if (repeated[2 * i] != image[i] || result[i] != repeated[2 * i] * repeated[2 * i + 1]) return false;
    }
    return repeated.back() == image.back() && result.back() == image.back();
}

/// [h, 1, w, 1, c].
Shape with_ones(const Shape& image) {
    Shape shape;
    for (std::size_t i = 0; i + 1 < image.size(); ++i) shape.insert(shape.end(), {image[i], 1});
    shape.push_back(image.back());
    return shape;
}

}  // namespace

Graph find_upsampling(Graph graph) {
    const auto node = [&](NodeId id) -> Node& { return graph.nodes[static_cast<std::size_t>(id)]; };
    for (Node& joined : graph.nodes) {
        if (joined.operation.op != Op::reshape) continue;
        const Node& copies = node(joined.inputs[0]);
        if (copies.operation.op != Op::elementwise || !copies.epilogue.is_identity() || copies.inputs.size() != 1)
            continue;
        const Node& apart = node(copies.inputs[0]);
        if (apart.operation.op != Op::reshape) continue;
        const Shape& image = node(apart.inputs[0]).type.shape;
        if (image.size() < 2 || !is_repeated(image, copies.type.shape, joined.type.shape)) continue;
        if (apart.type.shape != with_ones(image)) continue;
        joined.operation = {.op = Op::resize_nearest};
        joined.inputs = apart.inputs;
    }
    return sorted(graph);
}

}  // namespace halcyon
