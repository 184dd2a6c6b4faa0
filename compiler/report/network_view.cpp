#include "report/network_view.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "plan/materialize.h"
#include "plan/storage.h"
#include "support/check.h"

namespace halcyon {
namespace {

class Viewer {
public:
    Viewer(const Graph& graph, const Program& program) : graph_(materialize(graph)), program_(program) {}

    NetworkView run() {
        add_boxes();
        CHECK_INTERNAL(calls_.size() == program_.calls.size());
        add_values();
        return std::move(view_);
    }

private:
    const Node& node(NodeId id) const { return graph_.nodes[static_cast<std::size_t>(id)]; }

    /// The plan makes one call of every computed node, in their order.
    void add_boxes() {
        for (NodeId id = 0; id < static_cast<NodeId>(graph_.nodes.size()); ++id) {
            const Node& each = node(id);
            NetworkBox box{.name = each.name,
                           .type = std::string(each.layer->name),
                           .value = to_text(each.type),
                           .members = each.members,
                           .span = each.span};
            if (is_computed(each)) {
                box.kind = NetworkBox::Kind::kernel;
                box.call = static_cast<int>(calls_.size());
                if (each.members.empty()) box.type = "copy";
                calls_.push_back(id);
            } else {
                box.kind = each.operation.op == Op::input ? NetworkBox::Kind::input : NetworkBox::Kind::view;
            }
            for (NodeId input : each.inputs) view_.arrows.push_back({input, id});
            view_.boxes.push_back(std::move(box));
        }
        for (const Graph::Output& output : graph_.outputs) {
            view_.arrows.push_back({output.node, static_cast<int>(view_.boxes.size())});
            view_.boxes.push_back({.kind = NetworkBox::Kind::output,
                                   .name = output.name,
                                   .type = "output",
                                   .value = to_text(node(output.node).type)});
        }
    }

    /// Views lie in their source, and what is concatenated in the result.
    std::vector<NodeId> homes() const {
        std::vector<NodeId> home(graph_.nodes.size());
        std::iota(home.begin(), home.end(), 0);
        const auto root = [&](NodeId id) {
            while (home[static_cast<std::size_t>(id)] != id) id = home[static_cast<std::size_t>(id)];
            return id;
        };
        for (NodeId id = 0; id < static_cast<NodeId>(graph_.nodes.size()); ++id) {
            if (is_computed(node(id))) continue;
            const bool joins = node(id).operation.op == Op::concatenate;
            for (NodeId input : node(id).inputs) {
                const NodeId source = root(input), result = root(id);
                home[static_cast<std::size_t>(joins ? source : result)] = joins ? result : source;
            }
        }
        for (NodeId id = 0; id < static_cast<NodeId>(home.size()); ++id) home[static_cast<std::size_t>(id)] = root(id);
        return home;
    }

    void add_values() {
        const std::vector<NodeId> home = homes();
        std::map<NodeId, WorkspaceValue> values;
        for (int call = 0; call < static_cast<int>(calls_.size()); ++call) {
            const NodeId id = calls_[static_cast<std::size_t>(call)];
            for (NodeId input : node(id).inputs) {
                const auto found = values.find(home[static_cast<std::size_t>(input)]);
                if (found != values.end()) found->second.last = call;
            }
            const Place& place = program_.calls[static_cast<std::size_t>(call)].arguments.back();
            if (place.kind != Place::Kind::workspace && place.kind != Place::Kind::item) continue;
            const Kernel& kernel =
                program_.kernels[static_cast<std::size_t>(program_.calls[static_cast<std::size_t>(call)].kernel)];
            const std::int64_t begin = place.offset + (place.kind == Place::Kind::item ? program_.buffer_bytes : 0);
            // A call for one item leaves the values of all items, one behind the other.
            const std::int64_t items =
                place.item_bytes > 0 ? place.item_bytes * (program_.repetitions(static_cast<std::size_t>(call)) - 1)
                                     : 0;
            const std::int64_t end =
                begin + items +
                span_of(kernel.candidate.output, kernel.task.output.shape) * bytes_of(kernel.task.output.element);
            const NodeId whole = home[static_cast<std::size_t>(id)];
            const auto [at, is_new] =
                values.try_emplace(whole, WorkspaceValue{node(whole).name, begin, end - begin, call, call});
            if (is_new) continue;
            WorkspaceValue& value = at->second;
            const std::int64_t last = std::max(value.offset + value.bytes, end);
            value.offset = std::min(value.offset, begin);
            value.bytes = last - value.offset;
            value.last = call;
        }
        for (auto& [id, value] : values) view_.values.push_back(std::move(value));
        std::stable_sort(view_.values.begin(), view_.values.end(),
                         [](const WorkspaceValue& a, const WorkspaceValue& b) { return a.first < b.first; });
    }

    Graph graph_;
    const Program& program_;
    NetworkView view_;
    std::vector<NodeId> calls_;  // the node of each call
};

}  // namespace

NetworkView view_network(const Graph& graph, const Program& program) {
    return Viewer(graph, program).run();
}

std::vector<std::int64_t> bytes_in_use(const std::vector<WorkspaceValue>& values, std::size_t calls) {
    std::vector<std::int64_t> in_use;
    for (int call = 0; call < static_cast<int>(calls); ++call) {
        std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
        for (const WorkspaceValue& value : values)
            if (value.first <= call && call <= value.last)
                ranges.emplace_back(value.offset, value.offset + value.bytes);
        std::sort(ranges.begin(), ranges.end());
        std::int64_t sum = 0, end = 0;
        for (const auto& [first, last] : ranges) {  // a result in place shares its input's bytes
            sum += std::max<std::int64_t>(0, last - std::max(first, end));
            end = std::max(end, last);
        }
        in_use.push_back(sum);
    }
    return in_use;
}

}  // namespace halcyon
