#include "commands/common/list_weights.h"

#include <fmt/format.h>

#include <algorithm>

namespace halcyon {
namespace {

std::string range_of(const Array& array) {
    if (array.size() == 0) return "";
    const auto [low, high] = std::minmax_element(array.values().begin(), array.values().end());
    return fmt::format("{:.4g} .. {:.4g}", *low, *high);
}

}  // namespace

std::optional<Listing> list_weights(const Graph& layers, const std::string& spec_path, const WeightOptions& options,
                                    Diagnostics& diag) {
    Listing listing({{"name", "weight"}, {"shape", "shape"}, {"type", "type"}, {"range", "range"}, {"state", "state"}});
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
            listing.add({weight.name, to_text(weight.shape), std::string(to_text(tensor.type)),
                         range_of(to_array(tensor)), state});
            others.erase(stored);
        } else if (options.initialize) {
            listing.add({weight.name, to_text(weight.shape), to_text(weight.initializer),
                         range_of(initialize(weight, *options.initialize)), "initialized"});
        } else {
            listing.add({weight.name, to_text(weight.shape), nullptr, nullptr, "missing"});
        }
    }
    for (const auto& [name, tensor] : others) {
        listing.add(
            {name, to_text(tensor.shape), std::string(to_text(tensor.type)), range_of(to_array(tensor)), "left over"});
    }
    return listing;
}

}  // namespace halcyon
