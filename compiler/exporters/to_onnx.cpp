#include "exporters/to_onnx.h"

#include "exporters/find_upsampling.h"
#include "exporters/onnx_operations.h"
#include "exporters/onnx_writer.h"
#include "passes/absorb_padding.h"
#include "passes/cancel_views.h"
#include "passes/fold_affine.h"
#include "passes/lower_layers.h"

namespace halcyon {

OnnxModel to_onnx(const Graph& layers, const WeightSource& weights, std::int64_t batch) {
    // The compiler's passes up to where operations grow together, which ONNX has no words for.
    const Graph graph = find_upsampling(fold_affine(absorb_padding(cancel_views(lower_layers(layers)))));
    verify(graph);
    OnnxWriter writer(graph, batch, weights);
    for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) write_operation(writer, id);
    return writer.finish();
}

}  // namespace halcyon
