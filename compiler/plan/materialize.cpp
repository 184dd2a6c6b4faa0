#include "plan/materialize.h"

#include <algorithm>

#include "passes/common.h"

namespace halcyon {

bool is_computed(const Node& node) {
    const Op op = node.operation.op;
    return op != Op::input && op != Op::concatenate && !is_view(op);
}

namespace {

/// What has been decided about a node's memory.
struct Claim {
    bool taken = false;      ///< lies in a concatenation or is an output: no second claim
    bool strided = false;    ///< is not one run of memory in its own axes' order
    bool backwards = false;  ///< is a view with a negative stride
};

bool runs_backwards(const Operation& operation) {
    return std::any_of(operation.step.begin(), operation.step.end(), [](std::int64_t step) { return step < 0; });
}

class Materializer {
public:
    explicit Materializer(Graph graph) : graph_(std::move(graph)), claims_(graph_.nodes.size()) {}

    Graph run() {
        const auto count = static_cast<NodeId>(graph_.nodes.size());
        claim_outputs();
        for (NodeId id = count; id-- > 0;)
            if (node(id).operation.op == Op::concatenate) claim_slices(id);
        for (NodeId id = 0; id < count; ++id) settle_view(id);
        Graph result = sorted(graph_);
        // A copy of a byte door holds numbers, and so do the views that now show the copy.
        for (Node& view : result.nodes)
            if (is_view(view.operation.op))
                view.type.element = result.nodes[static_cast<std::size_t>(view.inputs[0])].type.element;
        return result;
    }

private:
    Node& node(NodeId id) { return graph_.nodes[static_cast<std::size_t>(id)]; }
    Claim& claim(NodeId id) { return claims_[static_cast<std::size_t>(id)]; }

    NodeId copy_of(NodeId source) {
        Node copy;
        copy.name = node(source).name;
        copy.layer = node(source).layer;
        copy.span = node(source).span;
        copy.origin = node(source).origin;
        copy.inputs = {source};
        copy.type = {ElementType::float32, node(source).type.shape};
        copy.operation = {.op = Op::elementwise};
        graph_.nodes.push_back(std::move(copy));
        claims_.emplace_back();
        return static_cast<NodeId>(graph_.nodes.size()) - 1;
    }

    /// Whether the value's memory is free to be placed by its user.
    bool can_be_placed(NodeId id) {
        const Op op = node(id).operation.op;
        return (is_computed(node(id)) || op == Op::concatenate) && !claim(id).taken;
    }

    /// Whether who writes the view has written all of what it shows.
    bool shows_all(const Node& view) {
        if (!is_view(view.operation.op) || (runs_backwards(view.operation) && !turns_colours(view))) return false;
        return element_count(view.type.shape) == element_count(node(view.inputs[0]).type.shape);
    }

    /// An output is written straight into its door, also through one view of all of it; else it is copied there.
    void claim_outputs() {
        for (Graph::Output& output : graph_.outputs) {
            const NodeId id = output.node;
            if (can_be_placed(id)) {
                claim(id).taken = true;
                continue;
            }
            if (shows_all(node(id)) && !claim(id).taken && can_be_placed(node(id).inputs[0])) {
                claim(id).taken = true;
                Claim& source = claim(node(id).inputs[0]);
                source = {.taken = true, .strided = node(id).operation.op != Op::reshape};
                continue;
            }
            output.node = copy_of(id);
            claim(output.node).taken = true;
        }
    }

    /// The inputs of a concatenation are computed straight into their slices.
    void claim_slices(NodeId id) {
        for (std::size_t i = 0; i < node(id).inputs.size(); ++i) {
            NodeId input = node(id).inputs[i];
            if (!can_be_placed(input)) {
                input = copy_of(input);
                node(id).inputs[i] = input;
            }
            claim(input) = {.taken = true, .strided = true};
        }
    }

    /// Whether one elementwise operation alone reads the value: it costs that no more to read another order than a copy would.
    bool has_one_elementwise_user(NodeId id) const {
        std::ptrdiff_t uses = 0, elementwise_uses = 0;
        for (const Node& user : graph_.nodes) {
            const auto here = std::count(user.inputs.begin(), user.inputs.end(), id);
            uses += here;
            if (user.operation.op == Op::elementwise) elementwise_uses += here;
        }
        return uses == 1 && elementwise_uses == 1;
    }

    /// Whether kernels may read and write the slice backwards: along few channels only, those of a picture. Halide cannot
    /// generate code for a vector that it finds at a constant place before a buffer's first element.
    static bool turns_colours(const Node& slice) {
        constexpr std::int64_t most_channels = 4;
        const std::vector<std::int64_t>& step = slice.operation.step;
        for (std::size_t axis = 0; axis + 1 < step.size(); ++axis) {
            if (step[axis] < 0) return false;
        }
        return slice.type.shape.back() <= most_channels;
    }

    /// Whether all that reads the value are convolutions, which read channels one by one.
    bool has_convolutions_only(NodeId id) const {
        return std::all_of(graph_.nodes.begin(), graph_.nodes.end(), [&](const Node& user) {
            const bool reads = std::find(user.inputs.begin(), user.inputs.end(), id) != user.inputs.end();
            return !reads || (user.operation.op == Op::convolution && user.operation.groups == 1);
        });
    }

    /// A door, or what transposes and slices show of one.
    bool shows_door(NodeId id) {
        while (node(id).operation.op == Op::transpose || node(id).operation.op == Op::slice) id = node(id).inputs[0];
        return node(id).operation.op == Op::input;
    }

    void settle_view(NodeId id) {
        const Op op = node(id).operation.op;
        if (!is_view(op) || claim(id).taken) return;
        const NodeId source = node(id).inputs[0];
        if (op == Op::reshape) {
            if (claim(source).strided) node(id).inputs[0] = copy_of(source);
            return;
        }
        claim(id).strided = true;
        claim(id).backwards = claim(source).backwards || runs_backwards(node(id).operation);
        if (has_one_elementwise_user(id)) return;
        const bool backwards =
            claim(id).backwards && !(op == Op::slice && turns_colours(node(id)) && has_convolutions_only(id));
        // Where neighbouring channels stay neighbours, every kernel reads a slice as fast as the whole.
        if (op == Op::slice && node(id).operation.step.back() == 1 && !backwards) return;
        if (shows_door(source) && !backwards) return;
        // Inside the network one copy into the new order serves all readers better than strided reads.
        const NodeId copy = copy_of(id);
        const auto last = static_cast<NodeId>(graph_.nodes.size());
        for (NodeId user = 0; user < last; ++user)
            if (user != copy) std::replace(node(user).inputs.begin(), node(user).inputs.end(), id, copy);
        for (Graph::Output& output : graph_.outputs)
            if (output.node == id) output.node = copy;
    }

    Graph graph_;
    std::vector<Claim> claims_;
};

}  // namespace

Graph materialize(Graph graph) {
    return Materializer(std::move(graph)).run();
}

}  // namespace halcyon
