#include "importers/segments.h"

#include <algorithm>

#include <fmt/format.h>

namespace halcyon::importers {

SegmentFinder::SegmentFinder(const Region& region)
    : region_(region), producer_(static_cast<std::size_t>(region.value_count), -1),
      last_reader_(static_cast<std::size_t>(region.value_count), -1) {
    for (std::size_t i = 0; i < region.body.size(); ++i) {
        producer_[static_cast<std::size_t>(region.body[i].output)] = static_cast<int>(i);
        for (int input : region.body[i].inputs) last_reader_[static_cast<std::size_t>(input)] = static_cast<int>(i);
    }
    for (const auto& [name, value] : region.outputs)
        last_reader_[static_cast<std::size_t>(value)] = static_cast<int>(region.body.size());
}

std::optional<Segment> SegmentFinder::closed(int begin, int end) const {
    Segment segment{begin, end, {}, -1};
    for (int i = begin; i < end; ++i) {
        const Statement& statement = region_.body[static_cast<std::size_t>(i)];
        if (statement.kind != Statement::Kind::call || statement.shared >= 0) return std::nullopt;
        for (int input : statement.inputs) {
            const bool known = std::find(segment.inputs.begin(), segment.inputs.end(), input) != segment.inputs.end();
            if (producer(input) < begin && !known) segment.inputs.push_back(input);
        }
        if (segment.inputs.size() > most_inputs) return std::nullopt;
        if (last_reader(statement.output) < end) continue;
        if (segment.output >= 0) return std::nullopt;
        segment.output = statement.output;
    }
    if (segment.output < 0 || segment.inputs.empty()) return std::nullopt;
    return segment;
}

std::string key_of(const Statement& statement) {
    if (statement.kind != Statement::Kind::call || statement.shared >= 0) return "";
    if (statement.block >= 0) return fmt::format("block {} {}", statement.block, statement.inputs.size());
    std::string key(statement.layer->def->name);
    if (statement.layer->operation != 0) {
        key += fmt::format(" operator {}{}{}", statement.layer->operation, statement.layer->number_left ? "r" : "",
                           statement.arguments.contains("number") ? "n" : "");
        if (statement.layer->operation == '[') key += *statement.layer->number.string();
    }
    return fmt::format("{} {}", key, statement.inputs.size());
}

}  // namespace halcyon::importers
