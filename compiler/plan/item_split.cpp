#include "plan/item_split.h"

#include "kernels/common/threads.h"
#include "plan/materialize.h"
#include "plan/storage.h"
#include "plan/tasks.h"

namespace halcyon {
namespace {

double bytes_passed(const Graph& graph, const Node& node) {
    const auto bytes = [](const TensorType& type) {
        return static_cast<double>(element_count(type.shape) * bytes_of(type.element));
    };
    double sum = bytes(node.type);
    for (const NodeId input : node.inputs) sum += bytes(graph.nodes[static_cast<std::size_t>(input)].type);
    return sum;
}

/// Bytes that need not come from beyond the caches, for each item; below 0: that come again.
double bytes_saved(const Graph& graph, const Storage& storage, NodeId id, const PlanOptions& options) {
    const Node& node = graph.nodes[static_cast<std::size_t>(id)];
    double saved = bytes_passed(graph, node);
    if (saved * static_cast<double>(options.batch) < static_cast<double>(options.target.l2_bytes)) saved = 0.0;
    if (!items_in_parallel(options.batch, options.threads) &&
        worth_threads(task_of(graph, storage, id, options.batch, options.threads).task) &&
        !worth_threads(task_of(graph, storage, id, 1, options.threads).task))
        saved = -bytes_passed(graph, node);
    if (node.operation.op == Op::dense) saved -= 4.0 * static_cast<double>(element_count(node.constants[0].shape()));
    return saved;
}

}  // namespace

bool items_in_parallel(std::int64_t batch, int threads) {
    const std::int64_t rounds = (batch + threads - 1) / threads;
    return threads > 1 && rounds * threads * 8 <= batch * 9;
}

NodeId first_node_of_whole_batch(const Graph& graph, const PlanOptions& options) {
    if (options.batch == 1) return 0;
    const Storage storage = assign_storage(graph, options.batch, options.spread_pixels);
    NodeId best = 0;
    double sum = 0.0, most = 0.0;
    for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
        if (!is_computed(graph.nodes[static_cast<std::size_t>(id)])) continue;
        sum += bytes_saved(graph, storage, id, options);
        if (sum > most) most = sum, best = id + 1;
    }
    return best;
}

}  // namespace halcyon
