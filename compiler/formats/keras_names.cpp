// How the layers of a Keras file find those of a network.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "formats/common/graph_layers.h"
#include "formats/keras_file.h"

namespace halcyon {
namespace {

using FileLayers = std::vector<KerasLayerWeights>;
using Tensor = KerasLayerWeights::Tensor;
/// For each layer of the file the network's, or null.
using Pairing = std::vector<const GraphLayer*>;

std::string_view weight_part(const Weight& weight) {
    return std::string_view(weight.name).substr(weight.name.rfind('/') + 1);
}

Pairing pair_by_name(const FileLayers& file, const std::vector<GraphLayer>& network) {
    std::map<std::string_view, const GraphLayer*> free;
    for (const GraphLayer& layer : network) free.emplace(layer.name, &layer);
    Pairing pairing(file.size(), nullptr);
    for (std::size_t i = 0; i < file.size(); ++i) {
        for (const std::string& name : file[i].names) {
            // Keras 2 has "/" in names where Keras 3, and who imports from it, has "_".
            std::string flat = name;
            std::ranges::replace(flat, '/', '_');
            auto found = free.find(name);
            if (found == free.end()) found = free.find(flat);
            if (found == free.end()) continue;
            pairing[i] = found->second;
            free.erase(found);
            break;
        }
    }
    return pairing;
}

/// The n-th of a class with the n-th of that class; without classes in the file the n-th with the n-th.
Pairing pair_by_order(const FileLayers& file, const std::vector<GraphLayer>& network) {
    const bool classes = std::ranges::all_of(file, [](const auto& layer) { return !layer.class_name.empty(); });
    std::map<std::string_view, std::vector<const GraphLayer*>> waiting;
    for (const GraphLayer& layer : network)
        waiting[classes ? std::string_view(layer.class_name) : std::string_view()].push_back(&layer);
    std::map<std::string_view, std::size_t> taken;
    Pairing pairing(file.size(), nullptr);
    for (std::size_t i = 0; i < file.size(); ++i) {
        const std::string_view key = classes ? std::string_view(file[i].class_name) : std::string_view();
        const std::vector<const GraphLayer*>& layers = waiting[key];
        const std::size_t n = taken[key]++;
        if (n < layers.size()) pairing[i] = layers[n];
    }
    return pairing;
}

bool is_complete(const Pairing& pairing, std::size_t network_layers) {
    return pairing.size() == network_layers && std::ranges::find(pairing, nullptr) == pairing.end();
}

/// The tensors of a layer in the network's order of its weights; null for what is missing. Those behind are left over.
std::vector<const Tensor*> arrange(const KerasLayerWeights& from, const GraphLayer& to) {
    std::vector<const Tensor*> tensors;
    for (const Tensor& tensor : from.tensors) tensors.push_back(&tensor);
    std::vector<const Tensor*> arranged(to.weights.size(), nullptr);
    for (std::size_t i = 0; i < to.weights.size(); ++i) {
        const auto named =
            std::ranges::find(tensors, weight_part(to.weights[i]), [](const Tensor* t) { return t->name; });
        if (named == tensors.end()) continue;
        arranged[i] = *named;
        tensors.erase(named);
    }
    // Numbered weights, and names that Keras has changed since, go by their order.
    auto rest = tensors.begin();
    for (const Tensor*& place : arranged) {
        if (place == nullptr && rest != tensors.end()) place = *rest++;
    }
    arranged.insert(arranged.end(), rest, tensors.end());
    return arranged;
}

bool shapes_agree(const FileLayers& file, const Pairing& pairing) {
    for (std::size_t i = 0; i < file.size(); ++i) {
        const std::vector<const Tensor*> arranged = arrange(file[i], *pairing[i]);
        const std::vector<Weight>& weights = pairing[i]->weights;
        if (arranged.size() != weights.size()) return false;
        for (std::size_t k = 0; k < weights.size(); ++k) {
            if (arranged[k] == nullptr || arranged[k]->value.shape != weights[k].shape) return false;
        }
    }
    return true;
}

/// Adds a tensor that pairs with nothing, under the name that the file has for it.
void add_left_over(const KerasLayerWeights& layer, const Tensor& tensor, std::size_t index,
                   std::map<std::string, StoredTensor>& tensors) {
    const std::string part = tensor.name.empty() ? fmt::format("vars/{}", index) : tensor.name;
    const std::string& owner = layer.names.empty() || tensor.name.empty() ? layer.place : layer.names.front();
    std::string name = fmt::format("{}/{}", owner, part);
    if (tensors.contains(name)) name = fmt::format("{}/{}", layer.place, part);
    while (tensors.contains(name)) name += "'";
    tensors.emplace(std::move(name), tensor.value);
}

std::map<std::string, StoredTensor> rename(const FileLayers& file, const Pairing& pairing) {
    std::map<std::string, StoredTensor> tensors;
    std::set<const Tensor*> used;
    for (std::size_t i = 0; i < file.size(); ++i) {
        if (pairing[i] == nullptr) continue;
        const std::vector<const Tensor*> arranged = arrange(file[i], *pairing[i]);
        for (std::size_t k = 0; k < pairing[i]->weights.size(); ++k) {
            if (arranged[k] == nullptr) continue;
            tensors.emplace(pairing[i]->weights[k].name, arranged[k]->value);
            used.insert(arranged[k]);
        }
    }
    for (std::size_t i = 0; i < file.size(); ++i) {
        for (std::size_t k = 0; k < file[i].tensors.size(); ++k) {
            const Tensor& tensor = file[i].tensors[k];
            if (!used.contains(&tensor)) add_left_over(file[i], tensor, k, tensors);
        }
    }
    return tensors;
}

}  // namespace

TensorFile KerasFile::named_for(const Graph& graph, bool* paired_by_order) const {
    const std::vector<GraphLayer> network = keras_order(graph);
    Pairing pairing = pair_by_name(layers_, network);
    bool by_order = false;
    if (!is_complete(pairing, network.size())) {
        Pairing ordered = pair_by_order(layers_, network);
        by_order = is_complete(ordered, network.size()) && shapes_agree(layers_, ordered);
        if (by_order) pairing = std::move(ordered);
    }
    if (paired_by_order != nullptr) *paired_by_order = by_order;
    TensorFile file;
    file.path_ = path_;
    file.storage_ = storage_;
    file.file_bytes_ = file_bytes_;
    file.tensors_ = rename(layers_, pairing);
    return file;
}

}  // namespace halcyon
