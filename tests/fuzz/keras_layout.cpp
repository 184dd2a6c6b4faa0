#include "formats/common/keras_layout.h"

#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <set>

#include "input.h"

using namespace halcyon;

namespace {

std::string take_name(FuzzedDataProvider& data) {
    static constexpr std::array<const char*, 18> words{"layers",
                                                       "vars",
                                                       "0",
                                                       "1",
                                                       "model_weights",
                                                       "layer_names",
                                                       "weight_names",
                                                       "conv2d",
                                                       "dense",
                                                       "conv2d_1",
                                                       "dense/kernel:0",
                                                       "kernel:0",
                                                       "top_level_model_weights",
                                                       "optimizer",
                                                       "name",
                                                       "seed_generator",
                                                       "layer_names0",
                                                       "_layer_checkpoint_dependencies"};
    const auto choice = data.ConsumeIntegralInRange<std::size_t>(0, words.size());
    return choice < words.size() ? words[choice] : data.ConsumeRandomLengthString(12);
}

/// A tree as Hdf5File would give, of any names.
void fill(FuzzedDataProvider& data, Hdf5Group& group, int depth) {
    for (int i = data.ConsumeIntegralInRange(0, 3); i > 0; --i) {
        std::vector<std::string>& texts = group.texts[take_name(data)];
        for (int k = data.ConsumeIntegralInRange(0, 3); k > 0; --k) texts.push_back(take_name(data));
    }
    for (int i = data.ConsumeIntegralInRange(0, 3); i > 0; --i) {
        const std::string name = take_name(data);
        group.datasets[name].path = group.path + "/" + name;
    }
    for (int i = depth < 6 ? data.ConsumeIntegralInRange(0, 3) : 0; i > 0; --i) {
        const std::string name = take_name(data);
        Hdf5Group& inner = group.groups[name];
        inner.path = group.path.empty() ? name : group.path + "/" + name;
        fill(data, inner, depth + 1);
    }
}

void count(const Hdf5Group& group, std::set<const Hdf5Dataset*>& datasets) {
    for (const auto& [name, dataset] : group.datasets) datasets.insert(&dataset);
    for (const auto& [name, inner] : group.groups) count(inner, datasets);
}

}  // namespace

// Whatever the groups are called, layers have tensors, and those are the file's.
int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    FuzzedDataProvider data(bytes, size);
    Hdf5Group root;
    fill(data, root, 0);
    const std::string architecture = data.ConsumeRemainingBytesAsString();
    const auto found = find_keras_layers(root, architecture);
    if (const auto* mistake = std::get_if<FormatError>(&found)) {
        require(!mistake->message.empty());
        return 0;
    }
    std::set<const Hdf5Dataset*> datasets;
    count(root, datasets);
    for (const KerasLayerPlace& layer : std::get<std::vector<KerasLayerPlace>>(found)) {
        require(!layer.tensors.empty());
        for (const KerasLayerPlace::Tensor& tensor : layer.tensors) require(datasets.contains(tensor.dataset));
    }
    return 0;
}
