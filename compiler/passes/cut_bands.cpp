#include "passes/cut_bands.h"

#include <algorithm>
#include <vector>

#include "passes/common.h"

namespace halcyon {
namespace {

/// Rows from `begin` to before `end`.
struct Rows {
    std::int64_t begin = 0, end = 0;
    [[nodiscard]] std::int64_t count() const { return end - begin; }
};

std::int64_t rows_of(const TensorType& type) {
    return type.shape.empty() ? 1 : type.shape[0];
}

std::int64_t size_of(const TensorType& type) {
    return element_count(type.shape) * bytes_of(type.element);
}

bool has_window(Op op) {
    return op == Op::convolution || op == Op::max_pool || op == Op::average_pool;
}

/// Rows of the window's input that rows of the node's result need, those of the padding too.
Rows needed_by(const Node& node, const Rows& results) {
    const Window& window = node.operation.window;
    const std::int64_t pooled = node.operation.pooled.empty() ? 1 : node.operation.pooled[0];
    const std::int64_t last = results.end * pooled - 1;
    return {results.begin * pooled * window.stride[0] - window.pad_before[0],
            last * window.stride[0] + (window.size[0] - 1) * window.dilation[0] + 1 - window.pad_before[0]};
}

/// Whether input number `index` has a row for each of the node's.
bool goes_by_rows(const Graph& graph, const Node& node, std::size_t index) {
    const Shape& shape = graph.nodes[static_cast<std::size_t>(node.inputs[index])].type.shape;
    if (index == 0 && has_window(node.operation.op)) return true;
    return shape.size() == node.type.shape.size() && shape[0] == node.type.shape[0];
}

class BandCutter {
public:
    BandCutter(Graph graph, std::int64_t cache_bytes)
        : graph_(std::move(graph)), count_(graph_.nodes.size()), cache_bytes_(cache_bytes), regions_(count_),
          bands_(count_) {}

    Graph run() {
        find_regions();
        for (std::size_t id = count_; id-- > 0;) place_bands(id);
        for (std::size_t id = 0; id < count_; ++id) {
            if (is_cut(static_cast<NodeId>(id)))
                cut(static_cast<NodeId>(id));
            else
                for (NodeId& input : graph_.nodes[id].inputs) input = whole(input);
        }
        for (Graph::Output& output : graph_.outputs) output.node = whole(output.node);
        return sorted(graph_);
    }

private:
    /// Nodes that are cut together: a forest, whose roots have the numbers.
    struct Region {
        std::size_t parent = 0;
        std::int64_t passed_on = 0;      ///< bytes of the large images that they pass on to each other
        std::int64_t bytes = 0;          ///< the most that one of them reads and writes
        std::int64_t rows = 0;           ///< the fewest that one of them has ...
        std::vector<std::int64_t> ends;  ///< ... and where its bands end
    };

    /// How a node is cut. Some of its bands may be empty.
    struct Bands {
        std::vector<std::int64_t> ends;
        std::vector<std::int64_t> kept_from;  ///< by band: the first row that is still read when it is there
        std::vector<NodeId> kept;             ///< by band: the rows from kept_from to the band's end
    };

    Node& node(NodeId id) { return graph_.nodes[static_cast<std::size_t>(id)]; }
    Bands& bands(NodeId id) { return bands_[static_cast<std::size_t>(id)]; }
    bool is_cut(NodeId id) const {
        return static_cast<std::size_t>(id) < count_ && !bands_[static_cast<std::size_t>(id)].ends.empty();
    }

    bool can_be_cut(const Node& one) const {
        const Op op = one.operation.op;
        if (one.type.rank() < 3 || (op != Op::elementwise && !has_window(op))) return false;
        constexpr std::int64_t fewest_rows = 16;
        if (rows_of(one.type) < fewest_rows) return false;
        std::int64_t weights = 0;
        for (std::size_t k = 0; k < one.constants.size(); ++k) {
            const Shape& shape = one.constants[k].shape();
            weights += 4 * element_count(shape);
            const bool is_kernel = op == Op::convolution && k == 0;
            if (!is_kernel && static_cast<int>(shape.size()) == one.type.rank() && shape[0] != 1) return false;
        }
        if (has_window(op)) {
            const Window& window = one.operation.window;
            const std::int64_t extent = (window.size[0] - 1) * window.dilation[0] + 1;
            if (window.pad_before[0] >= extent || window.pad_after[0] >= extent) return false;
        }
        // What an image is added to takes over its memory when it is whole.
        for (std::size_t i = 1; i < one.inputs.size(); ++i) {
            if (goes_by_rows(graph_, one, i) &&
                size_of(graph_.nodes[static_cast<std::size_t>(one.inputs[i])].type) >= cache_bytes_)
                return false;
        }
        // Each band reads the weights anew; Winograd's algorithm up to four times as many.
        const bool may_transform =
            op == Op::convolution && one.operation.groups == 1 && one.operation.window.size[0] > 1;
        return weights * (may_transform ? 32 : 8) <= cache_bytes_;
    }

    std::int64_t bytes_passed(const Node& one) const {
        std::int64_t bytes = size_of(one.type);
        for (std::size_t i = 0; i < one.inputs.size(); ++i)
            if (goes_by_rows(graph_, one, i))
                bytes += size_of(graph_.nodes[static_cast<std::size_t>(one.inputs[i])].type);
        return bytes;
    }

    std::size_t region_of(std::size_t id) {
        while (regions_[id].parent != id) id = regions_[id].parent = regions_[regions_[id].parent].parent;
        return id;
    }

    /// Joins those that pass images on to each other, large ones at first, then any between those that are cut anyway, unless
    /// something on another way between needs all rows.
    void find_regions() {
        std::vector<bool> cuttable(count_);
        std::vector<int> level(count_, 0);  // how many on the way from the inputs need all rows
        for (std::size_t id = 0; id < count_; ++id) {
            regions_[id].parent = id;
            cuttable[id] = can_be_cut(graph_.nodes[id]);
            for (const NodeId input : graph_.nodes[id].inputs) {
                const auto from = static_cast<std::size_t>(input);
                level[id] = std::max(level[id], level[from] + (cuttable[from] ? 0 : 1));
            }
        }
        std::vector<bool> is_joined(count_);
        std::vector<std::int64_t> passed_on(count_, 0);
        for (const bool large_ones : {true, false}) {
            for (std::size_t id = 0; id < count_; ++id) {
                const Node& one = graph_.nodes[id];
                for (std::size_t i = 0; i < one.inputs.size() && cuttable[id]; ++i) {
                    const auto from = static_cast<std::size_t>(one.inputs[i]);
                    if (!cuttable[from] || level[from] != level[id] || !goes_by_rows(graph_, one, i)) continue;
                    const bool is_large = size_of(graph_.nodes[from].type) >= cache_bytes_;
                    if (large_ones ? !is_large : !(is_joined[from] && is_joined[id])) continue;
                    regions_[region_of(id)].parent = region_of(from);
                    if (large_ones) passed_on[from] = size_of(graph_.nodes[from].type);
                    is_joined[from] = is_joined[id] = true;
                }
            }
        }
        for (std::size_t id = 0; id < count_; ++id) {
            Region& region = regions_[region_of(id)];
            region.passed_on += passed_on[id];
            region.bytes = std::max(region.bytes, bytes_passed(graph_.nodes[id]));
            const std::int64_t rows = rows_of(graph_.nodes[id].type);
            region.rows = region.rows == 0 ? rows : std::min(region.rows, rows);
        }
        // Less is not worth the code: the first, the last and the other bands are kernels of their own.
        for (Region& region : regions_)
            if (region.passed_on >= 2 * cache_bytes_)
                region.ends = equal_ends(region.rows, (region.bytes * 2 + cache_bytes_ - 1) / cache_bytes_);
    }

    /// Equal bands, those of which there are no more than needed and that leave no rest where that is possible.
    static std::vector<std::int64_t> equal_ends(std::int64_t rows, std::int64_t count) {
        const std::int64_t most = (rows + count - 1) / count;
        std::int64_t each = most;
        while (each * 10 > most * 7 && rows % each != 0) --each;
        if (rows % each != 0) each = most;
        std::vector<std::int64_t> ends;
        for (std::int64_t end = each; end < rows; end += each) ends.push_back(end);
        ends.push_back(rows);
        return ends;
    }

    /// Rows that band `k` of the reader needs of its input number `index`, which has `all`.
    Rows read_by_band(NodeId reader, std::size_t index, std::size_t k, std::int64_t all) {
        const std::vector<std::int64_t>& ends = bands(reader).ends;
        Rows rows{k == 0 ? 0 : ends[k - 1], ends[k]};
        if (index == 0 && has_window(node(reader).operation.op)) rows = needed_by(node(reader), rows);
        return {std::max<std::int64_t>(0, rows.begin), std::min(all, rows.end)};
    }

    /// From the last operations of a region back: each band ends where the next operations' need it to, and rows are kept as
    /// long as these read them.
    void place_bands(std::size_t id) {
        const Region& region = regions_[region_of(id)];
        if (region.ends.size() < 2) return;
        const std::int64_t rows = rows_of(graph_.nodes[id].type);
        const std::size_t count = region.ends.size();
        Bands& own = bands_[id];
        std::vector<std::int64_t> ends(count, 0), kept_from(count, rows);
        bool has_readers = false, is_read_whole = false;
        for (const Graph::Output& output : graph_.outputs) is_read_whole |= output.node == static_cast<NodeId>(id);
        for (std::size_t user = id + 1; user < count_; ++user) {
            const auto reader = static_cast<NodeId>(user);
            for (std::size_t i = 0; i < node(reader).inputs.size(); ++i) {
                if (node(reader).inputs[i] != static_cast<NodeId>(id)) continue;
                if (!is_cut(reader) || region_of(user) != region_of(id) || !goes_by_rows(graph_, node(reader), i)) {
                    is_read_whole = true;
                    continue;
                }
                has_readers = true;
                for (std::size_t k = 0; k < count; ++k) {
                    const Rows read = read_by_band(reader, i, k, rows);
                    ends[k] = std::max(ends[k], read.end);
                    if (bands(reader).ends[k] > (k == 0 ? 0 : bands(reader).ends[k - 1]))
                        kept_from[k] = std::min(kept_from[k], read.begin);
                }
            }
        }
        if (!has_readers)
            for (std::size_t k = 0; k < count; ++k) ends[k] = (region.ends[k] * rows + region.rows - 1) / region.rows;
        ends.back() = rows;
        for (std::size_t k = count - 1; k-- > 0;) kept_from[k] = std::min(kept_from[k], kept_from[k + 1]);
        if (is_read_whole || !has_readers) kept_from.assign(count, 0);
        own.ends = std::move(ends);
        own.kept_from = std::move(kept_from);
    }

    NodeId add(Node added) {
        graph_.nodes.push_back(std::move(added));
        return static_cast<NodeId>(graph_.nodes.size()) - 1;
    }

    /// A node without work of its own, with the name of another.
    Node view_like(NodeId id, Operation operation, std::int64_t rows) {
        Node view;
        view.name = node(id).name;
        view.layer = node(id).layer;
        view.span = node(id).span;
        view.origin.first_row = 0;  // a copy of it is one of a band
        view.type = node(id).type;
        view.type.shape[0] = rows;
        view.operation = std::move(operation);
        return view;
    }

    NodeId slice(NodeId id, const Rows& rows) {
        if (rows.begin == 0 && rows.end == rows_of(node(id).type)) return id;
        const std::size_t rank = node(id).type.shape.size();
        Operation operation{.op = Op::slice};
        operation.begin.assign(rank, 0);
        operation.begin[0] = rows.begin;
        operation.step.assign(rank, 1);
        Node view = view_like(id, std::move(operation), rows.count());
        view.inputs = {id};
        return add(std::move(view));
    }

    NodeId whole(NodeId id) { return is_cut(id) ? bands(id).kept.back() : id; }

    /// Some rows of a node of the graph as it was.
    NodeId rows_of_value(NodeId id, const Rows& rows) {
        if (!is_cut(id)) return slice(id, rows);
        const Bands& own = bands(id);
        std::size_t k = 0;
        while (own.ends[k] < rows.end) ++k;
        return slice(own.kept[k], {rows.begin - own.kept_from[k], rows.end - own.kept_from[k]});
    }

    NodeId part(NodeId id, const Rows& rows) {
        Node result = node(id);
        result.type.shape[0] = rows.count();
        result.origin.first_row = rows.begin;
        for (std::size_t i = 0; i < result.inputs.size(); ++i) {
            const NodeId input = result.inputs[i];
            if (!goes_by_rows(graph_, node(id), i)) {
                result.inputs[i] = whole(input);
                continue;
            }
            Rows needed = rows;
            if (i == 0 && has_window(result.operation.op)) {
                needed = needed_by(node(id), rows);
                const std::int64_t all = rows_of(node(input).type);
                result.operation.window.pad_before[0] = std::max<std::int64_t>(0, -needed.begin);
                result.operation.window.pad_after[0] = std::max<std::int64_t>(0, needed.end - all);
                needed = {std::max<std::int64_t>(0, needed.begin), std::min(all, needed.end)};
            }
            result.inputs[i] = rows_of_value(input, needed);
        }
        return add(std::move(result));
    }

    void cut(NodeId id) {
        std::int64_t begin = 0;
        for (std::size_t k = 0; k < bands(id).ends.size(); ++k) {
            const std::int64_t end = bands(id).ends[k];
            if (end > begin) {
                bands(id).kept.push_back(kept_with(id, k, part(id, {begin, end})));
            } else {
                bands(id).kept.push_back(bands(id).kept.back());
                bands(id).kept_from[k] = bands(id).kept_from[k - 1];
            }
            begin = end;
        }
    }

    /// The part of band `k` behind the rows that are kept of what was before it.
    NodeId kept_with(NodeId id, std::size_t k, NodeId part) {
        Bands& own = bands(id);
        const std::int64_t begin = k == 0 ? 0 : own.ends[k - 1];
        if (own.kept_from[k] >= begin) {
            own.kept_from[k] = begin;
            return part;
        }
        const std::int64_t before = own.kept_from[k - 1];
        Node joined = view_like(id, {.op = Op::concatenate, .axes = {0}}, own.ends[k] - own.kept_from[k]);
        joined.inputs = {slice(own.kept[k - 1], {own.kept_from[k] - before, begin - before}), part};
        joined.operand_count = 2;
        return add(std::move(joined));
    }

    Graph graph_;
    std::size_t count_;  // of nodes of the graph as it was; further ones are bands
    std::int64_t cache_bytes_;
    std::vector<Region> regions_;  // by node
    std::vector<Bands> bands_;     // by node
};

}  // namespace

Graph cut_bands(Graph graph, std::int64_t cache_bytes) {
    return BandCutter(std::move(graph), cache_bytes).run();
}

}  // namespace halcyon
