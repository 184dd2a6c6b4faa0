// How values lie: the part of OnnxBuilder that knows of axes and atoms.

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "importers/onnx_builder.h"
#include "support/check.h"

namespace halcyon::importers {
namespace {

std::vector<Atom> flattened(const std::vector<Axis>& axes) {
    std::vector<Atom> flat;
    for (const Axis& axis : axes) flat.insert(flat.end(), axis.begin(), axis.end());
    return flat;
}

Value::Sequence extents_of(const std::vector<Axis>& axes) {
    Value::Sequence extents;
    for (const Axis& axis : axes) extents.emplace_back(extent_of(axis));
    return extents;
}

/// For a value that lies as `from`: which of its axes is each of `to`, where these are the same axes; those of extent 1 fill
/// up. Nothing if they are not.
std::optional<std::vector<std::size_t>> permutation(const std::vector<Axis>& from, const std::vector<Axis>& to) {
    if (from.size() != to.size()) return std::nullopt;
    std::vector<bool> used(from.size(), false);
    std::vector<std::size_t> places;
    for (const Axis& axis : to) {
        std::size_t place = 0;
        while (place < from.size() && (used[place] || from[place] != axis)) ++place;
        if (place == from.size()) return std::nullopt;
        used[place] = true;
        places.push_back(place);
    }
    return places;
}

/// `from` with its axes torn apart where `to` needs them apart, in the order of `from`.
std::vector<Axis> pieces_of(const std::vector<Axis>& from, const std::vector<Axis>& to) {
    // Which atom follows another one within one axis of `to`.
    std::map<int, int> follows;
    for (const Axis& axis : to) {
        for (std::size_t i = 1; i < axis.size(); ++i) follows[axis[i - 1].id] = axis[i].id;
    }
    std::vector<Axis> pieces;
    for (const Axis& axis : from) {
        for (std::size_t i = 0; i < axis.size(); ++i) {
            const auto next = i == 0 ? follows.end() : follows.find(axis[i - 1].id);
            if (next == follows.end() || next->second != axis[i].id) pieces.emplace_back();
            pieces.back().push_back(axis[i]);
        }
    }
    return pieces;
}

std::string key_of(int id, const std::vector<Axis>& wanted) {
    std::string key = fmt::format("{}:", id);
    for (const Axis& axis : wanted) {
        key += '[';
        for (const Atom& atom : axis) key += fmt::format("{},", atom.id);
        key += ']';
    }
    return key;
}

/// Each axis of the file by itself, in order.
std::vector<int> ascending(int rank) {
    std::vector<int> order(static_cast<std::size_t>(rank));
    std::iota(order.begin(), order.end(), 0);
    return order;
}

}  // namespace

bool OnnxBuilder::has_batch(const Axis& axis) const {
    return std::find(axis.begin(), axis.end(), batch_) != axis.end();
}

int OnnxBuilder::batch_axis(const OnnxValue& value) const {
    for (std::size_t i = 0; i < value.axes.size(); ++i) {
        if (!has_batch(value.axes[i])) continue;
        if (value.axes[i].size() > 1) throw Refused{"it joins the batch with other axes"};
        return static_cast<int>(i);
    }
    return -1;
}

std::vector<int> OnnxBuilder::order_of(const OnnxValue& value, const std::vector<int>& also) const {
    std::vector<int> order;
    const int batch = batch_axis(value);
    for (const Atom& atom : flattened(value.lies)) {
        for (int i = 0; i < value.rank(); ++i) {
            const Axis& axis = value.axes[static_cast<std::size_t>(i)];
            const bool here = std::find(axis.begin(), axis.end(), atom) != axis.end();
            if (here && std::find(order.begin(), order.end(), i) == order.end()) order.push_back(i);
        }
    }
    for (int axis : also) {
        if (axis == batch) throw Refused{"it computes across the items of the batch"};
        if (std::find(order.begin(), order.end(), axis) != order.end()) continue;
        // Where it stands in the file, as far as the others do.
        const auto after = std::find_if(order.begin(), order.end(), [&](int other) { return other > axis; });
        order.insert(after, axis);
    }
    if (order.empty() && value.rank() > 0) order.push_back(value.rank() - 1);
    return order;
}

int OnnxBuilder::arranged(const OnnxValue& value, const std::vector<int>& order) {
    std::vector<Axis> wanted;
    for (int axis : order) {
        wanted.push_back(value.axes[static_cast<std::size_t>(axis)]);
        if (has_batch(wanted.back())) throw Refused{"it computes across the items of the batch"};
    }
    if (wanted.empty()) wanted.emplace_back();
    return lay(value, wanted);
}

int OnnxBuilder::lay(const OnnxValue& value, const std::vector<Axis>& wanted) {
    CHECK_INTERNAL(flattened(wanted).size() == flattened(value.lies).size());
    if (extents_of(wanted) == extents_of(value.lies) && flattened(wanted) == flattened(value.lies)) return value.id;
    const std::string key = key_of(value.id, wanted);
    if (const auto found = laid_.find(key); found != laid_.end()) return found->second;

    const std::string name = std::exchange(name_, "");
    int id = value.id;
    std::vector<Axis> lies = value.lies;
    const auto reshape = [&](const std::vector<Axis>& axes) {
        id = axes.size() == 1 ? layer("Flatten", {}, {id})
                              : layer("Reshape", {{"target_shape", Value(extents_of(axes))}}, {id});
        lies = axes;
    };
    const auto permute = [&](const std::vector<std::size_t>& places) {
        Value::Sequence dims;
        std::vector<Axis> permuted;
        for (std::size_t place : places) {
            dims.emplace_back(static_cast<std::int64_t>(place) + 1);
            permuted.push_back(lies[place]);
        }
        id = layer("Permute", {{"dims", Value(dims)}}, {id});
        lies = permuted;
    };
    if (const auto places = permutation(lies, wanted)) {
        permute(*places);
    } else if (flattened(lies) == flattened(wanted)) {
        reshape(wanted);
    } else {
        const std::vector<Axis> pieces = pieces_of(lies, wanted);
        if (extents_of(pieces) != extents_of(lies)) reshape(pieces);
        lies = pieces;
        std::vector<Axis> turned;
        for (const Atom& atom : flattened(wanted)) {
            const auto piece =
                std::find_if(pieces.begin(), pieces.end(), [&](const Axis& each) { return each.front() == atom; });
            if (piece != pieces.end()) turned.push_back(*piece);
        }
        permute(*permutation(pieces, turned));
        if (extents_of(turned) != extents_of(wanted)) reshape(wanted);
    }
    name_ = name;
    laid_[key] = id;
    return id;
}

OnnxValue OnnxBuilder::made(int id, const Shape& shape, const std::vector<int>& order, const OnnxValue& like) {
    OnnxValue value;
    value.id = id;
    for (std::int64_t extent : shape) {
        value.axes.emplace_back();
        if (extent != 1) value.axes.back().push_back(new_atom(extent));
    }
    if (const int batch = like.constant ? -1 : batch_axis(like); batch >= 0) {
        const auto place = static_cast<std::size_t>(batch);
        CHECK_INTERNAL(place < shape.size() && shape[place] == batch_.extent);
        value.axes[place] = {batch_};
    }
    for (int axis : order) value.lies.push_back(value.axes[static_cast<std::size_t>(axis)]);
    if (order.empty()) value.lies.emplace_back();
    return value;
}

void OnnxBuilder::split(OnnxValue& value, int atom, const std::vector<Atom>& parts) const {
    if (atom == batch_.id) throw Refused{"it tears the batch apart"};
    for (std::vector<Axis>* axes : {&value.axes, &value.lies}) {
        for (Axis& axis : *axes) {
            const auto found =
                std::find_if(axis.begin(), axis.end(), [&](const Atom& each) { return each.id == atom; });
            if (found == axis.end()) continue;
            const auto place = axis.erase(found);
            axis.insert(place, parts.begin(), parts.end());
        }
    }
}

OnnxValue OnnxBuilder::reshaped(const OnnxValue& value, const Shape& shape) {
    OnnxValue result = value;
    std::vector<Axis> axes;
    std::size_t next = 0;
    std::vector<Atom> flat = flattened(result.axes);
    bool nests = true;
    for (std::int64_t extent : shape) {
        axes.emplace_back();
        std::int64_t left = extent;
        while (left > 1 && nests) {
            nests = next < flat.size();
            if (!nests) break;
            if (left % flat[next].extent == 0) {
                left /= flat[next].extent;
                axes.back().push_back(flat[next++]);
            } else if (flat[next].extent % left == 0) {
                const Atom first = new_atom(left), second = new_atom(flat[next].extent / left);
                split(result, flat[next].id, {first, second});
                flat[next] = second;
                axes.back().push_back(first);
                left = 1;
            } else {
                nests = false;
            }
        }
    }
    if (nests && next == flat.size()) {
        result.axes = axes;
        return result;
    }
    // The new axes lie across the old ones.
    const int batch = batch_axis(value);
    if (batch > 0 || (batch == 0 && (shape.empty() || shape[0] != batch_.extent)))
        throw Refused{"it mixes the batch with other axes"};
    std::vector<int> order = ascending(value.rank());
    std::vector<int> new_order = ascending(static_cast<int>(shape.size()));
    if (batch == 0) {
        order.erase(order.begin());
        new_order.erase(new_order.begin());
    }
    const int id = arranged(value, order);
    Value::Sequence extents;
    for (int axis : new_order) extents.emplace_back(shape[static_cast<std::size_t>(axis)]);
    return made(layer("Reshape", {{"target_shape", Value(extents)}}, {id}), shape, new_order, value);
}

void OnnxBuilder::unify(OnnxValue& a, OnnxValue& b) {
    const int rank = std::min(a.rank(), b.rank());
    const auto alike = [&] {
        for (std::size_t i = 1; i <= static_cast<std::size_t>(rank); ++i) {
            const Axis &mine = a.axes[a.axes.size() - i], &others = b.axes[b.axes.size() - i];
            if (!mine.empty() && !others.empty() && mine != others) return false;
        }
        return true;
    };
    if (alike()) return;
    // One that both have in different places would be in the way.
    for (const Atom& atom : flattened(b.lies)) split(b, atom.id, {new_atom(atom.extent)});
    for (int i = 1; i <= rank; ++i) {
        const std::size_t at = a.axes.size() - static_cast<std::size_t>(i),
                          other = b.axes.size() - static_cast<std::size_t>(i);
        if (extent_of(a.axes[at]) != extent_of(b.axes[other])) continue;
        for (std::size_t k = 0; k < a.axes[at].size() && k < b.axes[other].size(); ++k) {
            const Atom mine = a.axes[at][k], others = b.axes[other][k];
            if (mine == others) continue;
            if (mine.extent == others.extent) {
                if (mine == batch_ || others == batch_) throw Refused{"it computes across the items of the batch"};
                split(b, others.id, {mine});
            } else if (mine.extent % others.extent == 0) {
                const Atom first = new_atom(others.extent), second = new_atom(mine.extent / others.extent);
                split(a, mine.id, {first, second});
                split(b, others.id, {first});
            } else if (others.extent % mine.extent == 0) {
                split(b, others.id, {mine, new_atom(others.extent / mine.extent)});
            } else {
                for (OnnxValue* each : {&a, &b}) {
                    std::vector<int> order = order_of(*each);
                    *each = made(arranged(*each, order), each->shape(), order, *each);
                }
                i = 0;
                break;
            }
        }
    }
}

}  // namespace halcyon::importers
