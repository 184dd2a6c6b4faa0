// The child's side: everything here runs in a guarded process.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "formats/common/keras_contents.h"
#include "formats/common/keras_layout.h"
#include "formats/common/zip_archive.h"
#include "support/checked.h"

namespace halcyon {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_json = std::size_t{1} << 26;
constexpr int deepest_json = 128;

FormatError damaged(std::string message) {
    return {.code = Code::bad_keras_file, .message = std::move(message)};
}

/// The parts of a file of whichever kind.
struct Parts {
    std::string architecture, keras_version;
    std::string unpacked;   ///< of a zip archive
    std::string_view hdf5;  ///< empty: no weights at all
};

std::optional<FormatError> check_json(const std::string& text, std::string_view name) {
    int depth = 0;
    int deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string && c == '\\') ++i;
        if (c == '"') in_string = !in_string;
        if (in_string) continue;
        if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
        if (c == '}' || c == ']') --depth;
    }
    if (deepest > deepest_json) return damaged(fmt::format("{} is nested more than {} deep", name, deepest_json));
    if (!is_utf8(text) || !Json::accept(text)) return damaged(fmt::format("{} is not JSON", name));
    return std::nullopt;
}

/// Keras's archive has three parts and perhaps a folder of assets, which no layer that Halcyon has needs.
std::optional<FormatError> read_archive(std::string_view file, Parts& parts) {
    const auto opened = ZipArchive::open(file);
    if (const auto* mistake = std::get_if<FormatError>(&opened)) return *mistake;
    const auto& archive = std::get<ZipArchive>(opened);
    std::set<std::string_view> names;
    std::string metadata;
    for (const ZipArchive::Entry& entry : archive.entries()) {
        const std::string shown = printable(entry.name);
        if (!names.insert(entry.name).second) return damaged(fmt::format("entry '{}' is there twice", shown));
        std::string* part = entry.name == "config.json"        ? &parts.architecture
                            : entry.name == "metadata.json"    ? &metadata
                            : entry.name == "model.weights.h5" ? &parts.unpacked
                                                               : nullptr;
        if (part == nullptr) {
            if (entry.name.starts_with("assets/") && entry.name.find("..") == std::string::npos) continue;
            return damaged(fmt::format("entry '{}' has no place in a .keras file", shown));
        }
        const auto most = part == &parts.unpacked ? static_cast<std::uint64_t>(most_unpacked_bytes(file.size()))
                                                  : std::uint64_t{longest_json};
        if (entry.size > most) return damaged(fmt::format("entry '{}' is too large: {} bytes", shown, entry.size));
        auto bytes = archive.unpack(entry);
        if (auto* mistake = std::get_if<FormatError>(&bytes)) return *mistake;
        *part = std::get<std::string>(std::move(bytes));
    }
    for (const std::string_view name : {"config.json", "metadata.json", "model.weights.h5"}) {
        if (!names.contains(name)) return damaged(fmt::format("the archive has no entry '{}'", name));
    }
    if (auto mistake = check_json(metadata, "metadata.json")) return mistake;
    const Json json = Json::parse(metadata);
    const auto version = json.is_object() ? json.find("keras_version") : json.end();
    if (version != json.end() && version->is_string()) parts.keras_version = printable(version->get<std::string>());
    parts.hdf5 = parts.unpacked;
    if (!looks_like_hdf5(parts.hdf5)) return damaged("model.weights.h5 is no HDF5 file");
    return std::nullopt;
}

std::string text_attribute(const Hdf5Group& group, const std::string& name) {
    const auto found = group.texts.find(name);
    return found == group.texts.end() || found->second.size() != 1 ? std::string() : found->second.front();
}

std::string version_of(const Hdf5Group& root) {
    std::string version = text_attribute(root, "keras_version");
    const auto weights = root.groups.find("model_weights");
    if (version.empty() && weights != root.groups.end()) version = text_attribute(weights->second, "keras_version");
    return version.empty() ? version : printable(version);
}

Json describe(const std::vector<KerasLayerPlace>& layers, std::int64_t& bytes) {
    Json list = Json::array();
    for (const KerasLayerPlace& layer : layers) {
        Json tensors = Json::array();
        for (const KerasLayerPlace::Tensor& tensor : layer.tensors) {
            tensors.push_back({{"name", tensor.name},
                               {"type", static_cast<int>(tensor.dataset->type)},
                               {"shape", tensor.dataset->shape},
                               {"offset", bytes}});
            bytes += tensor.dataset->bytes;
        }
        list.push_back({{"place", layer.place},
                        {"names", layer.names},
                        {"class", layer.class_name},
                        {"tensors", std::move(tensors)}});
    }
    return list;
}

std::optional<FormatError> check_sizes(const std::vector<KerasLayerPlace>& layers, std::int64_t most) {
    std::int64_t bytes = 0;
    for (const KerasLayerPlace& layer : layers) {
        for (const KerasLayerPlace::Tensor& tensor : layer.tensors) {
            if (tensor.dataset->unreadable) return tensor.dataset->unreadable;
            const auto sum = checked_add(bytes, tensor.dataset->bytes);
            if (!sum || *sum > most) return damaged("its weights claim more numbers than the file can hold");
            bytes = *sum;
        }
    }
    return std::nullopt;
}

/// Room for `bytes` of numbers in front of the header.
char* begin_answer(const AnswerMemory& answer, std::int64_t bytes, const Json& header) {
    const std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
    const auto numbers = static_cast<std::size_t>(bytes);
    const std::uint64_t length = text.size();
    char* memory = answer(numbers + text.size() + sizeof length);
    if (memory == nullptr) return nullptr;
    text.copy(memory + numbers, text.size());
    std::memcpy(memory + numbers + text.size(), &length, sizeof length);
    return memory;
}

std::optional<FormatError> read_into(std::string_view file, const AnswerMemory& answer) {
    Parts parts;
    if (looks_like_hdf5(file)) {
        parts.hdf5 = file;
    } else if (auto mistake = read_archive(file, parts)) {
        mistake->code = Code::bad_keras_file;
        return mistake;
    }
    const auto opened = Hdf5File::open(parts.hdf5);
    if (const auto* mistake = std::get_if<FormatError>(&opened)) return *mistake;
    const auto& hdf5 = std::get<Hdf5File>(opened);
    if (parts.architecture.empty()) parts.architecture = text_attribute(hdf5.root(), "model_config");
    if (parts.keras_version.empty()) parts.keras_version = version_of(hdf5.root());
    if (!parts.architecture.empty()) {
        if (auto mistake = check_json(parts.architecture, "the architecture")) return mistake;
    }
    const auto found = find_keras_layers(hdf5.root(), parts.architecture);
    if (const auto* mistake = std::get_if<FormatError>(&found)) return *mistake;
    const auto& layers = std::get<std::vector<KerasLayerPlace>>(found);
    if (auto mistake = check_sizes(layers, most_unpacked_bytes(file.size()))) return mistake;

    std::int64_t bytes = 0;
    Json list = describe(layers, bytes);
    char* memory = begin_answer(answer, bytes,
                                {{"architecture", std::move(parts.architecture)},
                                 {"keras_version", std::move(parts.keras_version)},
                                 {"layers", std::move(list)}});
    if (memory == nullptr) return damaged("its weights take more memory than there is");
    for (const KerasLayerPlace& layer : layers) {
        for (const KerasLayerPlace::Tensor& tensor : layer.tensors) {
            if (auto mistake = hdf5.read(*tensor.dataset, memory)) return mistake;
            memory += tensor.dataset->bytes;
        }
    }
    return std::nullopt;
}

}  // namespace

std::int64_t most_unpacked_bytes(std::size_t file_bytes) {
    constexpr std::int64_t ratio = 16;
    constexpr std::int64_t always = std::int64_t{1} << 26;
    return static_cast<std::int64_t>(file_bytes) * ratio + always;
}

void answer_with_keras_contents(std::string_view file, const AnswerMemory& answer) {
    if (const auto mistake = read_into(file, answer)) {
        begin_answer(answer, 0, {{"code", static_cast<int>(mistake->code)}, {"problem", mistake->message}});
    }
}

}  // namespace halcyon
