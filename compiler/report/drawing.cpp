#include "report/drawing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "support/check.h"

namespace halcyon {
namespace {

constexpr double box_gap = 26.0;    // between neighbours
constexpr double arrow_gap = 14.0;  // beside an arrow that passes
constexpr double layer_gap = 34.0;
constexpr int longest_bend = 256;  // layers: an arrow over more is drawn as one line, whatever is in its way
constexpr int sweeps = 12;
constexpr double firm = 1e6;  // how much less a box gives way than an arrow that passes

/// A box, or the place in a layer where an arrow passes.
struct Vertex {
    int layer = 0;
    double width = 0.0;
    bool passes = false;
    std::vector<std::size_t> above, below;
    double x = 0.0;
};

class Artist {
public:
    explicit Artist(const Sketch& sketch) : sketch_(sketch), vertices_(sketch.boxes.size()) {}

    Drawing run() {
        if (sketch_.boxes.empty()) return {};
        place_in_layers();
        route_arrows();
        fill_layers();
        reduce_crossings();
        place_side_by_side();
        return drawing();
    }

private:
    using Neighbours = std::vector<std::size_t> Vertex::*;

    Vertex& vertex(int box) { return vertices_[static_cast<std::size_t>(box)]; }

    /// As far up as arrows allow; what no arrow leads to, close above its first reader.
    void place_in_layers() {
        std::vector<bool> is_led_to(vertices_.size());
        for (const Sketch::Arrow& arrow : sorted_arrows()) {
            CHECK_INTERNAL(arrow.from < arrow.to);
            is_led_to[static_cast<std::size_t>(arrow.to)] = true;
            vertex(arrow.to).layer = std::max(vertex(arrow.to).layer, vertex(arrow.from).layer + 1);
        }
        std::vector<int> first(vertices_.size(), std::numeric_limits<int>::max());
        for (const Sketch::Arrow& arrow : sketch_.arrows) {
            int& reader = first[static_cast<std::size_t>(arrow.from)];
            reader = std::min(reader, vertex(arrow.to).layer);
        }
        for (std::size_t box = 0; box < vertices_.size(); ++box) {
            vertices_[box].width = sketch_.boxes[box].width;
            if (!is_led_to[box] && first[box] != std::numeric_limits<int>::max()) vertices_[box].layer = first[box] - 1;
        }
    }

    std::vector<Sketch::Arrow> sorted_arrows() const {
        std::vector<Sketch::Arrow> arrows = sketch_.arrows;
        std::stable_sort(arrows.begin(), arrows.end(),
                         [](const Sketch::Arrow& a, const Sketch::Arrow& b) { return a.to < b.to; });
        return arrows;
    }

    void route_arrows() {
        for (const Sketch::Arrow& arrow : sketch_.arrows) {
            std::vector<std::size_t>& route = routes_.emplace_back();
            route.push_back(static_cast<std::size_t>(arrow.from));
            const int last = vertex(arrow.to).layer;
            if (last - vertex(arrow.from).layer <= longest_bend) {
                for (int layer = vertex(arrow.from).layer + 1; layer < last; ++layer) {
                    route.push_back(vertices_.size());
                    vertices_.push_back({.layer = layer, .passes = true});
                }
            }
            route.push_back(static_cast<std::size_t>(arrow.to));
            for (std::size_t i = 0; i + 1 < route.size(); ++i) {
                if (vertices_[route[i]].layer + 1 != vertices_[route[i + 1]].layer) continue;
                vertices_[route[i]].below.push_back(route[i + 1]);
                vertices_[route[i + 1]].above.push_back(route[i]);
            }
        }
    }

    void fill_layers() {
        for (std::size_t i = 0; i < vertices_.size(); ++i) {
            const auto layer = static_cast<std::size_t>(vertices_[i].layer);
            if (layer >= layers_.size()) layers_.resize(layer + 1);
            layers_[layer].push_back(i);
        }
        number();
    }

    void number() {
        position_.resize(vertices_.size());
        for (const std::vector<std::size_t>& layer : layers_)
            for (std::size_t i = 0; i < layer.size(); ++i) position_[layer[i]] = static_cast<double>(i);
    }

    /// Each vertex to the mean position of its neighbours in the layer before, down and up by turns; the best order stays.
    void reduce_crossings() {
        std::vector<std::vector<std::size_t>> best = layers_;
        std::size_t fewest = crossings();
        for (int sweep = 0; sweep < sweeps && fewest > 0; ++sweep) {
            const Neighbours side = sweep % 2 == 0 ? &Vertex::above : &Vertex::below;
            for (std::size_t i = 0; i < layers_.size(); ++i)
                order(layers_[sweep % 2 == 0 ? i : layers_.size() - 1 - i], side);
            const std::size_t now = crossings();
            if (now >= fewest) continue;
            fewest = now;
            best = layers_;
        }
        layers_ = std::move(best);
        number();
    }

    void order(std::vector<std::size_t>& layer, Neighbours side) {
        std::vector<std::pair<double, std::size_t>> keys;
        for (std::size_t i : layer) {
            double sum = 0.0;
            for (std::size_t other : vertices_[i].*side) sum += position_[other];
            const auto count = static_cast<double>((vertices_[i].*side).size());
            keys.emplace_back(count > 0 ? sum / count : position_[i], i);
        }
        std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        for (std::size_t i = 0; i < layer.size(); ++i) {
            layer[i] = keys[i].second;
            position_[layer[i]] = static_cast<double>(i);
        }
    }

    /// Pairs of arrows that cross between two layers, by counting inversions.
    std::size_t crossings() const {
        std::size_t count = 0;
        for (const std::vector<std::size_t>& layer : layers_) {
            std::vector<std::pair<double, double>> ends;
            for (std::size_t i : layer)
                for (std::size_t below : vertices_[i].below) ends.emplace_back(position_[i], position_[below]);
            std::sort(ends.begin(), ends.end());
            std::vector<double> seen;  // sorted
            for (const auto& [from, to] : ends) {
                const auto at = std::upper_bound(seen.begin(), seen.end(), to);
                count += static_cast<std::size_t>(seen.end() - at);
                seen.insert(at, to);
            }
        }
        return count;
    }

    static double half(const Vertex& vertex) { return vertex.width / 2.0; }

    /// The least distance of the centres of neighbours.
    static double distance(const Vertex& left, const Vertex& right) {
        return half(left) + half(right) + (left.passes || right.passes ? arrow_gap : box_gap);
    }

    /// Arrows that pass stay upright first, then chains of boxes, then the ends of long arrows.
    static double pull(const Vertex& a, const Vertex& b) {
        return a.passes && b.passes ? 8.0 : a.passes || b.passes ? 1.0 : 3.0;
    }

    /// Where the neighbours would have the vertex: the point with as much pull from the left as from the right, which leaves
    /// lines straight where a mean would bend all of them a little.
    double wish(const Vertex& vertex, bool above, bool below) const {
        std::vector<std::pair<double, double>> pulls;  // x, weight
        double total = 0.0;
        const auto add = [&](const std::vector<std::size_t>& others) {
            for (std::size_t other : others) {
                pulls.emplace_back(vertices_[other].x, pull(vertex, vertices_[other]));
                total += pulls.back().second;
            }
        };
        if (above) add(vertex.above);
        if (below) add(vertex.below);
        if (pulls.empty()) return vertex.x;
        std::sort(pulls.begin(), pulls.end());
        double sum = 0.0;
        for (std::size_t i = 0; i < pulls.size(); ++i) {
            sum += pulls[i].second;
            if (sum * 2.0 == total && i + 1 < pulls.size()) return (pulls[i].first + pulls[i + 1].first) / 2.0;
            if (sum * 2.0 > total) return pulls[i].first;
        }
        return vertex.x;
    }

    void place_side_by_side() {
        for (std::vector<std::size_t>& layer : layers_) {
            double x = 0.0;
            for (std::size_t i = 0; i < layer.size(); ++i) {
                if (i > 0) x += distance(vertices_[layer[i - 1]], vertices_[layer[i]]);
                vertices_[layer[i]].x = x;
            }
            for (std::size_t i : layer) vertices_[i].x -= x / 2.0;
        }
        for (int sweep = 0; sweep < sweeps; ++sweep) {
            const bool last = sweep + 2 >= sweeps;  // the last two look both ways
            for (std::size_t i = 0; i < layers_.size(); ++i)
                settle(layers_[sweep % 2 == 0 ? i : layers_.size() - 1 - i], last || sweep % 2 == 0,
                       last || sweep % 2 == 1);
        }
    }

    /// As near to all wishes as order and distances allow (least squares): where wishes are too close, those vertices form a
    /// group that moves to the mean of what it wants.
    void settle(const std::vector<std::size_t>& layer, bool above, bool below) {
        struct Group {
            double wish = 0.0, weight = 0.0;
            std::size_t count = 0;
        };
        std::vector<Group> groups;
        std::vector<double> offsets;  // from the first vertex of the layer, if all stood as close as they may
        double offset = 0.0;
        for (std::size_t i = 0; i < layer.size(); ++i) {
            const Vertex& here = vertices_[layer[i]];
            if (i > 0) offset += distance(vertices_[layer[i - 1]], here);
            offsets.push_back(offset);
            groups.push_back({wish(here, above, below) - offset, here.passes ? 1.0 : firm, 1});
            while (groups.size() > 1 && groups[groups.size() - 2].wish > groups.back().wish) {
                const Group right = groups.back();
                groups.pop_back();
                Group& left = groups.back();
                left.wish = (left.wish * left.weight + right.wish * right.weight) / (left.weight + right.weight);
                left.weight += right.weight;
                left.count += right.count;
            }
        }
        std::size_t at = 0;
        for (const Group& group : groups)
            for (std::size_t i = 0; i < group.count; ++i, ++at) vertices_[layer[at]].x = group.wish + offsets[at];
    }

    Drawing drawing() {
        std::vector<double> heights(layers_.size(), 0.0), middles(layers_.size(), 0.0);
        for (std::size_t box = 0; box < sketch_.boxes.size(); ++box) {
            double& height = heights[static_cast<std::size_t>(vertices_[box].layer)];
            height = std::max(height, sketch_.boxes[box].height);
        }
        double left = std::numeric_limits<double>::max(), right = -left, y = 0.0;
        for (const Vertex& each : vertices_) {
            left = std::min(left, each.x - half(each));
            right = std::max(right, each.x + half(each));
        }
        for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
            middles[layer] = y + heights[layer] / 2.0;
            y += heights[layer] + layer_gap;
        }
        const auto point = [&](std::size_t i, double dy) {
            const Vertex& at = vertices_[i];
            return Point{at.x - left, middles[static_cast<std::size_t>(at.layer)] + dy};
        };
        Drawing drawing{.width = right - left, .height = y - layer_gap};
        for (std::size_t box = 0; box < sketch_.boxes.size(); ++box) drawing.centres.push_back(point(box, 0.0));
        for (const std::vector<std::size_t>& route : routes_) {
            std::vector<Point>& path = drawing.paths.emplace_back();
            for (std::size_t i = 0; i < route.size(); ++i) {
                const bool first = i == 0, last = i + 1 == route.size();
                if (first || last) {
                    const double edge = sketch_.boxes[route[i]].height / 2.0;
                    path.push_back(point(route[i], first ? edge : -edge));
                } else {  // straight past the boxes of this layer
                    const double edge = heights[static_cast<std::size_t>(vertices_[route[i]].layer)] / 2.0;
                    path.push_back(point(route[i], -edge));
                    path.push_back(point(route[i], edge));
                }
            }
        }
        return drawing;
    }

    const Sketch& sketch_;
    std::vector<Vertex> vertices_;  // the boxes, then where arrows pass
    std::vector<std::vector<std::size_t>> routes_, layers_;
    std::vector<double> position_;
};

}  // namespace

Drawing draw(const Sketch& sketch) {
    return Artist(sketch).run();
}

}  // namespace halcyon
