#include "importers/name_units.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <fmt/format.h>

#include "importers/block_flow.h"
#include "importers/spec_names.h"

namespace halcyon::importers {
namespace {

/// A segment whose written names begin with `prefix`.
struct NamedUnit {
    Segment segment;
    std::string prefix;
    std::vector<std::string> keys;  ///< by statement: its layer and what follows the prefix in its name
};

std::string written_name(const Statement& statement) {
    const auto name = statement.arguments.find("name");
    if (name == statement.arguments.end() || name->second.kind != Term::Kind::constant) return "";
    return name->second.value.string() == nullptr ? "" : *name->second.value.string();
}

/// "conv2_block1_1_conv" -> "conv2", "conv2_block1", "conv2_block1_1", "conv2_block1_1_conv".
std::vector<std::string> prefixes_of(const std::string& name) {
    std::vector<std::string> prefixes;
    for (std::size_t i = 1; i <= name.size(); ++i) {
        const bool boundary = i == name.size() || name[i] == '_' || name[i] == '/' || name[i] == '.' || name[i] == '-';
        if (boundary && std::isalnum(static_cast<unsigned char>(name[i - 1])) != 0)
            prefixes.push_back(name.substr(0, i));
    }
    return prefixes;
}

/// Numbers made '#', and single letters after them '@': block1a is block#@.
std::string pattern_of(const std::string& prefix) {
    std::string pattern;
    bool number_before = false;
    for (const std::string& token : name_tokens(prefix)) {
        const bool number = std::isdigit(static_cast<unsigned char>(token[0])) != 0;
        const bool letter = token.size() == 1 && std::islower(static_cast<unsigned char>(token[0])) != 0;
        pattern += number ? "#" : letter && number_before ? "@" : token;
        number_before = number;
    }
    return pattern;
}

bool begins_with(const std::string& name, const std::string& prefix) {
    return name.starts_with(prefix) &&
           (name.size() == prefix.size() || std::isalnum(static_cast<unsigned char>(name[prefix.size()])) == 0);
}

class UnitFinder {
public:
    UnitFinder(const Region& region, const SegmentFinder& finder) : region_(region), finder_(finder) {
        for (const Statement& statement : region.body) {
            names_.push_back(statement.block < 0 ? written_name(statement) : "");
            keys_.push_back(key_of(statement));
        }
    }

    std::vector<Alignment> find() {
        std::map<std::string, std::map<std::string, std::vector<int>>> patterns;  // pattern, prefix, statements
        for (std::size_t i = 0; i < names_.size(); ++i) {
            for (const std::string& prefix : prefixes_of(names_[i])) {
                if (const std::string pattern = pattern_of(prefix); pattern.find('#') != std::string::npos)
                    patterns[pattern][prefix].push_back(static_cast<int>(i));
            }
        }
        std::vector<Alignment> found;
        for (const auto& [pattern, prefixes] : patterns) {
            if (prefixes.size() < 2) continue;
            std::vector<NamedUnit> units;
            for (const auto& [prefix, statements] : prefixes) add_unit(prefix, statements, units);
            if (units.size() < 2) continue;
            drop_overlapping(units);
            add_odd_ones(units);
            cluster(std::move(units), found);
        }
        return found;
    }

private:
    [[nodiscard]] bool is_nameless(int i) const {
        return names_[static_cast<std::size_t>(i)].empty() && !keys_[static_cast<std::size_t>(i)].empty() &&
               region_.body[static_cast<std::size_t>(i)].block < 0;
    }

    /// The statements of one prefix, if they stand together, with the nameless ones among them, and with as many before and
    /// after as make a block with one input.
    void add_unit(const std::string& prefix, const std::vector<int>& statements, std::vector<NamedUnit>& units) const {
        const int first = statements.front(), last = statements.back() + 1;
        for (int i = first; i < last; ++i) {
            const std::string& name = names_[static_cast<std::size_t>(i)];
            if ((!name.empty() && !begins_with(name, prefix)) || keys_[static_cast<std::size_t>(i)].empty()) return;
        }
        constexpr int most_nameless = 8;
        int after = last, before = first;
        while (after < static_cast<int>(names_.size()) && after - last < most_nameless && is_nameless(after)) ++after;
        while (before > 0 && first - before < most_nameless && is_nameless(before - 1)) --before;
        std::optional<Segment> best;
        for (int begin = first; begin >= before; --begin) {
            for (int end = after; end >= last; --end) {
                std::optional<Segment> segment = finder_.closed(begin, end);
                if (segment && segment->size() >= 2 && (!best || segment->inputs.size() < best->inputs.size()))
                    best = std::move(segment);
            }
        }
        if (!best) return;
        NamedUnit unit{*best, prefix, {}};
        for (int i = best->begin; i < best->end; ++i) {
            const std::string& name = names_[static_cast<std::size_t>(i)];
            unit.keys.push_back(fmt::format("{} {}", keys_[static_cast<std::size_t>(i)],
                                            name.empty() ? "" : name.substr(prefix.size())));
        }
        units.push_back(std::move(unit));
    }

    static void drop_overlapping(std::vector<NamedUnit>& units) {
        std::stable_sort(units.begin(), units.end(),
                         [](const NamedUnit& a, const NamedUnit& b) { return a.segment.begin < b.segment.begin; });
        std::vector<NamedUnit> apart;
        for (NamedUnit& unit : units) {
            if (apart.empty() || unit.segment.begin >= apart.back().segment.end) apart.push_back(std::move(unit));
        }
        units = std::move(apart);
    }

    /// A first block may be called otherwise, expanded_conv before block_1, but have lines that are called the same.
    void add_odd_ones(std::vector<NamedUnit>& units) {
        std::vector<bool> covered(names_.size(), false);
        std::set<std::string> known;
        for (const NamedUnit& unit : units) {
            std::fill(covered.begin() + unit.segment.begin, covered.begin() + unit.segment.end, true);
            known.insert(unit.keys.begin(), unit.keys.end());
        }
        std::map<std::string, std::vector<int>> prefixes;
        for (std::size_t i = 0; i < names_.size(); ++i) {
            if (covered[i]) continue;
            for (const std::string& prefix : prefixes_of(names_[i])) prefixes[prefix].push_back(static_cast<int>(i));
        }
        std::vector<NamedUnit> more;
        for (const auto& [prefix, statements] : prefixes) {
            if (statements.size() >= 2) add_unit(prefix, statements, more);
        }
        for (NamedUnit& unit : more) {
            const auto shared = std::count_if(unit.keys.begin(), unit.keys.end(),
                                              [&](const std::string& key) { return known.contains(key); });
            const bool overlaps = std::any_of(covered.begin() + unit.segment.begin, covered.begin() + unit.segment.end,
                                              [](bool each) { return each; });
            if (overlaps || shared * 10 < 6L * unit.segment.size()) continue;
            std::fill(covered.begin() + unit.segment.begin, covered.begin() + unit.segment.end, true);
            units.push_back(std::move(unit));
        }
    }

    /// Units that one block can stand for, those with most lines first.
    void cluster(std::vector<NamedUnit> units, std::vector<Alignment>& found) {
        std::stable_sort(units.begin(), units.end(),
                         [](const NamedUnit& a, const NamedUnit& b) { return a.segment.size() > b.segment.size(); });
        struct Cluster {
            Alignment alignment;
            std::vector<std::string> keys;  ///< by slot
        };
        std::vector<Cluster> clusters;
        for (const NamedUnit& unit : units) {
            bool joined = false;
            for (Cluster& cluster : clusters) {
                Cluster with = cluster;
                if (!join(with.alignment, with.keys, unit) || !BlockFlow(region_, with.alignment).sound()) continue;
                cluster = std::move(with);
                joined = true;
                break;
            }
            if (joined) continue;
            Cluster cluster;
            cluster.alignment.units = {unit.segment};
            cluster.keys = unit.keys;
            for (int i = unit.segment.begin; i < unit.segment.end; ++i) cluster.alignment.slots.push_back({i});
            clusters.push_back(std::move(cluster));
        }
        for (Cluster& cluster : clusters) {
            if (cluster.alignment.units.size() < 2) continue;
            sort_units(cluster.alignment);
            found.push_back(std::move(cluster.alignment));
        }
    }

    /// Adds a unit to an alignment along the longest common subsequence of keys. False if too little is common.
    static bool join(Alignment& alignment, std::vector<std::string>& keys, const NamedUnit& unit) {
        const std::size_t rows = keys.size(), columns = unit.keys.size();
        std::vector<std::vector<int>> longest(rows + 1, std::vector<int>(columns + 1, 0));
        for (std::size_t i = rows; i-- > 0;) {
            for (std::size_t j = columns; j-- > 0;) {
                longest[i][j] = keys[i] == unit.keys[j] ? longest[i + 1][j + 1] + 1
                                                        : std::max(longest[i + 1][j], longest[i][j + 1]);
            }
        }
        const auto common = static_cast<std::size_t>(longest[0][0]);
        if (common * 10 < 6 * columns || common * 2 < rows) return false;
        std::vector<std::vector<int>> slots;
        std::vector<std::string> merged;
        const std::vector<int> nobody(alignment.units.size(), -1);
        std::size_t i = 0, j = 0;
        while (i < rows || j < columns) {
            const bool both = i < rows && j < columns && keys[i] == unit.keys[j];
            const bool theirs = !both && i < rows && (j == columns || longest[i + 1][j] >= longest[i][j + 1]);
            slots.push_back(both || theirs ? alignment.slots[i] : nobody);
            slots.back().push_back(theirs ? -1 : unit.segment.begin + static_cast<int>(j));
            merged.push_back(both || theirs ? keys[i] : unit.keys[j]);
            if (both || theirs) ++i;
            if (!theirs) ++j;
        }
        alignment.units.push_back(unit.segment);
        alignment.slots = std::move(slots);
        keys = std::move(merged);
        return true;
    }

    /// In the order of the file.
    static void sort_units(Alignment& alignment) {
        std::vector<std::size_t> order(alignment.units.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::sort(order.begin(), order.end(),
                  [&](std::size_t a, std::size_t b) { return alignment.units[a].begin < alignment.units[b].begin; });
        Alignment sorted;
        for (std::size_t unit : order) sorted.units.push_back(alignment.units[unit]);
        for (const std::vector<int>& slot : alignment.slots) {
            std::vector<int>& to = sorted.slots.emplace_back();
            for (std::size_t unit : order) to.push_back(slot[unit]);
        }
        alignment = std::move(sorted);
    }

    const Region& region_;
    const SegmentFinder& finder_;
    std::vector<std::string> names_, keys_;
};

}  // namespace

std::vector<Alignment> units_by_name(const Region& region, const SegmentFinder& finder) {
    return UnitFinder(region, finder).find();
}

}  // namespace halcyon::importers
