#include "importers/find_blocks.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "importers/find_loops.h"
#include "importers/name_units.h"
#include "importers/propose_block.h"
#include "importers/spec_names.h"

namespace halcyon::importers {
namespace {

constexpr int shortest_run = 3;
constexpr std::size_t most_tried = 12;
constexpr double least_saving = 3.0;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    hash ^= value + 0x9e3779b97f4a7c15U + (hash << 6U) + (hash >> 2U);
    return hash * 0xff51afd7ed558ccdU;
}

/// Whether the keys repeat within themselves, perhaps without the last of the second round: then a round is the block.
bool repeats_itself(const std::vector<std::uint64_t>& keys, int begin, int end) {
    const int length = end - begin;
    for (int period = 1; 2 * period <= length + 1 && period < length; ++period) {
        const auto from = keys.begin() + begin;
        if (std::equal(from, from + (length - period), from + period)) return true;
    }
    return false;
}

/// Runs of statements that do the same with their inputs, but for numbers: each group without overlaps, in order.
std::vector<std::vector<Segment>> equal_runs(const Region& region, const SegmentFinder& finder) {
    using Run = std::pair<int, int>;  // begin and end
    std::unordered_map<std::uint64_t, std::vector<Run>> groups;
    const auto count = static_cast<int>(region.body.size());
    std::vector<std::uint64_t> keys;
    for (const Statement& statement : region.body) keys.push_back(std::hash<std::string>()(key_of(statement)));
    for (int begin = 0; begin < count; ++begin) {
        std::vector<int> outer;
        bool one_kind = true;
        std::uint64_t hash = 0;
        int last_inner_reader = -1;
        for (int last = begin; last < count && 2 * (last + 1 - begin) <= count; ++last) {
            const Statement& statement = region.body[static_cast<std::size_t>(last)];
            if (statement.kind != Statement::Kind::call || statement.shared >= 0) break;
            const std::uint64_t key = keys[static_cast<std::size_t>(last)];
            hash = mixed(hash, key);
            one_kind = one_kind && key == keys[static_cast<std::size_t>(begin)];
            for (int input : statement.inputs) {
                const int producer = finder.producer(input);
                if (producer >= begin) {
                    hash = mixed(hash, static_cast<std::uint64_t>(producer - begin));
                    continue;
                }
                auto found = std::find(outer.begin(), outer.end(), input);
                if (found == outer.end()) found = outer.insert(outer.end(), input);
                hash = mixed(hash, 0x100000000U + static_cast<std::uint64_t>(found - outer.begin()));
            }
            if (outer.size() > SegmentFinder::most_inputs) break;
            // One value leaves, the last one.
            const bool closed = last_inner_reader <= last && finder.last_reader(statement.output) > last;
            last_inner_reader = std::max(last_inner_reader, finder.last_reader(statement.output));
            const int length = last + 1 - begin;
            if (closed && length >= shortest_run && !one_kind)
                groups[mixed(hash, static_cast<std::uint64_t>(length))].emplace_back(begin, last + 1);
        }
    }
    std::vector<std::vector<Segment>> runs;
    for (const auto& [hash, found] : groups) {
        if (found.size() < 2 || repeats_itself(keys, found.front().first, found.front().second)) continue;
        std::vector<Segment> apart;
        for (const auto& [begin, end] : found) {
            if (!apart.empty() && begin < apart.back().end) continue;
            if (const std::optional<Segment> segment = finder.closed(begin, end)) apart.push_back(*segment);
        }
        if (apart.size() >= 2) runs.push_back(std::move(apart));
    }
    return runs;
}

/// What a group of equal runs saves at most.
double rough_saving(const std::vector<Segment>& units) {
    const auto count = static_cast<double>(units.size());
    return (count - 1.0) * units.front().size() - count;
}

/// People begin a block with a convolution or a norm before it, and end it with an activation or a sum.
double habit_bonus(const Region& region, const Segment& unit) {
    const Statement& first = region.body[static_cast<std::size_t>(unit.begin)];
    const Statement& last = region.body[static_cast<std::size_t>(unit.end) - 1];
    const auto is = [](const Statement& statement, std::string_view part) {
        return statement.layer != nullptr && statement.layer->def->name.find(part) != std::string_view::npos;
    };
    double bonus = 0.0;
    if (is(first, "Activation") || is(first, "ReLU") || is(first, "Dropout") || is(first, "Pooling") ||
        is(first, "Add"))
        bonus -= 2.0;
    if (is(last, "Conv") && !is(first, "BatchNormalization")) bonus -= 1.0;
    if (is(first, "BatchNormalization") && is(last, "Conv")) bonus -= 0.5;
    return bonus;
}

Alignment alignment_of(const std::vector<Segment>& units) {
    Alignment alignment{units, {}};
    for (int line = 0; line < units.front().size(); ++line) {
        std::vector<int>& slot = alignment.slots.emplace_back();
        for (const Segment& unit : units) slot.push_back(unit.begin + line);
    }
    return alignment;
}

/// The last word that all names in a block begin with, "block" of conv#_block#; else what its layers suggest.
std::string name_for(const BlockProposal& proposal) {
    const Region& block = proposal.block;
    std::map<std::string, int> words;
    for (const Statement& call : proposal.calls) {
        const auto name = call.arguments.find("name");
        if (name == call.arguments.end() || name->second.value.string() == nullptr) continue;
        std::string last;
        for (const std::string& token : name_tokens(*name->second.value.string())) {
            if (token.size() >= 3 && std::isalpha(static_cast<unsigned char>(token[0])) != 0) last = token;
        }
        if (!last.empty()) ++words[last];
    }
    const auto most =
        std::max_element(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most != words.end() && most->second * 2 > static_cast<int>(proposal.calls.size()) &&
        is_usable_name(most->first))
        return most->first;
    bool convolves = false, normalizes = false, activates = false, adds = false, joins = false, separable = false,
         many = block.body.size() > 4;
    for (const Statement& line : block.body) {
        if (line.layer == nullptr) continue;
        const std::string_view type = line.layer->def->name;
        convolves = convolves || type.find("Conv") != std::string_view::npos;
        separable = separable || type.starts_with("Separable");
        normalizes = normalizes || type == "BatchNormalization";
        activates = activates || type == "Activation" || type == "ReLU";
        adds = adds || type == "Add";
        joins = joins || type == "Concatenate";
    }
    if (adds) return "residual";
    if (joins) return "mix";
    if (many || !convolves) return "block";
    return fmt::format("{}conv{}{}", separable ? "separable_" : "", normalizes ? "_bn" : "", activates ? "_relu" : "");
}

class BlockFinder {
public:
    BlockFinder(SpecTree& tree, const std::vector<TensorType>& types) : tree_(tree), types_(types) {}

    void find(bool count_early) {
        constexpr int most_blocks = 24;
        for (int i = 0; i < most_blocks; ++i) {
            std::optional<BlockProposal> best = best_proposal();
            if (!best) return;
            apply(std::move(*best));
            if (count_early) find_loops(tree_, LoopKind::counting);
        }
    }

private:
    std::optional<BlockProposal> best_proposal() const {
        const SegmentFinder finder(tree_.model);
        std::optional<BlockProposal> best;
        double most = least_saving;
        const auto consider = [&](std::optional<BlockProposal> proposal, double bonus) {
            if (!proposal || proposal->saved_lines + bonus <= most) return;
            most = proposal->saved_lines + bonus;
            best = std::move(proposal);
        };
        // What people named is what they thought of as a block.
        constexpr double trust_in_names = 1.25;
        for (const Alignment& alignment : units_by_name(tree_.model, finder)) {
            std::optional<BlockProposal> proposal = propose_block(tree_, types_, alignment);
            const double bonus = proposal ? (trust_in_names - 1.0) * proposal->saved_lines : 0.0;
            consider(std::move(proposal), bonus);
        }
        std::vector<std::vector<Segment>> runs = equal_runs(tree_.model, finder);
        const auto worth = [&](const std::vector<Segment>& units) {
            return rough_saving(units) + habit_bonus(tree_.model, units.front());
        };
        std::sort(runs.begin(), runs.end(), [&](const auto& a, const auto& b) {
            const double first = worth(a), second = worth(b);
            return first != second                      ? first > second
                   : a.front().begin != b.front().begin ? a.front().begin < b.front().begin
                                                        : a.front().end < b.front().end;
        });
        if (runs.size() > most_tried) runs.resize(most_tried);
        for (const std::vector<Segment>& units : runs)
            consider(propose_block(tree_, types_, alignment_of(units)), habit_bonus(tree_.model, units.front()));
        return best;
    }

    /// The segments become calls of the block.
    void apply(BlockProposal proposal) {
        std::set<std::string> taken;
        for (const Region& block : tree_.blocks) taken.insert(block.name);
        taken.insert(tree_.model.name);
        taken.insert(tree_.input_names.begin(), tree_.input_names.end());
        for (const Parameter& parameter : proposal.block.parameters) taken.insert(parameter.name);
        proposal.block.name = unique_name(name_for(proposal), taken);
        std::vector<Statement> body;
        std::size_t next = 0;
        for (std::size_t i = 0; i < tree_.model.body.size(); ++i) {
            if (next < proposal.units.size() && static_cast<int>(i) == proposal.units[next].begin) {
                Statement call = std::move(proposal.calls[next]);
                call.block = static_cast<int>(tree_.blocks.size());
                body.push_back(std::move(call));
                i = static_cast<std::size_t>(proposal.units[next].end) - 1;
                ++next;
                continue;
            }
            body.push_back(std::move(tree_.model.body[i]));
        }
        tree_.model.body = std::move(body);
        tree_.blocks.push_back(std::move(proposal.block));
    }

    SpecTree& tree_;
    const std::vector<TensorType>& types_;
};

}  // namespace

void find_blocks(SpecTree& tree, const std::vector<TensorType>& types, bool count_early) {
    BlockFinder(tree, types).find(count_early);
}

}  // namespace halcyon::importers
