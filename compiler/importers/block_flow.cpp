#include "importers/block_flow.h"

#include <algorithm>

#include "importers/propose_block.h"

namespace halcyon::importers {
namespace {

constexpr int nowhere = -1000;

}  // namespace

BlockFlow::BlockFlow(const Region& region, const Alignment& alignment) : region_(region), alignment_(alignment) {
    const std::size_t inputs = alignment.units.front().inputs.size();
    const bool alike = std::all_of(alignment.units.begin(), alignment.units.end(),
                                   [&](const Segment& unit) { return unit.inputs.size() == inputs; });
    sound_ = alike && find_sources() && find_runs();
}

std::size_t BlockFlow::input_count() const {
    return alignment_.units.front().inputs.size();
}

const std::vector<int>& BlockFlow::inputs(std::size_t unit) const {
    return alignment_.units[unit].inputs;
}

bool BlockFlow::present(int slot, std::size_t unit) const {
    return alignment_.slots[static_cast<std::size_t>(slot)][unit] >= 0;
}

int BlockFlow::source_of(std::size_t unit, int value) const {
    const std::vector<int>& inputs = alignment_.units[unit].inputs;
    const auto found = std::find(inputs.begin(), inputs.end(), value);
    if (found != inputs.end()) return input(static_cast<int>(found - inputs.begin()));
    for (std::size_t slot = 0; slot < alignment_.slots.size(); ++slot) {
        const int index = alignment_.slots[slot][unit];
        if (index >= 0 && region_.body[static_cast<std::size_t>(index)].output == value) return static_cast<int>(slot);
    }
    return nowhere;
}

/// What all units read in one place, as one source. Where a unit lacks that line, it reads what stands for it.
bool BlockFlow::merge(const std::vector<int>& actual, const std::vector<std::size_t>& units, int& merged) {
    merged = *std::max_element(actual.begin(), actual.end());
    for (std::size_t i = 0; i < actual.size(); ++i) {
        if (actual[i] == nowhere) return false;
        if (actual[i] == merged) continue;
        if (merged < 0 || present(merged, units[i])) return false;
        substitutes_.push_back({merged, units[i], actual[i]});
    }
    return true;
}

bool BlockFlow::find_sources() {
    const std::size_t unit_count = alignment_.units.size();
    for (const std::vector<int>& slot : alignment_.slots) {
        std::vector<std::size_t> units;
        for (std::size_t unit = 0; unit < unit_count; ++unit) {
            if (slot[unit] >= 0) units.push_back(unit);
        }
        const auto statement = [&](std::size_t unit) -> const Statement& {
            return region_.body[static_cast<std::size_t>(slot[unit])];
        };
        std::vector<int>& sources = sources_.emplace_back();
        for (std::size_t place = 0; place < statement(units.front()).inputs.size(); ++place) {
            std::vector<int> actual;
            for (std::size_t unit : units) actual.push_back(source_of(unit, statement(unit).inputs[place]));
            int merged = 0;
            if (!merge(actual, units, merged)) return false;
            sources.push_back(merged);
        }
    }
    std::vector<int> actual;
    std::vector<std::size_t> units;
    for (std::size_t unit = 0; unit < unit_count; ++unit) {
        actual.push_back(source_of(unit, alignment_.units[unit].output));
        units.push_back(unit);
    }
    return merge(actual, units, output_) && output_ >= 0;
}

bool BlockFlow::find_runs() {
    const auto slot_count = static_cast<int>(alignment_.slots.size());
    const auto presence = [&](int slot) {
        std::vector<bool> mask;
        for (int index : alignment_.slots[static_cast<std::size_t>(slot)]) mask.push_back(index >= 0);
        return mask;
    };
    for (int slot = 0; slot < slot_count;) {
        Run run{slot, slot + 1, presence(slot), -1, nowhere};
        const bool always = std::all_of(run.present.begin(), run.present.end(), [](bool there) { return there; });
        while (!always && run.end < slot_count && presence(run.end) == run.present) ++run.end;
        slot = run.end;
        if (!always) runs_.push_back(std::move(run));
    }
    for (Run& run : runs_) {
        const auto inside = [&](int source) { return source >= run.begin && source < run.end; };
        const auto read_outside = [&](int source) {
            if (!inside(source) || source == run.result) return true;
            if (run.result >= 0) return false;
            run.result = source;
            return true;
        };
        for (int slot = 0; slot < slot_count; ++slot) {
            if (inside(slot)) continue;
            for (int source : sources_[static_cast<std::size_t>(slot)]) {
                if (!read_outside(source)) return false;
            }
        }
        if (!read_outside(output_) || run.result != run.end - 1 || !choose_passing(run)) return false;
    }
    return true;
}

/// The value from before the run that all units without it read instead of its result.
bool BlockFlow::choose_passing(Run& run) {
    for (int slot = run.begin; slot < run.end; ++slot) {
        for (int candidate : sources_[static_cast<std::size_t>(slot)]) {
            if (candidate >= run.begin) continue;
            const bool fits = std::all_of(substitutes_.begin(), substitutes_.end(), [&](const Substitute& each) {
                const bool ours = each.line >= run.begin && each.line < run.end;
                return !ours || resolved(each.unit, candidate) == each.actual;
            });
            if (!fits) continue;
            run.passing = candidate;
            return true;
        }
    }
    return false;
}

int BlockFlow::resolved(std::size_t unit, int source) const {
    while (source >= 0 && !present(source, unit)) {
        const auto run = std::find_if(runs_.begin(), runs_.end(),
                                      [&](const Run& each) { return source >= each.begin && source < each.end; });
        if (run == runs_.end() || run->passing == nowhere) return nowhere;
        source = run->passing;
    }
    return source;
}

int BlockFlow::value(std::size_t unit, int source) const {
    source = resolved(unit, source);
    if (source < 0) return alignment_.units[unit].inputs[static_cast<std::size_t>(-1 - source)];
    return region_.body[static_cast<std::size_t>(alignment_.slots[static_cast<std::size_t>(source)][unit])].output;
}

}  // namespace halcyon::importers
