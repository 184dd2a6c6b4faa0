#include "plan/tasks.h"

namespace halcyon {
namespace {

/// Makes room for axes that the value lacks: NumPy's broadcast puts them in front, behind the batch.
void raise_rank(Shape& shape, Layout& layout, std::size_t rank) {
    const auto missing = static_cast<std::ptrdiff_t>(rank) - static_cast<std::ptrdiff_t>(shape.size());
    if (missing <= 0) return;
    shape.insert(shape.begin() + 1, static_cast<std::size_t>(missing), 1);
    layout.strides.insert(layout.strides.begin() + 1, static_cast<std::size_t>(missing), 0);
}

}  // namespace

PlacedTask task_of(const Graph& graph, const Storage& storage, NodeId id, std::int64_t batch, int threads) {
    const Node& node = graph.nodes[static_cast<std::size_t>(id)];
    PlacedTask result;
    Task& task = result.task;
    task.operation = node.operation;
    task.output = {ElementType::float32, batched(batch, node.type.shape)};
    task.operand_count = node.operand_count;
    task.prologue = node.prologue;
    task.epilogue = node.epilogue;
    task.threads = threads;
    for (const ConstantExpr& constant : node.constants) task.constants.push_back(constant.shape());
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const auto input = static_cast<std::size_t>(node.inputs[i]);
        Shape shape = batched(batch, graph.nodes[input].type.shape);
        Layout layout = storage.views[input].layout;
        const bool is_operand = node.operation.op != Op::elementwise && static_cast<int>(i) < node.operand_count;
        if (!is_operand) raise_rank(shape, layout, task.output.shape.size());
        task.inputs.push_back({graph.nodes[input].type.element, std::move(shape)});
        result.layouts.inputs.push_back(std::move(layout));
    }
    result.layouts.output = storage.views[static_cast<std::size_t>(id)].layout;
    return result;
}

}  // namespace halcyon
