#include "commands/common/list_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/common/parsed_tensors.h"

namespace halcyon {
namespace {

/// Of the finite numbers; null where there are none.
struct Range {
    nlohmann::ordered_json min, max, mean;
    std::int64_t not_finite = 0;
};

Range range_of(const Array& array) {
    double low = INFINITY;
    double high = -INFINITY;
    double sum = 0.0;
    std::int64_t count = 0;
    for (const double value : array.values()) {
        if (!std::isfinite(value)) continue;
        low = std::min(low, value);
        high = std::max(high, value);
        sum += value;
        ++count;
    }
    Range range{.min = nullptr, .max = nullptr, .mean = nullptr, .not_finite = array.size() - count};
    if (count > 0) {
        range.min = low;
        range.max = high;
        range.mean = sum / static_cast<double>(count);
    }
    return range;
}

void add_row(Listing& listing, const std::string& name, const Shape& shape, std::string_view type, const Array& array,
             std::string state) {
    Range range = range_of(array);
    if (range.not_finite > 0) {
        if (!state.empty()) state += "; ";
        state += fmt::format("{} of {} not finite", range.not_finite, array.size());
    }
    listing.add({name, shape, std::string(type), std::move(range.min), std::move(range.max), std::move(range.mean),
                 std::move(state)});
}

}  // namespace

std::optional<Listing> list_weights(const Graph& layers, const std::string& spec_path, const WeightOptions& options,
                                    Diagnostics& diag) {
    Listing listing({{"name", "weight"},
                     {"shape", "shape"},
                     {"type", "type"},
                     {"min", ">min"},
                     {"max", ">max"},
                     {"mean", ">mean"},
                     {"state", "state"}});
    const std::string path = !options.file.empty() ? options.file
                             : options.initialize  ? std::string()
                                                   : weights_file_beside(spec_path);
    std::optional<TensorFile> file;
    if (!path.empty()) {
        file = open_weights(path, layers, diag);
        if (!file) return std::nullopt;
    }
    std::map<std::string, StoredTensor> others = file ? file->tensors() : std::map<std::string, StoredTensor>();
    for (const Weight& weight : weights_of(layers)) {
        const auto stored = others.find(weight.name);
        if (stored != others.end()) {
            const StoredTensor& tensor = stored->second;
            const std::string state =
                tensor.shape == weight.shape ? "" : fmt::format("misshapen: {} in the file", to_text(tensor.shape));
            add_row(listing, weight.name, weight.shape, to_text(tensor.type), to_array(tensor), state);
            others.erase(stored);
        } else if (options.initialize) {
            add_row(listing, weight.name, weight.shape, to_text(weight.initializer),
                    initialize(weight, *options.initialize), "initialized");
        } else {
            listing.add({weight.name, weight.shape, nullptr, nullptr, nullptr, nullptr, "missing"});
        }
    }
    for (const auto& [name, tensor] : others)
        add_row(listing, printable(name), tensor.shape, to_text(tensor.type), to_array(tensor), "left over");
    return listing;
}

}  // namespace halcyon
